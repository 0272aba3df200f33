"""What a request needs of whoever keeps the paper: its number, its day and the custodian's tasks, and nothing else.

The page is there while such a task is open. Whom the request is about a custodian reads where they search, with its row
in the ledger; what was asked, the letters and the decisions are the desk's.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.models import PaperChange, PaperItem, PaperSearch
from luvalla.rights.clocks import clocks_of
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.paper_to_change import CALLED, item_of
from luvalla.rights.queries import open_custodian_tasks
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Clock, Crumb
from luvalla.staff.requests.steps import TaskPage
from luvalla.staff.requests.words import task_word

KEEPERS: tuple[str, ...] = ("keep_paper",)


class CustodyPage(DeskView):
    """The custodian's tasks of one request; 404 where none is open."""

    any_of: ClassVar[tuple[str, ...]] = KEEPERS
    template_name = "staff/requests/custody.html"
    lead = pgettext_lazy(
        "requests", "What this request needs of whoever keeps the paper. Its answer waits until all of it is done."
    )

    @cached_property
    def case(self) -> DataRequest:
        """The request, while it needs a custodian."""
        found = DataRequest.objects.filter(ref=self.kwargs["ref"], is_canary=False).first()
        if found is None or not open_custodian_tasks().filter(request=found).exists():
            raise Http404
        return found

    def crumbs(self) -> list[Crumb]:
        """Give the way: a custodian comes from the paper."""
        return [Crumb(pgettext("menu", "Paper"), reverse("staff_paper:list")), Crumb(self.case.number)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the tasks, each with where it is done."""
        tasks = open_custodian_tasks().filter(request=self.case)
        return super().get_context_data(**{
            "title": pgettext("requests", "Paper for request %(number)s") % {"number": self.case.number},
            "case": self.case,
            "clock": Clock.until(clocks_of(self.case).first, since=self.case.receipt_date),
            "tasks": [_row(each) for each in tasks],
            **kwargs,
        })  # fmt: skip


class CustodyTaskPage(TaskPage):
    """Paper that can't be destroyed: a custodian says why."""

    any_of: ClassVar[tuple[str, ...]] = KEEPERS
    template_name = "staff/requests/question.html"

    @cached_property
    def task(self) -> Task:
        """The open task of destroying paper; every other is done elsewhere, or is somebody else's."""
        mine = open_custodian_tasks().filter(request=self.case, kind=Task.Kind.DESTRUCTION)
        found = mine.filter(ref=self.kwargs["task"]).first()
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        paper = Crumb(pgettext("menu", "Paper"), reverse("staff_paper:list"))
        tasks = Crumb(self.case.number, reverse("staff_requests:custody", args=[self.case.ref]))
        return [paper, tasks, Crumb(str(self.heading))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Lead back to the custodian's tasks: the case itself they don't open."""
        back = reverse("staff_requests:custody", args=[self.case.ref])
        return super().get_context_data(**{"back": back, **kwargs})

    def done(self) -> HttpResponse:
        """Go back to what else there is to do, or to the paper."""
        if open_custodian_tasks().filter(request=self.case).exists():
            return HttpResponseRedirect(reverse("staff_requests:custody", args=[self.case.ref]))
        return HttpResponseRedirect(reverse("staff_paper:list"))


def _row(task: Task) -> dict[str, Any]:
    item = item_of(task)
    return {
        "task": task,
        "word": task_word(task.kind, task.about),
        "item": item,
        "place": _place_of(task, item),
        "is_search": task.kind == Task.Kind.PAPER,
        "is_destruction": task.kind == Task.Kind.DESTRUCTION,
        "clock": Clock.until(task.due_on, since=task.created_at) if task.due_on else None,
    }


def _place_of(task: Task, item: PaperItem | None) -> str:
    """Give the page on which a task is done; nothing where it is done by answering another one."""
    case_ref = str(task.request.ref)
    if task.kind == Task.Kind.PAPER:
        search = PaperSearch.objects.filter(case_ref=case_ref, answered_at=None).order_by("-pk").first()
        return reverse("staff_paper:search", args=[search.ref]) if search else ""
    if item is None:
        return ""
    if task.kind == Task.Kind.DESTRUCTION:
        return reverse("staff_paper:destroy", args=[item.ref])
    what = CALLED[Task.Kind(task.kind)]
    change = PaperChange.objects.filter(case_ref=case_ref, item=item, what=what, answered_at=None).first()
    return reverse("staff_paper:change", args=[change.ref]) if change else ""
