"""A prohibition of the letter's purpose is absolute (GDPR 21(3))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse when the data subject has forbidden what this purpose is.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> from luvalla.rules.purposes import Prohibited
    >>> refuses(campaign(), contact(prohibited=Prohibited.DIRECT_MARKETING))
    <Reason.PROHIBITED: 'prohibited'>
    >>> refuses(campaign(), contact(prohibited=Prohibited.RESEARCH))
    """
    return Reason.PROHIBITED if campaign.forbidden_by & contact.prohibited else None
