"""Where every relay rests, nobody goes on with what the dead had begun, but it is settled all the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.vault import keyring
from luvalla.mailroom import crew, errands, sender
from luvalla.mailroom.claiming import Window, advance
from luvalla.mailroom.errands import RELAYS_WAIT, Errands, Told
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.mailroom.journal import Journal
from luvalla.mailroom.leases import LONGEST_SILENCE, Lease, Watch, renew, take_free_shard
from luvalla.mailroom.models import Delivery, Relay, Shard
from luvalla.mailroom.owners import new_owner
from luvalla.register.facts import FactsReader
from luvalla.sending.outcome import Step, judge
from luvalla.sending.testing import Receiver
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign, make_shard

ELSEWHERE = "000000000000-7-7-abcdef"


def claim(owner: str) -> tuple[Lease, Window]:
    lease = take_free_shard(owner=owner, now=timezone.now())
    assert lease is not None
    window = advance(lease, answered=None, limit=2, reader=FactsReader())
    assert isinstance(window, Window)
    return lease, window


def ended() -> str:
    """Name a worker of this machine whose process has ended: its number has another start by now."""
    machine, pid, started, rest = new_owner().split("-")
    return f"{machine}-{pid}-{int(started) + 1}-{rest}"


def claims() -> int:
    return Delivery.objects.filter(state="claimed").count()


@pytest.fixture
def held(world: World) -> list[tuple[Lease, Window]]:
    """Have three shards of two letters each in the hands of two ended workers and of one of another machine."""
    contacts = add_customers(world, [f"{number}@esimerkki.fi" for number in range(8)])
    campaign = make_campaign(world)
    for first in (0, 2, 4):
        make_shard(campaign, contacts[first].pk, contacts[first + 2].pk)
    return [claim(owner) for owner in (ended(), ended(), ELSEWHERE)]


@pytest.fixture
def resting(receiver: Receiver) -> Relay:
    """Record one relay, which the staff leave alone."""
    return Relay.objects.create(name="posti", url=receiver.url, rested_at=timezone.now())


class Night:
    """Hours in which a worker sleeps; whoever lives renews its lease meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.living: list[Lease] = []
        monkeypatch.setattr(errands, "Watch", lambda: Watch(clock=lambda: self.now))
        monkeypatch.setattr(sender, "WATCH", Watch(clock=lambda: self.now))
        monkeypatch.setattr(errands, "connection", SimpleNamespace(close=lambda: None))

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += max(seconds, 1.0)
        assert self.now < 3 * LONGEST_SILENCE
        for each in self.living:
            renew(each, now=timezone.now())


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(monkeypatch)


def work(home: Path, relay: Relay, night: Night) -> int:
    """Live a worker's life, in the test's own transaction.

    In a thread: a browser that an earlier test of this process opened has its event loop in this one.
    """
    told = {"id": relay.pk, "name": relay.name, "url": relay.url, "connections": 1}
    shared = connections["default"]

    def live() -> int:
        connections["default"] = shared
        worker = Errands(Told(home, keyring().to_json(), [told], "esimerkki.fi"), sleep=night.sleep)
        try:
            return worker.run()
        finally:
            worker.close()

    shared.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(live).result()
    finally:
        shared.dec_thread_sharing()


def test_a_worker_settles_all_that_the_dead_had_claimed_before_it_ends(
    held: list[tuple[Lease, Window]], resting: Relay, night: Night, tmp_path: Path, receiver: Receiver
) -> None:
    lease, window = held[1]
    notes = Journal(tmp_path / "journal", lease.owner)
    notes.begin_window(window.claimed)
    notes.note_begun([0])
    notes.note_outcome([0], judge(250, "2.0.0", Step.BODY))
    assert work(tmp_path, resting, night) == RELAYS_WAIT
    assert claims() == 0
    assert set(Shard.objects.values_list("owner", flat=True)) == {""}
    states = list(Delivery.objects.order_by("contact_id").values_list("state", flat=True))
    assert states == ["unknown", "unknown", "accepted", "deferred", "unknown", "unknown"]
    assert_sums_are_whole(Shard.objects.earliest("pk").campaign)
    assert receiver.messages == []


def test_a_worker_waits_for_no_living_one(
    held: list[tuple[Lease, Window]], resting: Relay, night: Night, tmp_path: Path
) -> None:
    night.living = [held[2][0]]
    assert work(tmp_path, resting, night) == RELAYS_WAIT
    assert night.now < LONGEST_SILENCE
    assert Shard.objects.exclude(owner="").get().owner == ELSEWHERE
    assert claims() == 2


def test_what_the_dead_had_claimed_is_settled_although_no_worker_can_be_started(
    held: list[tuple[Lease, Window]], resting: Relay, night: Night, tmp_path: Path, settings: Settings
) -> None:
    settings.LUVALLA_HOME = tmp_path
    campaign = Shard.objects.earliest("pk").campaign
    with pytest.raises(RelayUnusable) as unusable:
        sender.hold_unless_usable(campaign)
    assert unusable.value.fault is RelayFault.RESTED
    assert claims() == 2
    night.sleep(LONGEST_SILENCE)
    crew.Crew(workers=1).look()
    assert claims() == 0
    assert set(Shard.objects.values_list("owner", flat=True)) == {""}
