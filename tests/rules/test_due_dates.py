from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.rules.due_dates import (
    HELSINKI,
    day_of_arrival,
    due_date,
    extended_due_date,
    is_working_day,
    working_day_before,
)

# Days named as holidays 2026-2030, and whether they lengthen a period: eves do not.
LISTED = list(csv.DictReader((Path(__file__).parent / "public_holidays.csv").read_text(encoding="utf-8").splitlines()))
PUBLIC = {date.fromisoformat(row["date"]) for row in LISTED if row["public_holiday"] == "yes"}
EARLIEST, LATEST = datetime(2026, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001  # Hypothesis adds the zone
days = st.dates(date(2026, 1, 1), date(2030, 8, 31))


def test_every_day_of_five_years_is_a_working_day_or_not_as_the_law_has_it() -> None:
    day, wrong = date(2026, 1, 1), []
    while day < date(2031, 1, 1):
        if is_working_day(day) != (day.weekday() < 5 and day not in PUBLIC):
            wrong.append(day)
        day += timedelta(days=1)
    assert (wrong, len(PUBLIC)) == ([], 65)


@pytest.mark.parametrize("row", [row for row in LISTED if row["public_holiday"] == "no"], ids=lambda row: row["date"])
def test_an_eve_lengthens_nothing(row: dict[str, str]) -> None:
    day = date.fromisoformat(row["date"])
    assert is_working_day(day) == (day.weekday() < 5)


@given(days)
def test_a_due_date_is_a_working_day_about_a_month_later(receipt: date) -> None:
    due = due_date(receipt)
    assert is_working_day(due)
    assert 28 <= (due - receipt).days <= 31 + 4
    assert due.day == receipt.day or not is_working_day(due - timedelta(days=1)) or due.day >= 28


@given(days)
def test_no_working_day_lies_between_the_month_and_its_due_date(receipt: date) -> None:
    due = due_date(receipt)
    earlier = due - timedelta(days=1)
    while not is_working_day(earlier):
        earlier -= timedelta(days=1)
    month = (earlier.year * 12 + earlier.month) - (receipt.year * 12 + receipt.month)
    assert month < 1 or earlier.day < receipt.day


@given(days, days)
def test_who_asks_later_is_never_due_earlier(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert due_date(first) <= due_date(second)
    assert extended_due_date(first) <= extended_due_date(second)


@given(days)
def test_the_extension_ends_after_the_first_month(receipt: date) -> None:
    assert 55 <= (extended_due_date(receipt) - due_date(receipt)).days <= 66


@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)))
def test_a_moment_counts_as_the_day_it_was_in_helsinki(moment: datetime) -> None:
    assert day_of_arrival(moment) == moment.astimezone(HELSINKI).date()


@given(days, st.integers(0, 15))
def test_reminders_lie_as_many_working_days_earlier_as_they_say(day: date, working_days: int) -> None:
    found = working_day_before(day, working_days=working_days)
    between = sum(is_working_day(found + timedelta(days=n)) for n in range((day - found).days))
    assert between == working_days
