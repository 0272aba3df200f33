"""Paper that an erasure takes (GDPR 17): each item is a custodian's task until the paper's ledger says it is gone.

What is about the mailbox is noted before the stores forget whom it is about; the rest a custodian has found by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import transaction

from luvalla.ledger.actors import SYSTEM
from luvalla.paper.actions import have_destroyed
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import items_found_for, items_to_erase
from luvalla.rights.actions.moving import note_event
from luvalla.rights.actions.tasks import finish_task, give_task
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.queries import events_now, open_custodian_tasks
from luvalla.rules.case_states import Right, Who

ERASING: Final = frozenset({Right.ERASURE, Right.FORGETTING, Right.ANONYMISATION})
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
def have_paper_destroyed(request: DataRequest) -> int:
    """Give a custodian a task for each item that an erasure takes; tell how many. Safe to call again."""
    if not ERASING & set(request.chosen):
        return 0
    noted = events_now(request).filter(kind=NOTED).values_list("after", flat=True)
    items = {each.pk: each for each in [*items_found_for(str(request.ref)), *_of_labels(noted)]}
    have_destroyed(items.values())
    for each in items.values():
        give_task(request, Task.Kind.DESTRUCTION, role=Who.CUSTODIAN, about=str(each), actor=SYSTEM)
    return len(items)


def note_destroyed(request: DataRequest) -> int:
    """Finish the tasks of paper that was destroyed, with its method, before a witness; tell how many."""
    tasks = {each.about: each for each in request.tasks.filter(kind=Task.Kind.DESTRUCTION, done_at=None)}
    gone = _of_labels(tasks, is_there=False)
    for item in gone:
        finish_task(task=tasks[str(item)], result="done", actor=SYSTEM)
    return len(gone)


def item_of(task: Task) -> PaperItem | None:
    """Give the paper that a task is about."""
    return next(iter(_of_labels([task.about], is_there=None)), None)


def destruction_task_of(item: PaperItem) -> Task | None:
    """Give the open task to destroy an item; None where no request asks for it."""
    return open_custodian_tasks().filter(kind=Task.Kind.DESTRUCTION, about=str(item)).first()


def _of_labels(labels: Iterable[str], *, is_there: bool | None = True) -> list[PaperItem]:
    numbers = [int(label.removeprefix("P ")) for label in labels]
    items = PaperItem.objects.filter(pk__in=numbers).order_by("pk")
    return list(items if is_there is None else items.filter(destroyed_at__isnull=is_there))
