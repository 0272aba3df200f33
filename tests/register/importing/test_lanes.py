from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from luvalla.register.importing.ahead import Ahead
from luvalla.register.importing.bulk import Bulk
from luvalla.register.importing.bulk.sqlite import SqliteBulk
from luvalla.register.importing.lanes import LANES, open_lanes


class Tuning(SqliteBulk):
    """Notes in which threads connections are tuned, and in which no longer."""

    def __init__(self, *, works_beside: bool) -> None:
        self.works_beside = works_beside  # type: ignore[misc]  # each database's own has a constant
        self.tuned_in: list[str] = []
        self.left_in: list[str] = []

    @contextmanager
    def tuned(self) -> Iterator[None]:
        """Note the thread."""
        self.tuned_in.append(threading.current_thread().name)
        try:
            yield
        finally:
            self.left_in.append(threading.current_thread().name)


def slowly(number: int) -> tuple[int, str]:
    """Take longer for smaller numbers."""
    time.sleep(0.02 / (number + 1))
    if number == 13:
        raise ZeroDivisionError
    return number, threading.current_thread().name


@pytest.mark.parametrize("works_beside", [False, True])
def test_results_come_in_the_order_of_the_items(works_beside: bool) -> None:  # noqa: FBT001  # pytest gives it
    bulk: Bulk = Tuning(works_beside=works_beside)
    with open_lanes(bulk) as lanes:
        results = lanes(slowly, range(10))
    assert [number for number, _ in results] == list(range(10))
    assert len({thread for _, thread in results}) == (LANES if works_beside else 1)


@pytest.mark.parametrize("works_beside", [False, True])
def test_the_first_fault_is_raised_and_the_rest_let_go(works_beside: bool) -> None:  # noqa: FBT001  # the same
    with open_lanes(Tuning(works_beside=works_beside)) as lanes, pytest.raises(ZeroDivisionError):
        lanes(slowly, range(10, 1000))


def test_each_lane_has_its_own_tuned_connection() -> None:
    bulk = Tuning(works_beside=True)
    with open_lanes(bulk):
        assert len(set(bulk.tuned_in)) == LANES
        assert bulk.left_in == []
    assert sorted(bulk.left_in) == sorted(bulk.tuned_in)


def test_items_prepared_ahead_come_in_order_and_all() -> None:
    assert list(Ahead(iter(range(100)))) == list(range(100))


def test_a_fault_of_the_preparing_thread_is_raised_where_its_items_are_taken() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    taken = []
    with pytest.raises(ZeroDivisionError):
        taken.extend(Ahead(items()))
    assert taken == [1]


def test_leaving_early_ends_the_preparing_thread() -> None:
    before = threading.active_count()
    for item in Ahead(iter(range(10_000))):
        if item == 3:
            break
    for _ in range(100):
        if threading.active_count() == before:
            break
        time.sleep(0.01)
    assert threading.active_count() == before
