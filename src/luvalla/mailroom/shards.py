"""Cutting a campaign's audience into shards when its sending begins."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.mailroom.models import Shard
from luvalla.register.facts import shares_of_audience

LARGEST: Final = 25_000
SMALLEST: Final = 500
PIECES: Final = 8
"""A small audience is cut into about so many, so that two workers have something to share."""
SAMPLE: Final = LARGEST * PIECES


def make_shards(*, campaign: Campaign, actor: Actor) -> int:
    """Cut the audience as it is now and tell how many shards there are. Done once: called again it changes nothing."""
    if Shard.objects.filter(campaign=campaign).exists():
        return Shard.objects.filter(campaign=campaign).count()
    shares = shares_of_audience(campaign.audience_id, LARGEST)
    contacts = sum(each.contacts for each in shares)
    if contacts < SAMPLE:
        shares = shares_of_audience(campaign.audience_id, max(SMALLEST, -(-contacts // PIECES)))
    with transaction.atomic():
        Lifecycle.objects.select_for_update().get(campaign=campaign)
        if not Shard.objects.filter(campaign=campaign).exists():
            Shard.objects.bulk_create(
                Shard(campaign=campaign, low=each.low, high=each.high, cursor=each.low, contacts=each.contacts)
                for each in shares
            )
            facts = {"shards": len(shares), "contacts": contacts}
            record("mailroom.make_shards", actor=actor, subject=Subject("campaign", str(campaign.ref)), facts=facts)
    return Shard.objects.filter(campaign=campaign).count()
