"""Moving a request along the table of states: the one door through which its state changes."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.rights.cases import seal_text
from luvalla.rights.columns import EVENT
from luvalla.rights.doers import roles_of_actor
from luvalla.rights.errors import StepRefused, TasksOpen
from luvalla.rights.models import CaseEvent, DataRequest, Task
from luvalla.rules.case_states import DECIDED, PAUSING, SHUT, State, may_move

NEED_ALL_DONE: Final = DECIDED | SHUT | {State.DPO_REVIEW}
"""States that are not entered while a task is open; a letter that is still to be posted holds up the end alone."""


def move(request: DataRequest, after: State, *, note: str = "", code: str = "", actor: Actor) -> DataRequest:
    """Take one step, in the caller's transaction, and give the request as it now stands.

    Raises StepRefused for a step that doesn't exist from here or isn't for the actor's roles, and TasksOpen. The note
    is sealed; the code goes to the ledger. Clocks: a pausing state stops the second one, leaving it lets it run on.
    """
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    before = State(row.state)
    if not may_move(before, after, roles_of_actor(actor)):
        raise StepRefused
    if after in NEED_ALL_DONE and _to_be_done(row, after).exists():
        raise TasksOpen
    row.state = after
    _keep_second_clock(row, after)
    if after in SHUT:
        row.closed_at = timezone.now()
    elif before in SHUT:
        row.closed_at = None
    if after is State.REOPENED:
        _begin_again(row)
    row.save()
    note_event(row, "moved", before=before, after=after, note=note, actor=actor)
    facts = {"before": before.value, "after": after.value}
    record("rights.move_request", actor=actor, subject=subject_of(row), reason=code, facts=facts)
    return row


def _to_be_done(row: DataRequest, after: State) -> QuerySet[Task]:
    tasks = row.tasks.filter(done_at=None)
    return tasks if after in SHUT else tasks.exclude(kind=Task.Kind.POST)


def note_event(
    request: DataRequest, kind: str, *, before: str = "", after: str = "", note: str = "", actor: Actor
) -> CaseEvent:
    """Write an event into a case, in the caller's transaction; what was said of it is sealed."""
    folded = bytes(request.folded)
    return CaseEvent.objects.create(
        request=request,
        kind=kind,
        before=before,
        after=after,
        actor=str(actor),
        sealed=seal_text(note, column=EVENT, folded=folded),
    )


def subject_of(request: DataRequest) -> Subject:
    """Name a request as the ledger does."""
    return Subject("request", str(request.ref))


def drop_tasks(request: DataRequest, actor: Actor) -> None:
    """End the open tasks of a request that its data subject has taken back."""
    with transaction.atomic():
        open_ones = Task.objects.filter(request=request, done_at=None)
        open_ones.update(done_at=timezone.now(), done_by=str(actor), result="not_needed")


def _begin_again(row: DataRequest) -> None:
    """Start the clocks of what is new in an answered request; when it first arrived and was answered stays.

    Pauses from before count no more: they have put off an answer that was given.
    """
    row.paused_days, row.paused_on = 0, None
    row.reopened_on = timezone.localdate()
    row.first_replied_at = row.first_replied_at or row.replied_at
    row.replied_at, row.carried_out_at, row.escalated = None, None, 0


def _keep_second_clock(row: DataRequest, after: State) -> None:
    today = timezone.localdate()
    if after in PAUSING:
        row.paused_on = row.paused_on or today
    elif row.paused_on is not None:
        row.paused_days += max((today - row.paused_on).days, 0)
        row.paused_on = None
