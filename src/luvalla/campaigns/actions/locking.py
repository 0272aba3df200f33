"""The lock under which everything is done to a campaign, and its name in the ledger."""

from __future__ import annotations

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actions import Subject


def subject_of(campaign: Campaign) -> Subject:
    """Name a campaign as the ledger does."""
    return Subject("campaign", str(campaign.ref))


def locked(campaign: Campaign) -> Lifecycle:
    """Lock the campaign's row of the lifecycle for the caller's transaction, and give it as it is now."""
    return Lifecycle.objects.select_for_update().get(pk=campaign.pk)
