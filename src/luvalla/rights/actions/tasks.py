"""Tasks of a request: given, and done by whoever has the role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.paper.actions import post_items
from luvalla.paper.changes import drop_changes
from luvalla.paper.models import PaperItem
from luvalla.rights.actions.moving import move, note_event, subject_of
from luvalla.rights.cases import seal_text
from luvalla.rights.columns import TASK
from luvalla.rights.doers import roles_of_actor
from luvalla.rights.errors import PaperNotChanged, PaperNotDestroyed, ReasonsMissing, TaskUnknown, WayMissing
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest, Letter, Task
from luvalla.rights.queries import awaits_fee
from luvalla.rules.case_states import State, Who
from luvalla.rules.due_dates import HELSINKI, working_day_before

TIME_LEFT: Final = 5
"""Working days between a task's day and the due date of its request."""
RESULTS: Final = frozenset({"done", "found", "nothing", "impossible"})
ON_PAPER: Final = frozenset({Task.Kind.CORRECTION, Task.Kind.MARKING, Task.Kind.UNMARKING})
"""Tasks that a custodian does on the paper itself."""
COPY: Final = "copy"
"""What a task of posting is about where it is the copy, not a letter of that kind."""


def give_task(
    request: DataRequest, kind: Task.Kind, *, role: Who, about: str = "", due_on: date | None = None, actor: Actor
) -> Task:
    """Give a task, in the caller's transaction; one of the same kind and subject that is open is the same task.

    A closed case is open again until it is done; its answer, and when that left, stay as they are.
    """
    standing = request.tasks.filter(kind=kind, about=about, done_at=None).first()
    if standing is not None:
        return standing
    last = max(working_day_before(request.due_on, working_days=TIME_LEFT), timezone.localdate())
    task = Task.objects.create(request=request, kind=kind, role=role, about=about, due_on=due_on or last)
    record("rights.give_task", actor=actor, subject=subject_of(request), facts={"kind": kind.value})
    if DataRequest.objects.filter(pk=request.pk, state=State.CLOSED).exists():
        move(request, State.REPLIED, code="task", actor=SYSTEM)
    return task


@transaction.atomic
def finish_task(
    *,
    task: Task,
    result: str,
    note: str = "",
    posted_on: date | None = None,
    prints: Sequence[PaperItem] = (),
    actor: Actor,
) -> Task:
    """Note that a task was done, and what came of it: done, found, nothing or impossible.

    What was posted has its day (today if none is given), and the prints that went into the envelope leave the ledger
    of paper: paper.actions.post_items says what it raises.

    Raises TaskUnknown for one that isn't open or is another role's, and ReasonsMissing for an impossibility without
    a reason (GDPR 19: "proves impossible or involves disproportionate effort"). Paper is destroyed in its own ledger,
    with its method and witness, which finishes the task: PaperNotDestroyed for a tick alone.
    An opinion is given by give_opinion alone: TaskUnknown for one that is ticked off. So is paper corrected and marked
    by its custodian: PaperNotChanged. A copy that this program didn't transmit to another controller was handed over in
    some other way, which is written down: WayMissing.
    """
    row = _open_task(task, actor)
    if result not in RESULTS or _is_unpaid(row) or row.kind == Task.Kind.OPINION:
        raise TaskUnknown
    if row.kind == Task.Kind.DESTRUCTION and result != "impossible" and actor != SYSTEM:
        raise PaperNotDestroyed
    if row.kind in ON_PAPER and result != "impossible" and actor != SYSTEM:
        raise PaperNotChanged
    if result == "impossible" and not note.strip():
        raise ReasonsMissing
    if row.kind == Task.Kind.TRANSMISSION and result != "impossible" and not note.strip():
        raise WayMissing
    if row.kind in ON_PAPER:
        drop_changes(case_ref=str(row.request.ref), items=list(items_of_labels([row.about])), actor=actor)
    if row.kind == Task.Kind.POST and result == "done":
        row.posted_on = posted_on or timezone.localdate()
        _note_posted(row, prints, actor)
    return _finish(row, result, note, actor)


@transaction.atomic
def finish_opinion(*, task: Task, opinion: str, actor: Actor) -> Task:
    """Note that an opinion was given, sealed; TaskUnknown for a task that isn't open or isn't the actor's."""
    return _finish(_open_task(task, actor), "done", opinion, actor)


def _open_task(task: Task, actor: Actor) -> Task:
    row = Task.objects.select_for_update().select_related("request").filter(pk=task.pk, done_at=None).first()
    if row is None or not _may_finish(row, actor):
        raise TaskUnknown
    return row


def _finish(row: Task, result: str, note: str, actor: Actor) -> Task:
    row.done_at, row.done_by, row.result = timezone.now(), str(actor), result
    row.sealed = seal_text(note, column=TASK, folded=bytes(row.request.folded))
    row.save(update_fields=["done_at", "done_by", "result", "posted_on", "sealed"])
    if row.kind == Task.Kind.NOTICE:
        _note_notice(row)
    note_event(row.request, f"task_{row.kind}", after=result, note=note, actor=actor)
    facts = {"kind": row.kind, "result": result, "posted_on": row.posted_on.isoformat() if row.posted_on else None}
    record("rights.finish_task", actor=actor, subject=subject_of(row.request), facts=facts)
    return row


def items_of_labels(labels: Iterable[str]) -> QuerySet[PaperItem]:
    """Give the paper behind labels such as "P 12"."""
    return PaperItem.objects.filter(pk__in=[int(each.removeprefix("P ")) for each in labels]).order_by("pk")


def moment_of_posting(day: date) -> datetime:
    """Give the moment that stands for a day of posting: its noon, or now where noon is still to come."""
    return min(datetime.combine(day, time(12), tzinfo=HELSINKI), timezone.now())


def _note_posted(task: Task, prints: Sequence[PaperItem], actor: Actor) -> None:
    """Write on the letter that it was sent that day, and have its prints leave the house."""
    assert task.posted_on is not None
    at = moment_of_posting(task.posted_on)
    letters = task.request.letters.filter(kind=task.about, by_post=True, state=Letter.State.ISSUED)
    letters.update(state=Letter.State.SENT, sent_at=at)
    if prints:
        post_items(items=prints, at=at, actor=actor)


def _note_notice(task: Task) -> None:
    """Write on the letter of a notice what its task says: sent, or impossible for the reason that was given."""
    is_sent = task.result != "impossible"
    state = Letter.State.SENT if is_sent else Letter.State.FAILED
    letters = task.request.letters.filter(kind=Kind.DISCLOSEE, about=task.about, state=Letter.State.ISSUED)
    letters.update(state=state, sent_at=task.done_at if is_sent else None)


def _is_unpaid(task: Task) -> bool:
    """A fee's task is done by its payment, or by letting it off: a tick alone would leave the case standing."""
    return task.kind == Task.Kind.FEE and awaits_fee(task.request)


def _may_finish(task: Task, actor: Actor) -> bool:
    """A task is its role's; the register owner may do any but an opinion, which is the officer's alone."""
    roles = roles_of_actor(actor)
    if actor == SYSTEM or Who(task.role) in roles:
        return True
    return Who.REGISTER_OWNER in roles and task.kind != Task.Kind.OPINION
