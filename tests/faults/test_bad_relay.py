"""A relay that misbehaves at random, and one that dies and comes back."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.conftest import StartRelay
from tests.faults.counting import IN_FLIGHT, assert_exact, count
from tests.faults.sizes import either, patience
from tests.faults.world import add_people, approved, sending
from tests.mailroom.world import World

CONTACTS = either(800, 50_000)
CONNECTIONS = 4
SHARE = either(6, 1) / 1000
MOODS = {
    "drops connections": {"drop-before-data": SHARE, "drop-during-data": SHARE},
    "closes after the data without an answer": {"drop-after-data": SHARE},
    "answers 4xx and 5xx": {
        "refuse": 0.02, "refuse-data": 0.02, "defer": 0.03, "defer-data": 0.03,
        "refuse-554-5.7.1": 0.01, "busy-421": SHARE, "busy-open-421": 0.01, "busy-data-421": SHARE,
    },
    "stalls": {"stall": SHARE / 2, "stall-after-data": SHARE / 2},
    "talks nonsense": {"garbage": SHARE, "garbage-after-data": SHARE},
}  # fmt: skip
KILLS = either(3, 30)


@pytest.mark.parametrize("mood", MOODS)
def test_a_relay_that_misbehaves_at_random_gets_every_letter_once(
    open_world: World, start_relay: StartRelay, mood: str
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(moods=MOODS[mood])
    campaign = approved(open_world, box, connections=CONNECTIONS)
    with sending(campaign, seconds=90):
        pass
    counts = count(campaign, box, people)
    counts.tell(f"a relay that {mood}", connections_broken=box.breaks())
    assert box.breaks() or "answers" in mood
    assert_exact(campaign, counts, most_unknown=box.breaks() * IN_FLIGHT)
    assert counts.states["accepted"] > CONTACTS // 2


def test_a_relay_that_dies_and_comes_back_gets_every_letter_once(open_world: World, start_relay: StartRelay) -> None:
    chance = random.Random(7)  # noqa: S311  # when it dies is no secret
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.03)
    campaign = approved(open_world, box, connections=CONNECTIONS, letters_a_second=either(300, 1000))
    with sending(campaign, seconds=90):
        for _ in range(KILLS):
            before = len(box.taken())
            box.wait_for(before + 1, seconds=patience(30))
            time.sleep(chance.uniform(0.05, 0.3))
            box.kill()
            time.sleep(chance.uniform(0.05, 0.3))
            box.start()
    counts = count(campaign, box, people)
    most = KILLS * CONNECTIONS * IN_FLIGHT
    counts.tell("a relay that was killed", kills=KILLS, unknown_at_most=most)
    assert_exact(campaign, counts, most_unknown=most)
