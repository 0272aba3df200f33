"""Windows staged two at a time, where the database works in processes of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Final, Protocol, TypeVar

from django.db import connection

from luvalla.register.importing.bulk import Bulk

LANES: Final = 2
Item = TypeVar("Item")
Result = TypeVar("Result")


class Lanes(Protocol):
    """Does something with each item; gives the results in their order, or raises the first fault."""

    def __call__(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Do the work."""


@contextmanager
def open_lanes(bulk: Bulk) -> Iterator[Lanes]:
    """Give lanes with tuned connections: one after the other in this thread, or side by side in threads."""
    if not bulk.works_beside:
        with bulk.tuned():
            yield _one_after_the_other
        return
    with ThreadPoolExecutor(LANES, "luvalla-lane") as pool:
        everywhere, tunings = _Everywhere(pool), [bulk.tuned() for _ in range(LANES)]
        everywhere([each.__enter__ for each in tunings])
        try:
            yield _SideBySide(pool)
        finally:
            # Each thread has its own connection: which of them leaves which tuning doesn't matter.
            everywhere([partial(each.__exit__, None, None, None) for each in tunings])
            everywhere([_close] * LANES)


def _close() -> None:
    connection.close()


def _one_after_the_other(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    return [work(each) for each in items]


class _SideBySide:
    """Lanes in threads."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        futures: list[Future[Result]] = [self._pool.submit(work, each) for each in items]
        try:
            return [each.result() for each in futures]
        finally:
            for each in futures:
                each.cancel()


class _Everywhere:
    """Does one thing in each thread of a pool: all wait until each has taken one."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool, self._meeting = pool, Barrier(LANES)

    def __call__(self, things: Sequence[Callable[[], object]]) -> None:
        def do(thing: Callable[[], object]) -> None:
            self._meeting.wait()
            thing()

        for each in [self._pool.submit(do, thing) for thing in things]:
            each.result()
