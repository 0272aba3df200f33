"""A disk that fills up in the middle of a campaign, and has room again later."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.faults.conftest import StartRelay
from tests.faults.counting import assert_exact, count
from tests.faults.places import database_at, small_disk
from tests.faults.sizes import either, patience
from tests.faults.world import add_people, approved, sending
from tests.mailroom.world import World
from tests.support.needs import missing

CONTACTS, TIMES = either(3000, 60_000), either(2, 10)
MEGABYTES = either(60, 300)


@pytest.fixture
def disk(open_world: World, settings: Settings) -> Iterator[Path]:
    """Move the test's database and its home to a small disk of their own."""
    if connection.vendor != "sqlite":
        pytest.skip("the disk that fills up holds SQLite's file; a server of PostgreSQL has its own")
    try:
        with small_disk(MEGABYTES) as place:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(place / "luvalla.sqlite3")])
            shutil.copytree(settings.LUVALLA_HOME, place / "home", ignore=shutil.ignore_patterns("*.sqlite3*"))
            settings.LUVALLA_HOME = place / "home"
            with database_at(NAME=str(place / "luvalla.sqlite3")):
                yield place
    except PermissionError:
        missing("a small disk cannot be mounted here")


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):  # no space left
                while True:
                    file.write(bytes(size))
    return ballast


def test_a_full_disk_stops_the_letters_and_costs_nobody_one(
    disk: Path, open_world: World, start_relay: StartRelay
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.05)
    campaign = approved(open_world, box, letters_a_second=either(600, 3000))
    stood = 0
    with sending(campaign, seconds=90):
        for _ in range(TIMES):
            before = len(box.taken())
            box.wait_for(before + 100, seconds=patience(30))
            ballast = fill(disk)
            time.sleep(1.5)
            seen = len(box.taken())
            time.sleep(0.5)
            stood += len(box.taken()) == seen
            ballast.unlink()
    counts = count(campaign, box, people)
    counts.tell("disk full", times=TIMES, letters_stood_still=stood)
    assert stood == TIMES
    assert_exact(campaign, counts, most_unknown=0)
