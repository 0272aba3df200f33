"""The two clocks of a request: the first one never stands still, and it is the one that counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from luvalla.rights.models import DataRequest
from luvalla.rights.queries import open_requests
from luvalla.rules.case_states import SHUT
from luvalla.rules.due_dates import due_date

A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Until when a request is to be answered, by both ways of counting."""

    first: date
    """From the arrival, extended or not, or from the day it was opened again; nothing suspends it."""
    second: date
    """The same, later by the days the data subject was asked for something needed (EDPB guidelines 01/2022)."""
    is_paused: bool
    is_overdue: bool


def clocks_of(request: DataRequest, today: date | None = None) -> Clocks:
    """Read both clocks. Overdue is computed from the first, and ends only with the reply."""
    now = today or timezone.localdate()
    first = due_date(request.reopened_on) if request.reopened_on else _first_due(request)
    standing = (now - request.paused_on).days if request.paused_on else 0
    answered = request.replied_at is not None or request.state in SHUT
    return Clocks(
        first=first,
        second=first + timedelta(days=request.paused_days + max(standing, 0)),
        is_paused=request.paused_on is not None,
        is_overdue=not answered and now > first,
    )


def was_late(request: DataRequest) -> bool:
    """Tell whether an answer left after its due date: the first one, or the one since the request was opened again."""
    if request.first_replied_at and timezone.localdate(request.first_replied_at) > _first_due(request):
        return True
    if request.replied_at is None:
        return clocks_of(request).is_overdue
    return timezone.localdate(request.replied_at) > clocks_of(request).first


def may_be_extended(request: DataRequest) -> bool:
    """Tell whether the time can still be extended: once, and inside the first month after the arrival (GDPR 12(3)).

    One that was opened again has its own month, which is ours to keep.
    """
    is_open = request.extended_at is None and request.reopened_on is None and request.state not in SHUT
    return is_open and timezone.localdate() <= request.due_on


def workload() -> dict[str, tuple[int, int]]:
    """Tell for each handler how many open requests they have, and how many of them are due within a week."""
    today = timezone.localdate()
    held: Counter[str] = Counter()
    pressing: Counter[str] = Counter()
    for request in open_requests():
        held[request.handler] += 1
        pressing[request.handler] += clocks_of(request, today).first <= today + A_WEEK
    return {handler: (count, pressing[handler]) for handler, count in held.most_common()}


def _first_due(request: DataRequest) -> date:
    return request.extended_due_on if request.extended_at else request.due_on
