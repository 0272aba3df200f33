from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import Settings

from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.errands import DONE, RELAYS_FAIL, RELAYS_WAIT
from luvalla.mailroom.hands import HANDS, Hands
from luvalla.mailroom.models import Relay, Shard
from luvalla.mailroom.owners import new_owner, process_of
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.sender import prepare, work_for
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved, wait_until
from tests.mailroom.world import World, add_customers, assert_sums_are_whole


class Hand:
    """One that works until it is told to end, or as it is told."""

    def __init__(self, work: Callable[[threading.Event], int]) -> None:
        self._work = work
        self.ended = threading.Event()
        self.closed = False

    def run(self) -> int:
        """Work as told."""
        return self._work(self.ended)

    def end(self) -> None:
        """Hear of the end."""
        self.ended.set()

    def close(self) -> None:
        """Note it."""
        self.closed = True


def until_told(ended: threading.Event) -> int:
    assert ended.wait(10), "nobody told this hand to end"
    return DONE


def at_once(code: int) -> Callable[[threading.Event], int]:
    return lambda _: code


@pytest.mark.parametrize("code", [RELAYS_FAIL, RELAYS_WAIT])
@pytest.mark.parametrize("first", [True, False])
def test_a_hand_without_relays_ends_the_others_and_gives_the_workers_code(*, code: int, first: bool) -> None:
    hands = [Hand(at_once(code)), Hand(until_told)]
    assert Hands(hands if first else hands[::-1]).run() == code
    assert all(each.closed for each in hands)


@pytest.mark.parametrize("first", [True, False])
def test_what_one_hand_fails_of_ends_the_others_and_is_raised(*, first: bool) -> None:
    def fail(_: threading.Event) -> int:
        raise LookupError

    hands = [Hand(fail), Hand(until_told)]
    with pytest.raises(LookupError):
        Hands(hands if first else hands[::-1]).run()
    assert all(each.closed for each in hands)


def test_a_hand_that_finds_nothing_more_leaves_the_others_at_their_work() -> None:
    slow = threading.Event()
    hands = [Hand(at_once(DONE)), Hand(lambda ended: DONE if not ended.wait(0.2) and not slow.set() else RELAYS_FAIL)]
    assert Hands(hands).run() == DONE
    assert slow.is_set()
    assert not hands[1].ended.is_set()


def test_the_names_of_a_process_differ_and_tell_the_process() -> None:
    one, another = new_owner(), new_owner()
    assert one != another
    assert process_of(one) == process_of(another)


def test_a_worker_holds_as_many_shards_at_a_time_as_it_has_hands(
    open_world: World, receiver: Receiver, settings: Settings
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    Relay.objects.create(name="hidas", url=receiver.url, letters_a_second=150)
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(1500)])
    campaign = approved(open_world)
    prepare(campaign, actor=SYSTEM)
    told = work_for(usable_relays(), campaign=campaign.pk, workers=1)
    worker = subprocess.Popen([sys.executable, "-P", "-m", "luvalla.mailroom.worker"], stdin=subprocess.PIPE)
    assert worker.stdin is not None
    with worker.stdin as pipe:
        pipe.write(json.dumps(told).encode())
    held: set[frozenset[str]] = set()

    def see() -> bool:
        held.add(frozenset(Shard.objects.exclude(owner="").values_list("owner", flat=True)))
        return len(receiver.messages) > 300

    wait_until(see)
    worker.terminate()
    assert worker.wait(20) == DONE
    assert max(len(each) for each in held) == HANDS.get(connection.vendor, 1)
    assert len({process_of(owner) for each in held for owner in each}) == 1
    assert not Shard.objects.exclude(owner="").exists()
    assert_sums_are_whole(campaign)
    assert sum(Shard.objects.values_list("accepted", flat=True)) == len(receiver.messages)
