"""A letter has one purpose, and the notice names it (GDPR 5(1)(b))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a purpose outside the closed list.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(purpose="profiling"), contact())
    <Reason.PURPOSE_UNKNOWN: 'purpose_unknown'>
    >>> refuses(campaign(), contact())
    """
    del contact  # every condition has the same form
    return Reason.PURPOSE_UNKNOWN if campaign.purpose not in campaign.purposes else None
