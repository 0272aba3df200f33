"""Nobody forgets a due date: whoever holds a case is reminded, then the register owner, then the officer as well."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.clocks import clocks_of
from luvalla.rights.models import DataRequest
from luvalla.rights.queries import open_requests
from luvalla.rules.case_states import Who
from luvalla.rules.due_dates import working_day_before

STEPS: Final = ((10, Who.HANDLER), (5, Who.REGISTER_OWNER), (2, Who.DATA_PROTECTION_OFFICER), (0, Who.REGISTER_OWNER))
"""Working days before the due date, and who hears of it then; the last one on the day itself."""


def remind(today: date | None = None) -> int:
    """Escalate the open requests whose next step has come; tell how many. Run again the same day it does nothing."""
    now = today or timezone.localdate()
    return sum(_escalate(each, now) for each in open_requests().filter(replied_at=None))


def level_of(request: DataRequest, today: date) -> int:
    """Tell how many steps of the escalation have come for a request."""
    last = clocks_of(request, today).first
    return sum(today >= working_day_before(last, working_days=days) for days, _ in STEPS)


@transaction.atomic
def _escalate(request: DataRequest, today: date) -> bool:
    level = level_of(request, today)
    if level <= request.escalated:
        return False
    DataRequest.objects.filter(pk=request.pk).update(escalated=level)
    role = STEPS[level - 1][1]
    note_event(request, "reminded", after=role, actor=SYSTEM)
    record("rights.remind", actor=SYSTEM, subject=subject_of(request), facts={"role": role.value, "level": level})
    return True
