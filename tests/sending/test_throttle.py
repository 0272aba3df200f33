"""A pace is never exceeded in the long run, whoever asks how often; a warm-up grows day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.throttle import UNBOUNDED, Pace, WarmUp

DAY = date(2026, 11, 24)


@given(
    a_second=st.floats(0.05, 5_000),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 500)), min_size=1, max_size=60),
)
def test_a_pace_is_kept_however_often_it_is_asked(a_second: float, steps: list[tuple[float, int]]) -> None:
    pace, now, free_at, granted = Pace(a_second), 1000.0, 0.0, 0
    for pause, wanted in steps:
        now += pause
        letters = pace.grant(wanted, free_at=free_at, now=now)
        assert 0 <= letters <= wanted
        free_at = pace.move(letters, free_at=free_at, now=now)
        granted += letters
    assert granted <= (now - 1000.0 + 1.0) * a_second + 1 + 1e-3


@given(a_second=st.floats(0.05, 5_000), wanted=st.integers(1, 500))
def test_what_is_given_back_can_be_granted_again(a_second: float, wanted: int) -> None:
    pace = Pace(a_second)
    letters = pace.grant(wanted, free_at=0.0, now=1000.0)
    free_at = pace.move(letters, free_at=0.0, now=1000.0)
    assert pace.move(-letters, free_at=free_at, now=1000.0) == pytest.approx(1000.0)


def test_one_letter_at_least_may_leave_when_none_is_under_way() -> None:
    assert Pace(0.01).grant(5, free_at=0.0, now=10.0) == 1
    assert Pace(0.01).grant(5, free_at=110.0, now=10.0) == 0


def test_a_clock_that_was_set_back_costs_a_second_and_no_more() -> None:
    assert Pace(10).lag(5_000.0, 10.0) == 1.0


def test_a_pace_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Pace(0)


def test_a_warm_up_grows_each_day_from_its_first() -> None:
    plan = WarmUp(DAY, first=200, growth=50)
    assert [plan.most_on(DAY + timedelta(days=each)) for each in (-1, 0, 1, 2)] == [0, 200, 300, 450]
    assert plan.most_on(DAY + timedelta(days=3650)) == UNBOUNDED
    assert WarmUp(DAY, first=200, growth=0).most_on(DAY + timedelta(days=3650)) == 200
