"""The tasks of a case as its page shows them: what, whose, until when, and where they are done."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse

from luvalla.rights.actions.tasks import COPY
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.paper_to_change import item_of
from luvalla.staff.parts import Clock
from luvalla.staff.requests.history import name_of
from luvalla.staff.requests.words import RESULTS, task_word

OWN_STEPS: Final = {Task.Kind.FEE: "fee-paid", Task.Kind.OPINION: "opinion"}
"""Tasks that a step of their own finishes."""


def tasks_of(case: DataRequest) -> list[dict[str, Any]]:
    """Give the tasks, the open ones first."""
    return [
        {
            "task": each,
            "word": task_word(each.kind, each.about),
            "print": _print_of(each),
            "result": RESULTS.get(each.result, ""),
            "who": name_of(each.done_by),
            "step": OWN_STEPS.get(Task.Kind(each.kind), ""),
            "item": item_of(each),
            "clock": Clock.until(each.due_on, since=each.created_at) if each.due_on and not each.done_at else None,
        }
        for each in case.tasks.order_by("done_at", "due_on", "pk")
    ]


def _print_of(task: Task) -> str:
    """Give the page where what a task wants posted is printed; empty for another task, or one that is done."""
    if task.kind != Task.Kind.POST or task.done_at is not None:
        return ""
    if task.about == COPY:
        return reverse("staff_paper:print_case_copy", args=[task.request.ref])
    letter = task.request.letters.filter(kind=task.about, by_post=True).exclude(issued_at=None).last()
    return reverse("staff_paper:print_case_letter", args=[letter.ref]) if letter else ""
