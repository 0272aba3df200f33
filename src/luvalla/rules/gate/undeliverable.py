"""A mailbox that is gone is left in peace for a while (RFC 3463, X.1.1)."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a contact whose mailbox was said to be gone.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(), contact(undeliverable=True))
    <Reason.UNDELIVERABLE: 'undeliverable'>
    """
    del campaign  # every condition has the same form
    return Reason.UNDELIVERABLE if contact.undeliverable else None
