"""Restrictions that are to be lifted: the day their notice named, and who is reminded of it (GDPR 18(3)).

Nothing lifts one by itself: the person may have disagreed. But it may not be forgotten either, so its day is recalled:
to whoever holds the case the working day before and on the day, and to the register owner and the officer once it has
passed and the restriction still stands.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from django.utils import timezone

from luvalla.rights.models import CaseEvent, DataRequest
from luvalla.rights.restricted import began_at, under_restriction
from luvalla.rules.case_states import Who
from luvalla.rules.due_dates import working_day_before

ANNOUNCED: Final = "lifting_announced"
REMINDED: Final = "lifting_reminded"
Roles = tuple[Who, ...]
BEFORE: Final = 1
"""Working days before the day, for the first reminder."""
AFTER: Final = 5
"""Working days after it, for the last."""
STEPS: Final[tuple[Roles, ...]] = (
    (Who.HANDLER,),
    (Who.HANDLER, Who.REGISTER_OWNER),
    (Who.REGISTER_OWNER, Who.DATA_PROTECTION_OFFICER),
)
"""Who hears of it: the working day before, on the day, and a week after it."""


class Lifting(NamedTuple):
    """A restriction that is to be lifted from a day on, as its newest notice says."""

    request: DataRequest
    day: date
    notice: CaseEvent


def open_liftings() -> list[Lifting]:
    """Give the announced liftings of restrictions that still stand, the nearest day first."""
    notices = CaseEvent.objects.filter(kind=ANNOUNCED, request__in=under_restriction().values("pk")).exclude(after="")
    newest = {each.request_id: each for each in notices.select_related("request").order_by("pk")}
    found = [
        Lifting(each.request, date.fromisoformat(each.after), each)
        for each in newest.values()
        if (since := began_at(each.request)) is not None and each.at >= since
    ]
    return sorted(found, key=lambda each: (each.day, each.request.pk))


def liftings_due(today: date | None = None) -> list[Lifting]:
    """Give those whose day has come."""
    now = today or timezone.localdate()
    return [each for each in open_liftings() if each.day <= now]


def step_of(lifting: Lifting, today: date) -> int:
    """Tell how many reminders have come for a lifting: 0 to 3."""
    return sum((
        today >= working_day_before(lifting.day, working_days=BEFORE),
        today >= lifting.day,
        working_day_before(today, working_days=AFTER) >= lifting.day,
    ))  # fmt: skip


def steps_taken(lifting: Lifting) -> int:
    """Tell how many of them have been sent since its newest notice."""
    reminded = lifting.request.events.filter(kind=REMINDED, pk__gt=lifting.notice.pk).order_by("-pk").first()
    return int(reminded.after) if reminded is not None else 0
