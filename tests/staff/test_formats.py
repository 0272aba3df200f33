"""Figures, days and times as people of each language write them, and clocks that run out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from luvalla.staff import formats
from luvalla.staff.parts import Clock, Part, drawn, is_any_widened

NOW = datetime(2026, 11, 24, 7, 42, 5, tzinfo=UTC)


@pytest.mark.parametrize(("language", "number", "day", "near", "moment"), [
    ("fi", "48\u00a0216", "24.11.2026", "ti 24.11.", "24.11.2026 klo 9.42"),
    ("sv", "48\u00a0216", "24.11.2026", "tis 24.11.", "24.11.2026 kl. 9.42"),
    ("en", "48,216", "24 Nov 2026", "Tue 24 Nov", "24 Nov 2026 at 9:42"),
])  # fmt: skip
def test_each_language_writes_in_its_own_way(language: str, number: str, day: str, near: str, moment: str) -> None:
    with translation.override(language), time_machine.travel("2026-12-01T12:00:00+00:00"):
        assert formats.number(48216) == number
        assert formats.day(NOW) == formats.day(NOW.date()) == day
        assert formats.near_day(NOW) == near
        assert formats.moment(NOW) == moment


def test_today_is_called_today() -> None:
    with translation.override("fi"), time_machine.travel(NOW):
        assert formats.moment(NOW) == "tänään klo 9.42"
        assert formats.exact_moment(NOW) == "24.11.2026 klo 9.42.05"
        assert formats.long_moment(NOW) == "Tiistai 24. marraskuuta 2026 klo 9.42"


def test_parts_of_a_number_have_the_languages_own_mark() -> None:
    with translation.override("fi"):
        assert formats.number(1234.5) == "1\u00a0234,5"
    with translation.override("en"):
        assert formats.number(1234.5) == "1,234.5"


@pytest.mark.parametrize(("days", "tone", "left"), [
    (24, "", "24 pv"), (10, "soon", "10 pv"), (3, "now", "3 pv"), (0, "now", "tänään"), (-1, "now", "1 pv myöhässä"),
])  # fmt: skip
def test_a_clock_tells_how_urgent_it_is(days: int, tone: str, left: str) -> None:
    with translation.override("fi"), time_machine.travel(NOW):
        clock = Clock.until(date(2026, 11, 24) + timedelta(days=days), since=NOW - timedelta(days=6))
        assert (clock.tone, clock.left) == (tone, left)


@given(st.integers(-400, 400), st.integers(0, 400))
def test_a_clock_is_never_more_than_full_nor_less_than_empty(ahead: int, behind: int) -> None:
    today = date(2026, 11, 24)
    with time_machine.travel(NOW):
        assert 0 <= Clock.until(today + timedelta(days=ahead), since=today - timedelta(days=behind)).gone <= 100


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=6))
def test_a_progress_bar_is_filled_exactly_and_shows_whatever_there_is(counts: list[int]) -> None:
    placed = drawn([Part("accepted", count, "") for count in counts])
    assert len(placed) == sum(count > 0 for count in counts)
    assert all(float(each.width) > 0.4 for each in placed)
    if placed:
        assert abs(float(placed[-1].start) + float(placed[-1].width) - 100) < 0.01


def test_it_is_told_when_a_share_is_drawn_wider_than_it_is() -> None:
    assert is_any_widened([Part("accepted", 1000, ""), Part("refused", 1, "")])
    assert not is_any_widened([Part("accepted", 1000, ""), Part("refused", 0, ""), Part("left", 60, "")])
    assert not is_any_widened([Part("accepted", 0, "")])


@pytest.mark.parametrize(("seconds", "said"), [
    (0.2, "1 s"), (19, "19 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (90_000, "25 h"),
])  # fmt: skip
def test_how_long_something_took_is_said_by_the_largest_unit_of_which_there_are_two(seconds: float, said: str) -> None:
    with translation.override("fi"):
        assert formats.duration(timedelta(seconds=seconds)) == said
