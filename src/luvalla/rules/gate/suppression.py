"""Whoever stopped the letters gets none, whatever an export says (GDPR 21(3))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a mailbox or a domain that stands in the suppressions.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(), contact(suppressed=True))
    <Reason.SUPPRESSED: 'suppressed'>
    """
    del campaign  # every condition has the same form
    return Reason.SUPPRESSED if contact.suppressed else None
