"""One-click stops that arrive together are carried out together: one commit and one write to the disk for all of them.

A thread of the web process takes what has come while others carried out the stops before, so nobody waits to be joined
by others, and the more there are the less each costs. Requests only wait; they need no connection to the database.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from django.conf import settings
from django.db import connection

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.register.links import StopLink
from luvalla.register.stop import StopAnswer, finish_begun, withdraw, withdraw_together

MOST: Final = 100
"""Stops in a group: each waits for all of them."""
CHANNEL: Final = "one_click"
CarryOut = Callable[[Sequence[StopLink]], Sequence[StopAnswer]]


def stop_by_link(link: StopLink) -> None:
    """Withdraw everything behind a link, with others where they are gathered. Raises as `withdraw` does."""
    if not GATHERING.is_on:
        withdraw(link=link, channel=CHANNEL, actor=SUBJECT)
        return
    answer = GATHERING.stop(link)
    if not answer.finished:
        finish_begun(answer.ref)


class Gathering:
    """Stops from all threads of a process, carried out in one thread."""

    def __init__(self, carry_out: CarryOut, turn: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        """Gather nothing before `begin`. turn: entered for each group, which takes along who came until then."""
        self.is_on = False
        self._turn = turn
        self._carry_out = carry_out
        self._waiting: SimpleQueue[_Place] = SimpleQueue()

    def begin(self) -> None:
        """Start the thread; for a process that answers requests in several threads."""
        self.is_on = True
        threading.Thread(target=self._serve, name="stops", daemon=True).start()

    def stop(self, link: StopLink) -> StopAnswer:
        """Have a stop carried out and wait for it; raises what was raised there."""
        place = _Place(link)
        self._waiting.put(place)
        return place.wait()

    def _serve(self) -> None:
        while True:
            first = self._waiting.get()
            with self._turn():
                self._serve_group([first, *self._further()])

    def _serve_group(self, places: Sequence[_Place]) -> None:
        try:
            answers = self._carry_out([each.link for each in places])
        except Exception as fault:  # noqa: BLE001  # raised again in the thread of the request
            connection.close()
            self._one_by_one(places, fault)
        else:
            for place, answer in zip(places, answers, strict=True):
                place.take(answer)

    def _further(self) -> list[_Place]:
        further: list[_Place] = []
        while len(further) < MOST - 1:
            try:
                further.append(self._waiting.get_nowait())
            except Empty:
                break
        return further

    def _one_by_one(self, places: Sequence[_Place], fault: Exception) -> None:
        """Carry each out by itself where the database was away, or one of them troubled the others."""
        for place in places:
            if isinstance(fault, ErasuresUnwritable):  # nothing can be stopped just now, and each is told so
                place.take(fault)
                continue
            try:
                (answer,) = self._carry_out([place.link])
            except Exception as own:  # noqa: BLE001  # raised again in the thread of the request
                connection.close()
                place.take(own)
            else:
                place.take(answer)


class _Place:
    """A request that waits for its stop."""

    __slots__ = ("_answer", "_is_answered", "link")

    def __init__(self, link: StopLink) -> None:
        self.link = link
        self._answer: StopAnswer | Exception | None = None
        self._is_answered = threading.Lock()
        self._is_answered.acquire()

    def take(self, answer: StopAnswer | Exception) -> None:
        self._answer = answer
        self._is_answered.release()

    def wait(self) -> StopAnswer:
        with self._is_answered:
            pass
        if isinstance(self._answer, StopAnswer):
            return self._answer
        raise self._answer or RuntimeError


def _withdraw(links: Sequence[StopLink]) -> Sequence[StopAnswer]:
    return withdraw_together(links, channel=CHANNEL, actor=SUBJECT)


@contextmanager
def _turn() -> Iterator[None]:
    """Take turns with the other processes of this machine: what waits meanwhile makes the next group larger.

    The stops' transactions exclude each other anyway; on SQLite, whoever finds the writer busy sleeps ever longer.
    """
    with ExitStack() as held:
        with suppress(OSError):  # taking turns only saves time: a stop goes without
            file = held.enter_context((Path(settings.LUVALLA_HOME) / "stops.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


GATHERING: Final = Gathering(_withdraw, _turn)
