"""One-click stops from many threads of a web process are carried out together, and each gets its own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring
from luvalla.public import gathering
from luvalla.public.gathering import Gathering, stop_by_link
from luvalla.register.links import StopLink, make_stop_token, read_stop_token
from luvalla.register.models import Contact, Stop, Suppression
from luvalla.register.stop import StopAnswer
from tests.mailroom.world import add_customers, make_world

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 24


class Counted:
    """Carries groups out, and remembers how large they were; the first one waits until all others have come."""

    def __init__(self, carry_out: Callable[[Sequence[StopLink]], Sequence[StopAnswer]]) -> None:
        self.carry_out = carry_out
        self.sizes: list[int] = []
        self.may_begin = threading.Event()

    def __call__(self, links: Sequence[StopLink]) -> Sequence[StopAnswer]:
        """Carry a group out."""
        assert self.may_begin.wait(20)
        self.sizes.append(len(links))
        try:
            return self.carry_out(links)
        finally:
            connection.close()


def links_of(contacts: Sequence[Contact]) -> list[StopLink]:
    tokens = [
        make_stop_token(contact_id=each.pk, exact_token=bytes(each.token), campaign_id=0, keyring=keyring())
        for each in contacts
    ]
    return [link for each in tokens if (link := read_stop_token(each, keyring())) is not None]


def customers() -> list[StopLink]:
    return links_of(add_customers(make_world(), [f"asiakas{number}@esimerkki.fi" for number in range(PEOPLE)]))


def click(
    links: Sequence[StopLink], monkeypatch: pytest.MonkeyPatch, counted: Counted, running: Gathering | None = None
) -> list[BaseException | None]:
    """Click each link in a thread of its own, all at once; give what each raised."""
    running = running or Gathering(counted)
    running.begin()
    monkeypatch.setattr(gathering, "GATHERING", running)
    faults: list[BaseException | None] = [None] * len(links)

    def stop(number: int) -> None:
        try:
            stop_by_link(links[number])
        except Exception as fault:  # noqa: BLE001  # looked at by the test
            faults[number] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=stop, args=(number,)) for number in range(len(links))]
    for each in threads:
        each.start()
    counted.may_begin.set()
    for each in threads:
        each.join(30)
        assert not each.is_alive()
    return faults


def test_stops_of_many_threads_share_their_commits_and_each_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(gathering._withdraw)
    assert click(customers(), monkeypatch, counted) == [None] * PEOPLE
    assert sum(counted.sizes) == PEOPLE
    assert len(counted.sizes) < PEOPLE
    assert not Contact.objects.exists()
    assert Suppression.objects.count() == PEOPLE
    assert Stop.objects.exclude(answered_at=None).count() == PEOPLE
    assert LedgerRow.objects.filter(verb="register.answer_stop").count() == PEOPLE


def test_each_thread_hears_that_nothing_could_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwritable(_: Sequence[StopLink]) -> Sequence[StopAnswer]:
        raise ErasuresUnwritable

    faults = click(customers(), monkeypatch, Counted(unwritable))
    assert [type(each) for each in faults] == [ErasuresUnwritable] * PEOPLE
    assert Contact.objects.count() == PEOPLE


def test_a_group_that_fails_is_carried_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    links = customers()

    def fussy(group: Sequence[StopLink]) -> Sequence[StopAnswer]:
        if len(group) > 1 or group[0] == links[3]:
            raise OperationalError
        return gathering._withdraw(group)

    faults = click(links, monkeypatch, Counted(fussy))
    assert [number for number, each in enumerate(faults) if each] == [3]
    assert [each.pk for each in Contact.objects.all()] == [links[3].contact_id]


def test_whom_the_group_could_not_finish_finishes_in_its_own_request(monkeypatch: pytest.MonkeyPatch) -> None:
    links = customers()[:1]

    def blocked(group: Sequence[StopLink]) -> Sequence[StopAnswer]:
        with monkeypatch.context() as patched:
            patched.setattr("luvalla.register.stop._finish_together", lambda _: False)
            return gathering._withdraw(group)

    assert click(links, monkeypatch, Counted(blocked)) == [None]
    assert Contact.objects.count() == PEOPLE - 1
    assert Stop.objects.exclude(answered_at=None).count() == 1


def test_who_comes_before_the_turn_does_is_taken_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has the turn; by the time it is ours, all who wait are one group."""
    links, counted = customers(), Counted(gathering._withdraw)
    counted.may_begin.set()

    @contextmanager
    def turn() -> Iterator[None]:
        end = time.monotonic() + 20
        while running._waiting.qsize() < PEOPLE - 1 and not counted.sizes:
            assert time.monotonic() < end
            time.sleep(0.01)
        yield

    running = Gathering(counted, turn)
    assert click(links, monkeypatch, counted, running) == [None] * PEOPLE
    assert counted.sizes == [PEOPLE]
