"""PostgreSQL killed with all its processes in the middle of a campaign, and started again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.conftest import StartRelay
from tests.faults.counting import assert_exact, count
from tests.faults.places import Server, database_at, running_server, server_programs
from tests.faults.sizes import either, patience
from tests.faults.world import add_people, approved, sending
from tests.mailroom.world import World
from tests.support.needs import missing

CONTACTS, KILLS = either(3000, 100_000), either(3, 20)
CHANCE = random.Random(15)  # noqa: S311  # when to kill is no secret


@pytest.fixture
def server(on_postgres: None, open_world: World) -> Iterator[Server]:
    """Run a PostgreSQL of the test's own, with a copy of what the test has recorded, and use it."""
    programs = server_programs()
    if programs is None:
        missing("PostgreSQL's server programs are not installed")
        return
    with running_server(programs) as running:
        running.fill("faults")
        with database_at(HOST="127.0.0.1", PORT=str(running.port), NAME="faults", USER="postgres", PASSWORD=""):
            yield running


def test_a_database_that_is_killed_and_comes_back_costs_nobody_a_letter(
    server: Server, open_world: World, start_relay: StartRelay
) -> None:
    people = add_people(open_world, CONTACTS)
    box = start_relay(delay=0.05)
    campaign = approved(open_world, box, letters_a_second=either(500, 3000))
    with sending(campaign, seconds=120):
        for _ in range(KILLS):
            before = len(box.taken())
            box.wait_for(before + 50, seconds=patience(30))
            time.sleep(CHANCE.uniform(0.0, 0.3))
            server.kill()
            time.sleep(CHANCE.uniform(0.0, 1.0))
            server.start()
    connection.close()  # this thread's own ended with the server
    counts = count(campaign, box, people)
    counts.tell("PostgreSQL killed", kills=KILLS)
    assert_exact(campaign, counts, most_unknown=0)
