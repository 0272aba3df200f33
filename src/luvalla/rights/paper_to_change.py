"""Paper that a right reaches (GDPR 16-18): each item is a custodian's task, and the case waits until it is done.

What an erasure takes is gone when the paper's ledger says so. What is corrected, or marked as restricted, the custodian
changes on the paper itself; the paper's ledger notes who did. What is about the mailbox is noted before the stores
forget whom it is about; the rest a custodian has found by hand. Once a restriction was lifted, its mark comes off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.paper.actions import have_destroyed
from luvalla.paper.changes import ask_change, drop_changes, take_answers
from luvalla.paper.models import CustodyEvent, PaperItem
from luvalla.paper.queries import items_found_for, items_to_erase
from luvalla.rights.actions.moving import note_event
from luvalla.rights.actions.tasks import ON_PAPER, finish_task, give_task, items_of_labels
from luvalla.rights.cases import open_text, said
from luvalla.rights.columns import EVENT
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.queries import CORRECTION_NOTED, events_now, open_custodian_tasks
from luvalla.rights.restricted import note_on_paper_only, once_restricted
from luvalla.rules.case_states import Right, Who

What = CustodyEvent.What
ERASING: Final = frozenset({Right.ERASURE, Right.FORGETTING, Right.ANONYMISATION})
CHANGING: Final = {
    Right.RECTIFICATION: (Task.Kind.CORRECTION, What.CORRECTED),
    Right.RESTRICTION: (Task.Kind.MARKING, What.MARKED),
}
"""Rights that leave the paper where it is: the custodian's task, and what the paper's ledger calls it."""
CALLED: Final = {**dict(CHANGING.values()), Task.Kind.UNMARKING: What.UNMARKED}
"""What the paper's ledger calls each task of changing an item."""
TAKEN_OFF_WITHIN: Final = timedelta(days=7)
REACHING_PAPER: Final = ERASING | set(CHANGING)
OF_AN_ITEM: Final = ON_PAPER | {Task.Kind.DESTRUCTION}
"""Tasks whose subject is the label of a piece of paper."""
NOTED: Final = "paper_noted"


@transaction.atomic
def note_paper_about(request: DataRequest) -> None:
    """Note the numbers of the paper about the requester's mailbox; once, since it arrived or was opened again."""
    if events_now(request).filter(kind=NOTED).exists():
        return
    items = list(items_to_erase(bytes(request.folded)))
    for each in items:
        note_event(request, NOTED, after=str(each), actor=SYSTEM)


@transaction.atomic
def have_paper_changed(request: DataRequest, granted: Collection[Right]) -> int:
    """Give a custodian a task for each item that the granted rights reach; tell how many. Safe to call again.

    Paper that is destroyed needs neither a correction nor a mark.
    """
    items = _reached_by(request) if REACHING_PAPER & set(granted) else []
    if ERASING & set(granted):
        have_destroyed(items)
        for each in items:
            give_task(request, Task.Kind.DESTRUCTION, role=Who.CUSTODIAN, about=str(each), actor=SYSTEM)
        return len(items)
    if items and Right.RESTRICTION in granted:
        note_on_paper_only(request)
    for right in CHANGING:
        for each in items if right in granted else ():
            _ask(request, CHANGING[right][0], each, wanted=_wanted(request, right))
    return len(items)


