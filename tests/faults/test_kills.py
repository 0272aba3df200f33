"""SIGKILL of workers at random moments of one campaign."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path

from django.db import DatabaseError
from pytest_django import Settings

from luvalla.mailroom.models import Shard
from tests.faults.conftest import StartRelay
from tests.faults.counting import IN_FLIGHT, assert_exact, count
from tests.faults.sizes import either
from tests.faults.world import add_people, approved, holders, sending
from tests.mailroom.world import World

CONTACTS, KILLS = either(4000, 100_000), either(8, 100)
WORKERS, CONNECTIONS = either(2, 4), either(4, 8)
DELAY = 0.1
"""Seconds the relay takes for its answers: letters are on the wire whenever a worker is killed."""
BETWEEN = either((0.02, 0.4), (0.02, 1.2))
"""Seconds between two kills: over most of a campaign, not all at its beginning."""
CHANCE = random.Random(20261129)  # noqa: S311  # when to kill is no secret


def kill_some(campaign: threading.Thread) -> int:
    """Kill workers that hold a shard, one after the other; tell how many."""
    kills = 0
    while kills < KILLS and campaign.is_alive():
        time.sleep(CHANCE.uniform(*BETWEEN))
        try:
            alive = holders()
        except DatabaseError:
            continue
        if alive:
            kills += _kill(CHANCE.choice(alive))
    return kills


def _kill(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:  # killed before, and nobody has taken its shard over yet
        return False
    return True


def test_workers_killed_at_random_lose_nobody_and_send_nothing_twice(
    open_world: World, start_relay: StartRelay, settings: Settings
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=DELAY)
    campaign = approved(open_world, box, connections=CONNECTIONS)
    with sending(campaign, workers=WORKERS, seconds=90) as thread:
        kills = kill_some(thread)
    counts = count(campaign, box, people)
    most = kills * (CONNECTIONS // WORKERS) * IN_FLIGHT
    counts.tell("workers killed", kills=kills, unknown_at_most=most)
    assert kills == KILLS
    assert Shard.objects.filter(taken_over_at__isnull=False).exists()
    assert list((Path(settings.LUVALLA_HOME) / "journal").iterdir()) == []
    assert_exact(campaign, counts, most_unknown=most)
