"""A sending with a bit of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.mailroom.models import Delivery, Relay, Shard, Withheld
from luvalla.register.models import Contact
from tests.mailroom.world import World, add_customers, freeze, make_campaign, make_world


@pytest.fixture
def world(db: None) -> World:
    """Record a small organisation."""
    return make_world()


@dataclass(frozen=True, slots=True)
class Sending:
    """A campaign on its way, and its contacts."""

    campaign: Campaign
    contacts: list[Contact]
    shards: list[Shard]


OUTCOMES = (
    ("accepted", "", "250 2.0.0"),
    ("accepted", "", "250 2.0.0"),
    ("deferred", "relay_busy", "451 4.3.0"),
    ("refused", "mailbox_gone", "550 5.1.1"),
    ("unknown", "connection_lost", ""),
    ("expired", "mailbox_full", "452 4.2.2"),
    ("claimed", "", ""),
)


@pytest.fixture
def sending(world: World) -> Sending:
    """Send to seven, with every outcome there is; the gate has refused five, and shards are in every state."""
    contacts = add_customers(world, [f"asiakas{number}@esimerkki.fi" for number in range(len(OUTCOMES))])
    campaign = make_campaign(world)
    freeze(campaign)
    now = timezone.now()
    Lifecycle.objects.filter(campaign=campaign).update(started_at=now - timedelta(minutes=5))
    relay = Relay.objects.create(name="posti.esimerkki.fi", url="smtp://127.0.0.1:25", letters_a_second=25)
    Relay.objects.create(name="smtp.west.example", url="smtps://smtp.west.example", country="US", order=2)
    counts = {state: sum(each[0] == state for each in OUTCOMES) for state, *_ in OUTCOMES}
    counts.pop("claimed")
    edge = contacts[-1].pk + 1
    shards = [
        Shard.objects.create(
            campaign=campaign, low=0, high=edge, cursor=edge, contacts=12, permitted=len(OUTCOMES), owner="me",
            lease_until=now, rate=38, taken_over_at=now, epoch=2, **counts,
        ),
        Shard.objects.create(campaign=campaign, low=edge, high=edge + 9, cursor=edge + 9, contacts=0, done_at=now),
        Shard.objects.create(campaign=campaign, low=edge + 9, high=edge + 99, cursor=edge + 9, contacts=4000),
    ]  # fmt: skip
    Withheld.objects.create(campaign=campaign, shard=shards[0], reason="prohibited", contacts=4)
    Withheld.objects.create(campaign=campaign, shard=shards[0], reason="restricted", contacts=1)
    for contact, (state, reason, code) in zip(contacts, OUTCOMES, strict=True):
        Delivery.objects.create(
            campaign=campaign, contact_id=contact.pk, shard_id=shards[0].pk, epoch=2, state=state, reason=reason,
            code=code, claimed_at=now, relay=relay,
            retry_at=now + timedelta(minutes=2) if state == "deferred" else None,
        )  # fmt: skip
    campaign.refresh_from_db()
    return Sending(campaign, contacts, shards)
