"""A whole campaign through Debian's Postfix: our rows and its own log tell the same story."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from pytest_django import Settings

from luvalla.campaigns.models import Campaign
from luvalla.mailroom.models import Delivery, Relay
from luvalla.mailroom.queries import progress
from tests.faults.counting import tell
from tests.faults.sizes import either
from tests.faults.world import add_people, sending
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, freeze, make_campaign
from tests.sending.postfix import running_postfix

pytestmark = [
    pytest.mark.needs_postfix,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can start Postfix"),
]
CONTACTS = either(600, 20_000)


def states(campaign: Campaign) -> dict[str, int]:
    return dict(Counter(Delivery.objects.filter(campaign=campaign).values_list("state", flat=True)))


def test_a_campaign_through_postfix_reaches_everybody_once(open_world: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = ""
    people = add_people(open_world, CONTACTS)
    add_customers(open_world, ["refused@example.com"])
    with running_postfix() as postfix:
        Relay.objects.create(name="postfix", url=f"smtp://127.0.0.1:{postfix.port}", connections=4)
        campaign = make_campaign(open_world, state="approved")
        freeze(campaign)
        with sending(campaign, seconds=90):
            pass
        delivered = postfix.deliveries(CONTACTS, seconds=60)
    tell(f"Postfix: {CONTACTS + 1:,} contacts; our rows: {states(campaign)}; its log: {len(delivered):,} delivered")
    assert states(campaign) == {"accepted": CONTACTS, "refused": 1}
    assert Counter(recipient for _, recipient in delivered) == dict.fromkeys(people.values(), 1)
    assert len({sender for sender, _ in delivered}) == CONTACTS
    assert_sums_are_whole(campaign)
    assert progress(campaign).state == "finished"
