"""A change of paper that the rights desk asked for: the custodian reads what to write, does it, and says so."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.paper.changes import answer_change, show_change
from luvalla.paper.errors import PaperError
from luvalla.paper.models import CustodyEvent, PaperChange
from luvalla.staff.paper.forms import ChangeForm
from luvalla.staff.paper.views import PaperDesk
from luvalla.staff.paper.words import CHANGES, fault_sentence

What = CustodyEvent.What
LEADS: Final[dict[str, Promise]] = {
    What.CORRECTED: pgettext_lazy(
        "paper",
        "Somebody's data was corrected. Strike out the old and write the right beside it, with the day. Nothing is "
        "made unreadable: it must be seen what stood there.",
    ),
    What.MARKED: pgettext_lazy(
        "paper",
        "The processing of somebody's data was restricted. Mark the paper clearly: it is kept, and otherwise nobody "
        "uses it until the restriction is lifted.",
    ),
    What.UNMARKED: pgettext_lazy(
        "paper",
        "The restriction was lifted. Take the mark off, or strike it out and write the day beside it: the paper may be "
        "used again.",
    ),
}
DONE: Final[dict[str, Promise]] = {
    What.CORRECTED: pgettext_lazy("paper", "It was corrected"),
    What.MARKED: pgettext_lazy("paper", "It was marked"),
    What.UNMARKED: pgettext_lazy("paper", "The mark is off"),
}


class AnswerChange(PaperDesk):
    """Shows what is to be written, covered until asked, and takes the answer: done, or why not."""

    any_of: ClassVar[tuple[str, ...]] = ("keep_paper", "handle_requests")
    template_name = "staff/paper/change.html"

    @property
    def change(self) -> PaperChange:
        """The question of the address."""
        return get_object_or_404(PaperChange.objects.select_related("item__place"), ref=self.kwargs["ref"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the question."""
        change = self.change
        self.title, self.lead = CHANGES[change.what], LEADS[change.what]
        words = {"change": change, "form": ChangeForm(), "done": DONE[change.what]}
        return super().get_context_data(**{**words, **kwargs})

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show what is to be written, or take the answer."""
        act = request.POST.get("act", "")
        try:
            if act == "show":
                return self._show()
            if act == "done":
                return self._answer(PaperChange.Result.DONE, "")
            form = ChangeForm(request.POST)
            if form.is_valid():
                return self._answer(PaperChange.Result.IMPOSSIBLE, form.cleaned_data["why"])
        except PaperError as fault:
            return self.render_to_response(self.get_context_data(fault=fault_sentence(fault)), status=409)
        return self.render_to_response(self.get_context_data(form=form))

    def _show(self) -> HttpResponse:
        opened = show_change(change=self.change, actor=self.actor)
        answer = self.render_to_response(self.get_context_data(opened=opened, is_opened=True))
        answer["Cache-Control"] = "no-store"
        return answer

    def _answer(self, result: str, why: str) -> HttpResponse:
        answer_change(change=self.change, result=result, why=why, actor=self.actor)
        return HttpResponseRedirect(reverse("staff_paper:change", args=[self.kwargs["ref"]]))