@transaction.atomic
def have_marks_taken_off() -> int:
    """Give a custodian a task for each item that is marked though its restriction was lifted; tell how many.

    However it was lifted, at the desk or elsewhere. The case is open until the mark is off, or it is said why it can't
    be. What was to be marked and isn't yet falls away. Safe to call again.
    """
    marking = Task.objects.filter(kind=Task.Kind.MARKING, request__in=once_restricted().values("pk"))
    lifted = marking.select_related("request").order_by("pk")
    for task in lifted.filter(done_at=None):
        drop_changes(case_ref=str(task.request.ref), items=list(items_of_labels([task.about])), actor=SYSTEM)
        Task.objects.filter(pk=task.pk).update(done_at=timezone.now(), done_by=str(SYSTEM), result="not_needed")
    asked = Task.objects.filter(
        kind=Task.Kind.UNMARKING,
        request=OuterRef("request"),
        about=OuterRef("about"),
        created_at__gte=OuterRef("done_at"),
    )
    bearing = [
        (task.request, item)
        for task in lifted.filter(~Exists(asked), result="done")
        for item in _of_labels([task.about])
    ]
    for request, item in bearing:
        due_on = timezone.localdate() + TAKEN_OFF_WITHIN
        _ask(request, Task.Kind.UNMARKING, item, wanted=_whose(request), due_on=due_on)
    return len(bearing)


def _ask(request: DataRequest, kind: Task.Kind, item: PaperItem, *, wanted: str, due_on: date | None = None) -> None:
    task = give_task(request, kind, role=Who.CUSTODIAN, about=str(item), due_on=due_on, actor=SYSTEM)
    assert task.due_on is not None
    ask_change(
        case_ref=str(request.ref),
        item=item,
        what=CALLED[kind],
        wanted=wanted,
        due_on=task.due_on,
        folded=bytes(request.folded),
        actor=SYSTEM,
    )


def _wanted(request: DataRequest, right: Right) -> str:
    """Say to a custodian whose paper it is and, of a correction, what is written instead."""
    if right is not Right.RECTIFICATION:
        return _whose(request)
    told = said(request)
    noted = events_now(request).filter(kind=CORRECTION_NOTED).order_by("pk")
    folded = bytes(request.folded)
    in_words = [open_text(bytes(each.sealed), column=EVENT, folded=folded) for each in noted]
    lines = [f"→ {told.new_address}" if told.new_address else "", *in_words]
    return "\n".join([_whose(request), *(each for each in lines if each)])


def _whose(request: DataRequest) -> str:
    told = said(request)
    return "\n".join(each for each in (told.name, told.address) if each) or request.number


def note_changed(request: DataRequest) -> int:
    """Finish the tasks of paper that its custodian has changed, or can't; tell how many."""
    if not request.tasks.filter(kind__in=ON_PAPER, done_at=None).exists():
        return 0
    answers = take_answers(str(request.ref))
    for change, why in answers:
        kind = next(kind for kind, what in CALLED.items() if what == change.what)
        for task in request.tasks.filter(kind=kind, about=str(change.item), done_at=None):
            finish_task(task=task, result=change.result, note=why, actor=SYSTEM)
    return len(answers)


def _reached_by(request: DataRequest) -> list[PaperItem]:
    """Give what a custodian has found for a case, and what was noted before anything was carried out."""
    noted = events_now(request).filter(kind=NOTED).values_list("after", flat=True)
    items = {each.pk: each for each in [*items_found_for(str(request.ref)), *_of_labels(noted)]}
    return list(items.values())


def note_destroyed(request: DataRequest) -> int:
    """Finish the tasks of paper that was destroyed, with its method, before a witness; tell how many."""
    tasks = {each.about: each for each in request.tasks.filter(kind=Task.Kind.DESTRUCTION, done_at=None)}
    gone = _of_labels(tasks, is_there=False)
    for item in gone:
        finish_task(task=tasks[str(item)], result="done", actor=SYSTEM)
    return len(gone)


def item_of(task: Task) -> PaperItem | None:
    """Give the paper that a task is about; None for a task about none."""
    if task.kind not in OF_AN_ITEM:
        return None
    return next(iter(_of_labels([task.about], is_there=None)), None)


def destruction_task_of(item: PaperItem) -> Task | None:
    """Give the open task to destroy an item; None where no request asks for it."""
    return open_custodian_tasks().filter(kind=Task.Kind.DESTRUCTION, about=str(item)).first()


def _of_labels(labels: Iterable[str], *, is_there: bool | None = True) -> list[PaperItem]:
    items = items_of_labels(labels)
    return list(items if is_there is None else items.filter(destroyed_at__isnull=is_there))
