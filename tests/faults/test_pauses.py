"""Pause, resume and cancel in a storm, while workers send."""

from __future__ import annotations

import random
import time

from luvalla.campaigns.actions import cancel_campaign, pause_campaign, resume_campaign
from luvalla.campaigns.errors import CampaignError
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.sender import send_campaign
from tests.faults.conftest import StartRelay
from tests.faults.counting import assert_exact, count
from tests.faults.postbox import Postbox
from tests.faults.sizes import either
from tests.faults.world import add_people, approved, in_thread, sending, wait_until
from tests.mailroom.world import World, assert_sums_are_whole

CONTACTS = either(2500, 100_000)
STEPS = either(12, 200)
A_SECOND = 1.0
CHANCE = random.Random(3)  # noqa: S311  # when somebody presses a button is no secret


def storm(campaign: Campaign) -> tuple[int, int]:
    """Pause and resume at random; tell how many pauses and resumptions were carried out."""
    done = {pause_campaign: 0, resume_campaign: 0}
    for _ in range(STEPS):
        step = CHANCE.choice([pause_campaign, resume_campaign])
        try:
            step(campaign=campaign, actor=OPERATOR)
            done[step] += 1
        except CampaignError:  # what is paused already can't be paused
            pass
        time.sleep(CHANCE.uniform(0.0, 0.2))
    return done[pause_campaign], done[resume_campaign]


def state(campaign: Campaign) -> str:
    return Lifecycle.objects.get(campaign=campaign).state


def letters_after(box: Postbox, moment: float) -> int:
    return sum(each.mailed_at > moment for each in box.taken())


def test_a_storm_of_pauses_and_resumptions_loses_nobody_and_a_pause_holds(
    open_world: World, start_relay: StartRelay
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.05)
    campaign = approved(open_world, box, letters_a_second=either(800, 3000))
    first = in_thread(lambda: send_campaign(campaign.pk, workers=2, actor=OPERATOR))
    wait_until(lambda: len(box.taken()) > 50)
    pauses, resumptions = storm(campaign)
    if state(campaign) == "sending":
        pause_campaign(campaign=campaign, actor=OPERATOR)
    moment = time.monotonic() + A_SECOND
    first.join(60)
    time.sleep(max(0.0, moment + 0.5 - time.monotonic()))
    assert letters_after(box, moment) == 0, "letters began while the campaign was paused"
    assert not Delivery.objects.filter(state="claimed").exists()
    with sending(campaign):
        pass
    counts = count(campaign, box, people)
    counts.tell("pauses and resumptions", pauses=pauses, resumptions=resumptions)
    assert pauses
    assert resumptions
    assert_exact(campaign, counts, most_unknown=0)


def test_a_campaign_that_is_cancelled_in_the_middle_begins_no_letter_a_second_later(
    open_world: World, start_relay: StartRelay
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.05)
    campaign = approved(open_world, box, letters_a_second=either(800, 3000))
    with sending(campaign):
        wait_until(lambda: len(box.taken()) > CONTACTS // 5)
        cancel_campaign(campaign=campaign, actor=OPERATOR)
        moment = time.monotonic() + A_SECOND
    counts = count(campaign, box, people, is_whole=False)
    counts.tell("cancelled in the middle")
    assert letters_after(box, moment) == 0
    assert (counts.lost, counts.double) == (0, 0)
    assert counts.states["accepted"] == counts.taken < CONTACTS
    assert (counts.states["claimed"], counts.states["unknown"]) == (0, 0)
    assert not Shard.objects.exclude(owner="").exists()
    assert_sums_are_whole(campaign)
