"""Nobody forgets a due date: whoever holds a case is reminded, then the register owner, then the officer as well.

An authority's deadline is recalled in the same steps to those who deal with the authority, and the day on which a
restriction is to be lifted to whoever holds its case. Each step is an event of the
case, a row of the ledger, and a mail to each whom it concerns: a number and a day, nothing of what was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.actions import post_service_message
from luvalla.organisation.queries import the_controller
from luvalla.people.models import User
from luvalla.people.queries import accounts_standing_open, actor_of
from luvalla.rights import liftings
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.clocks import clocks_of
from luvalla.rights.doers import has_role
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import day_in
from luvalla.rights.liftings import Lifting
from luvalla.rights.models import Complaint, DataRequest
from luvalla.rights.queries import open_requests, unanswered_complaints
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Who
from luvalla.rules.due_dates import working_day_before

Roles = tuple[Who, ...]
OF_THE_DESK: Final[Roles] = (Who.REGISTER_OWNER, Who.DATA_PROTECTION_OFFICER)
STEPS: Final[tuple[tuple[int, Roles], ...]] = (
    (10, (Who.HANDLER,)),
    (5, (Who.HANDLER, Who.REGISTER_OWNER)),
    (2, OF_THE_DESK),
    (0, OF_THE_DESK),
)
"""Working days before the due date, and who hears of it then; the last one on the day itself."""
STEPS_OF_AUTHORITY: Final[tuple[tuple[int, Roles], ...]] = (
    (10, (Who.REGISTER_OWNER,)),
    (5, OF_THE_DESK),
    (2, OF_THE_DESK),
    (0, OF_THE_DESK),
)
"""The same before the day that an authority has named."""
REMINDER, DUE_REMINDER, LIFTING_REMINDER = "rights_reminder", "rights_due_reminder", "rights_lifting_reminder"
"""Kinds of these mails: of an authority's day, of a request's own, of the day of a lifting."""
WORDS: Final = {REMINDER: "reminder", DUE_REMINDER: "due_reminder", LIFTING_REMINDER: "lifting_reminder"}


def remind(today: date | None = None) -> int:
    """Escalate what has come to its next step; tell how many. Run again the same day it does nothing."""
    now = today or timezone.localdate()
    requests = sum(_escalate(each, now) for each in open_requests().filter(replied_at=None))
    complaints = sum(_escalate_complaint(each, now) for each in unanswered_complaints().exclude(answer_by=None))
    return requests + complaints + sum(_recall_lifting(each, now) for each in liftings.open_liftings())


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
    roles = STEPS[level - 1][1]
    note_event(request, "reminded", after=roles[-1], actor=SYSTEM)
    facts = {"role": roles[-1].value, "level": level}
    record("rights.remind", actor=SYSTEM, subject=subject_of(request), facts=facts)
    _tell(request, clocks_of(request, today).first, roles, DUE_REMINDER)
    return True


@transaction.atomic
def _escalate_complaint(complaint: Complaint, today: date) -> bool:
    """Recall an authority's deadline: in the case, in the ledger, and by mail to each who has the role."""
    assert complaint.answer_by is not None
    last = complaint.answer_by
    level = sum(today >= working_day_before(last, working_days=days) for days, _ in STEPS_OF_AUTHORITY)
    if level <= complaint.escalated:
        return False
    Complaint.objects.filter(pk=complaint.pk).update(escalated=level)
    roles = STEPS_OF_AUTHORITY[level - 1][1]
    note_event(complaint.request, "complaint_reminded", after=roles[-1], actor=SYSTEM)
    facts = {"role": roles[-1].value, "level": level, "authority": complaint.authority}
    record("rights.remind", actor=SYSTEM, subject=subject_of(complaint.request), facts=facts)
    _tell(complaint.request, last, roles, REMINDER)
    return True


@transaction.atomic
def _recall_lifting(lifting: Lifting, today: date) -> bool:
    """Recall the day from which a restriction can be lifted, where it still stands."""
    level = liftings.step_of(lifting, today)
    if level <= liftings.steps_taken(lifting):
        return False
    roles = liftings.STEPS[level - 1]
    note_event(lifting.request, liftings.REMINDED, after=str(level), actor=SYSTEM)
    facts = {"role": roles[-1].value, "level": level, "lift_on": lifting.day.isoformat()}
    record("rights.remind", actor=SYSTEM, subject=subject_of(lifting.request), facts=facts)
    _tell(lifting.request, lifting.day, roles, LIFTING_REMINDER)
    return True


def _tell(request: DataRequest, last: date, roles: Roles, kind: str) -> None:
    """Write to everybody whom a step concerns."""
    place = the_controller().base_url.rstrip("/") + reverse("staff_requests:case", args=[request.ref])
    for user in _concerned(request, roles):
        words = texts(user.language)[WORDS[kind]]
        values = {"number": request.number, "day": day_in(last, user.language), "place": place}
        post_service_message(
            kind=kind,
            address=normalise(user.email),
            subject=words["subject"].format_map(values),
            text=words["text"].lstrip().format_map(values),
            html="",
            language=user.language,
            actor=SYSTEM,
        )


def _concerned(request: DataRequest, roles: Roles) -> Iterator[User]:
    """Give those whom a step concerns; of all who handle requests the case's own handler, where there is one."""
    everybody = [(user, actor_of(user)) for user in accounts_standing_open().order_by("pk")]
    handlers = {str(actor) for _, actor in everybody if Who.HANDLER in roles and has_role(actor, Who.HANDLER)}
    if request.handler in handlers:
        handlers = {request.handler}
    others = [each for each in roles if each is not Who.HANDLER]
    for user, actor in everybody:
        if str(actor) in handlers or has_role(actor, *others):
            yield user
