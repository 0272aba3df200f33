"""The wall clock jumps back and forth by hours while workers send: leases are measured by a clock that nobody sets."""

from __future__ import annotations

import os
import random
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError

from tests.faults.conftest import StartRelay
from tests.faults.counting import IN_FLIGHT, assert_exact, count
from tests.faults.sizes import either
from tests.faults.world import add_people, approved, holders, sending, wait_until
from tests.mailroom.world import World

CONTACTS, JUMPS = either(2500, 50_000), either(12, 300)
CONNECTIONS = 4
FURTHEST = 6 * 3600.0
CHANCE = random.Random(25)  # noqa: S311  # where the clock jumps is no secret
JUMPING = """
import mmap, os, struct
from datetime import timedelta

from django.utils import timezone

with open(os.environ["LUVALLA_TEST_CLOCK"], "rb") as file:
    offset = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
true_now = timezone.now
timezone.now = lambda: true_now() + timedelta(seconds=struct.unpack("d", offset[:])[0])
"""
"""What Python runs first in each worker: its wall clock is off by what a file says at the moment."""


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the workers' wall clock be off by so many seconds, which may change at any time."""
    place, folder = tmp_path / "offset", tmp_path / "first"
    place.write_bytes(struct.pack("d", 0.0))
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(JUMPING)
    monkeypatch.setenv("LUVALLA_TEST_CLOCK", str(place))
    monkeypatch.syspath_prepend(str(folder))

    def set_it(seconds: float) -> None:
        with place.open("r+b") as file:
            file.write(struct.pack("d", seconds))

    return set_it


def test_jumps_of_the_wall_clock_lose_nobody_and_send_nothing_twice(
    open_world: World, start_relay: StartRelay, set_clock: Callable[[float], None]
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.05)
    campaign = approved(open_world, box, connections=CONNECTIONS, letters_a_second=either(700, 2000))
    kills = 0
    with sending(campaign) as thread:
        wait_until(lambda: len(box.taken()) > 50)
        for jump in range(JUMPS):
            set_clock(CHANCE.uniform(-FURTHEST, FURTHEST))
            time.sleep(CHANCE.uniform(0.05, 0.3))
            if jump % 4 == 0 and thread.is_alive():
                kills += kill_one()
        set_clock(0.0)
    counts = count(campaign, box, people)
    counts.tell("clock jumps", jumps=JUMPS, workers_killed_meanwhile=kills)
    assert kills
    # A worker holds all of the relay's connections while its neighbour, just killed, is not replaced yet.
    assert_exact(campaign, counts, most_unknown=kills * CONNECTIONS * IN_FLIGHT)


def kill_one() -> int:
    """Kill a worker that holds a shard, so that a lease from another hour has to be judged."""
    try:
        alive = holders()
    except DatabaseError:
        return 0
    if alive:
        os.kill(alive[0], signal.SIGKILL)
    return len(alive[:1])
