"""When something arrived, as far as the day is known."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from luvalla.rules.due_dates import HELSINKI


def arrival_moment(day: date) -> datetime:
    """Give now for today, and the noon of an earlier day: the day is what counts (Regulation 1182/71, article 3)."""
    if day == timezone.localdate():
        return timezone.now()
    return datetime.combine(day, time(12), tzinfo=HELSINKI)
