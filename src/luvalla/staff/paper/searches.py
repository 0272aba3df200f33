"""A search that the rights desk asked for: the custodian reads whom it is about, looks, and answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.paper.errors import PaperError
from luvalla.paper.models import PaperSearch
from luvalla.paper.queries import items_of_mailbox
from luvalla.paper.searches import answer_search, show_search
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.queries import open_custodian_tasks
from luvalla.staff.paper.forms import AnswerForm
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import KINDS, fault_sentence


class AnswerSearch(PaperDesk):
    """Shows whom to look for, covered until asked, and takes the answer: found, or nothing."""

    any_of: ClassVar[tuple[str, ...]] = ("keep_paper", "handle_requests")
    template_name = "staff/paper/search.html"
    title: str | Promise = pgettext_lazy("paper", "Search the cabinets")
    lead: str | Promise = pgettext_lazy(
        "paper", "Somebody has asked what is kept about them. Look into the cabinets, then say what is there."
    )

    @property
    def search(self) -> PaperSearch:
        """The search of the address."""
        return get_object_or_404(PaperSearch, ref=self.kwargs["ref"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        search = self.search
        known = items_of_mailbox(bytes(search.folded)) if search.folded else ()
        words = {"search": search, "form": AnswerForm(), "found": search.found.all()}
        known_rows = [{"item": each, "kind": KINDS[each.kind]} for each in known]
        needed = {"needed_by": _needed_by(search)}
        return super().get_context_data(**{**words, **needed, "known": known_rows, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show whom to look for, or take the answer."""
        act = request.POST.get("act", "")
        try:
            if act == "show":
                return self._show()
            form = AnswerForm(request.POST)
            if act == "nothing":
                return self._answer([])
            if form.is_valid() and form.cleaned_data["numbers"]:
                return self._answer(form.cleaned_data["numbers"])
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return self.render_to_response(self.get_context_data(form=form, numbers_missing=form.is_valid()))

    def _show(self) -> HttpResponse:
        answer = self.render_to_response(
            self.get_context_data(opened=show_search(search=self.search, actor=self.actor), is_opened=True)
        )
        answer["Cache-Control"] = "no-store"
        return answer

    def _answer(self, found: list[Any]) -> HttpResponse:
        answer_search(search=self.search, found=found, actor=self.actor)
        return HttpResponseRedirect(reverse("staff_paper:search", args=[self.kwargs["ref"]]))


def _needed_by(search: PaperSearch) -> DataRequest | None:
    """Give the request that waits for a search; None where it waits no more."""
    task = open_custodian_tasks().filter(request__ref=search.case_ref, kind=Task.Kind.PAPER).first()
    return task.request if task is not None else None
