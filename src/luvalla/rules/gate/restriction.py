"""Restricted data is stored and otherwise left alone (GDPR 18(2))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a restricted contact.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(), contact(restricted=True))
    <Reason.RESTRICTED: 'restricted'>
    """
    del campaign  # every condition has the same form
    return Reason.RESTRICTED if contact.restricted else None
