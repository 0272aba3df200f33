"""The first key: the processing needs a basis of its own (GDPR 6(1))."""

from __future__ import annotations

from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason


def refuses(campaign: CampaignFacts, contact: ContactFacts) -> Reason | None:
    """Refuse a purpose for which no basis is recorded.

    >>> from luvalla.rules.gate.examples import campaign, contact
    >>> refuses(campaign(basis=None), contact())
    <Reason.BASIS_MISSING: 'basis_missing'>
    """
    del contact  # every condition has the same form
    return Reason.BASIS_MISSING if campaign.basis is None else None
