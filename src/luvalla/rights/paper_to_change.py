"""Paper that a right reaches (GDPR 16-18): each item is a custodian's task, and the case waits until it is done.

What an erasure takes is gone when the paper's ledger says so. What is corrected, or marked as restricted, the custodian
changes on the paper itself; the paper's ledger notes who did. What is about the mailbox is noted before the stores
forget whom it is about; the rest a custodian has found by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.db import transaction

from luvalla.ledger.actors import SYSTEM
from luvalla.paper.actions import have_destroyed
from luvalla.paper.changes import ask_change, take_answers
from luvalla.paper.models import CustodyEvent, PaperItem
from luvalla.paper.queries import items_found_for, items_to_erase
from luvalla.rights.actions.moving import note_event
from luvalla.rights.actions.tasks import ON_PAPER, finish_task, give_task, items_of_labels
from luvalla.rights.cases import open_text, said
from luvalla.rights.columns import EVENT
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.queries import CORRECTION_NOTED, events_now, open_custodian_tasks
from luvalla.rules.case_states import Right, Who

What = CustodyEvent.What
ERASING: Final = frozenset({Right.ERASURE, Right.FORGETTING, Right.ANONYMISATION})
CHANGING: Final = {
    Right.RECTIFICATION: (Task.Kind.CORRECTION, What.CORRECTED),
    Right.RESTRICTION: (Task.Kind.MARKING, What.MARKED),
}
"""Rights that leave the paper where it is: the custodian's task, and what the paper's ledger calls it."""
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
    for right in CHANGING:
        for each in items if right in granted else ():
            _ask(request, right, each)
    return len(items)


def _ask(request: DataRequest, right: Right, item: PaperItem) -> None:
    kind, what = CHANGING[right]
    task = give_task(request, kind, role=Who.CUSTODIAN, about=str(item), actor=SYSTEM)
    assert task.due_on is not None
    ask_change(
        case_ref=str(request.ref),
        item=item,
        what=what,
        wanted=_wanted(request, right),
        due_on=task.due_on,
        folded=bytes(request.folded),
        actor=SYSTEM,
    )


def _wanted(request: DataRequest, right: Right) -> str:
    """Say to a custodian whose paper it is and, of a correction, what is written instead."""
    told = said(request)
    whose = "\n".join(each for each in (told.name, told.address) if each) or request.number
    if right is not Right.RECTIFICATION:
        return whose
    noted = events_now(request).filter(kind=CORRECTION_NOTED).order_by("pk")
    folded = bytes(request.folded)
    in_words = [open_text(bytes(each.sealed), column=EVENT, folded=folded) for each in noted]
    lines = [f"→ {told.new_address}" if told.new_address else "", *in_words]
    return "\n".join([whose, *(each for each in lines if each)])


def note_changed(request: DataRequest) -> int:
    """Finish the tasks of paper that its custodian has corrected or marked, or can't; tell how many."""
    if not request.tasks.filter(kind__in=ON_PAPER, done_at=None).exists():
        return 0
    answers = take_answers(str(request.ref))
    for change, why in answers:
        kind = next(kind for kind, what in CHANGING.values() if what == change.what)
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
