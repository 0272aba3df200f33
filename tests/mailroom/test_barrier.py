from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from luvalla.mailroom import barrier, claiming
from luvalla.mailroom.barrier import SendingBarrier
from luvalla.mailroom.claiming import Window, advance
from luvalla.mailroom.leases import LONGEST_SILENCE, Lease, take_free_shard
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.recording import Answered
from luvalla.mailroom.step import Claimed, Step
from luvalla.register.facts import FactsReader
from luvalla.register.models import Contact
from luvalla.sending.outcome import Step as Command
from luvalla.sending.outcome import judge
from tests.mailroom.world import World, add_customers, make_campaign, make_shard

ACCEPTED = judge(250, "2.0.0", Command.BODY)
PATIENCE = timedelta(seconds=30)


def claimed_window(world: World) -> tuple[list[Contact], Lease, Window]:
    contacts = add_customers(world, ["matti@esimerkki.fi", "maija@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    lease = take_free_shard(owner="me", now=timezone.now())
    assert lease is not None
    window = advance(lease, answered=None, limit=500, reader=FactsReader())
    assert isinstance(window, Window)
    return contacts, lease, window


def record(lease: Lease, window: Window) -> None:
    outcomes = {each.contact_id: ACCEPTED for each in window.claimed}
    advance(lease, answered=Answered(window.claimed, outcomes, relay_id=None), limit=0, reader=FactsReader())


def test_nobody_waits_for_a_contact_that_no_window_holds(world: World) -> None:
    (contact,) = add_customers(world, ["matti@esimerkki.fi"])
    slept: list[float] = []
    assert SendingBarrier(sleep=slept.append).wait((contact.pk,), at_most=PATIENCE)
    assert SendingBarrier(sleep=slept.append).wait((), at_most=PATIENCE)
    assert slept == []


def test_a_stop_waits_until_the_window_with_its_contact_is_recorded(world: World) -> None:
    contacts, lease, window = claimed_window(world)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            record(lease, window)

    assert SendingBarrier(sleep=sleep).wait((contacts[0].pk,), at_most=PATIENCE)
    assert len(slept) == 3


def test_a_stop_waits_for_nobody_else_s_window(world: World) -> None:
    claimed_window(world)
    (other,) = add_customers(world, ["kolmas@esimerkki.fi"])
    slept: list[float] = []
    assert SendingBarrier(sleep=slept.append).wait((other.pk,), at_most=PATIENCE)
    assert slept == []


def running_clock() -> tuple[Callable[[], float], Callable[[float], None]]:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return lambda: now[0], sleep


def test_a_stop_says_so_when_its_patience_ends_first(world: World) -> None:
    contacts, _, _ = claimed_window(world)
    clock, sleep = running_clock()
    assert not SendingBarrier(clock=clock, sleep=sleep).wait((contacts[0].pk,), at_most=timedelta(seconds=2))
    assert 2 <= clock() < 2.2


def test_once_lease_and_margin_are_over_no_letter_can_begin_and_the_stop_is_answered(world: World) -> None:
    contacts, _, _ = claimed_window(world)
    clock, sleep = running_clock()
    assert SendingBarrier(clock=clock, sleep=sleep).wait((contacts[0].pk,), at_most=timedelta(minutes=5))
    assert LONGEST_SILENCE <= clock() < LONGEST_SILENCE + 0.2
    assert Delivery.objects.filter(state="claimed").count() == 2


class Race:
    """A claim that has read who may get a letter, and is held up before it writes and commits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_read = threading.Event()
        self.may_commit = threading.Event()
        self.window: Window | None = None
        insert = claiming._insert

        def held_up(step: Step, claimed: list[Claimed]) -> None:
            self.has_read.set()
            assert self.may_commit.wait(20)
            insert(step, claimed)

        monkeypatch.setattr(claiming, "_insert", held_up)

    def claim(self, lease: Lease) -> None:
        """Claim in a thread of its own."""
        try:
            window = advance(lease, answered=None, limit=500, reader=FactsReader())
            assert isinstance(window, Window)
            self.window = window
        finally:
            connection.close()


@pytest.fixture
def race(
    open_world: World, on_postgres: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Race, Contact, Lease]]:
    """Begin a claim that reads before the stop commits and commits after it."""
    (contact,) = add_customers(open_world, ["matti@esimerkki.fi"])
    make_shard(make_campaign(open_world))
    lease = take_free_shard(owner="me", now=timezone.now())
    assert lease is not None
    running = Race(monkeypatch)
    thread = threading.Thread(target=running.claim, args=(lease,))
    thread.start()
    assert running.has_read.wait(10)
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(restricted_at=timezone.now())
    yield running, contact, lease
    running.may_commit.set()
    thread.join(10)


def answer_in_thread(contact: Contact) -> tuple[threading.Thread, list[float]]:
    answered: list[float] = []

    def wait() -> None:
        try:
            assert SendingBarrier().wait((contact.pk,), at_most=PATIENCE)
            answered.append(time.monotonic())
        finally:
            connection.close()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, answered


def test_a_claim_that_read_before_the_stop_and_commits_after_it_is_waited_for(
    race: tuple[Race, Contact, Lease],
) -> None:
    claim, contact, lease = race
    thread, answered = answer_in_thread(contact)
    time.sleep(0.5)
    assert answered == []  # the claim hasn't committed: its row cannot be seen, but its shard is locked
    claim.may_commit.set()
    time.sleep(0.5)
    assert answered == []  # now the row is seen
    assert claim.window is not None
    began = time.monotonic()
    record(lease, claim.window)
    thread.join(10)
    assert len(answered) == 1
    assert answered[0] >= began


def test_without_the_lock_of_the_shard_the_stop_would_be_answered_too_early(
    race: tuple[Race, Contact, Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, contact, _ = race
    monkeypatch.setattr(barrier, "let_claims_commit", lambda _: None)
    thread, answered = answer_in_thread(contact)
    thread.join(5)
    assert len(answered) == 1
    assert claim.window is None
