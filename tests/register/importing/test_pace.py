from __future__ import annotations

import pytest
from django.db import connection

from luvalla.register.importing import pace
from luvalla.register.importing.pace import BUSY_AT_MOST, LARGEST, LEFT_ALONE, SMALLEST, Pace

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """A clock that only moves when it is told to; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Give the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stand in for time."""
    fresh = Clock()
    monkeypatch.setattr(pace, "time", fresh)
    return fresh


def write(paced: Pace, clock: Clock, *, seconds: float, times: int, rows: int = 0, between: float = 0.0) -> None:
    """Write some transactions of that length."""
    for _ in range(times):
        with paced.transaction(rows or paced.size):
            clock.now += seconds
        clock.now += between


def test_the_database_is_left_alone_after_a_fifth_of_a_second_of_writing(clock: Clock) -> None:
    write(Pace(), clock, seconds=0.06, times=13)
    if connection.vendor == "sqlite":
        assert clock.slept == [pytest.approx(LEFT_ALONE)] * 3
    else:
        assert clock.slept == []


def test_nobody_sleeps_who_has_left_it_alone_anyway(clock: Clock) -> None:
    write(Pace(), clock, seconds=0.05, times=30, between=LEFT_ALONE + 0.001)
    assert clock.slept == []


def test_a_pause_that_was_too_short_is_made_longer(clock: Clock) -> None:
    write(Pace(), clock, seconds=0.05, times=4, between=0.02)
    if connection.vendor == "sqlite":
        assert clock.slept == [pytest.approx(LEFT_ALONE - 0.02)]


def test_slow_transactions_become_smaller_and_quick_ones_larger(clock: Clock) -> None:
    paced = Pace(size=1000)
    write(paced, clock, seconds=0.5, times=3)
    assert paced.size < 400
    assert paced.longest == pytest.approx(0.5)
    write(paced, clock, seconds=0.001, times=10)
    assert paced.size > 1000


def test_the_size_stays_within_its_limits(clock: Clock) -> None:
    paced = Pace(size=1000)
    write(paced, clock, seconds=30, times=20)
    assert paced.size == SMALLEST
    write(paced, clock, seconds=0.0, times=40)
    assert paced.size == LARGEST
    assert BUSY_AT_MOST + LEFT_ALONE < 0.3


def test_a_small_rest_teaches_nothing(clock: Clock) -> None:
    paced = Pace(size=1000)
    write(paced, clock, seconds=0.5, times=1, rows=3)
    assert paced.size == 1000
