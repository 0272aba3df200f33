"""What is watched about reading, and what a second person releases."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.people.errors import PeopleError
from luvalla.people.models import ReadingAlarm, Release
from luvalla.people.probing import NEVER_PROBING, explain_program_alarm, open_program_alarms
from luvalla.people.releases import ALONE_AT_MOST, decide_release, reason_of, releases_waiting
from luvalla.people.watching import NEVER_UNUSUAL, TIMES_USUAL, explain_alarm, open_alarms, refused_on
from luvalla.staff.desk import DeskView
from luvalla.staff.people.words import refusal_words
from luvalla.staff.reading.words import goes_to, program_name, release_words
from luvalla.staff.reasons import speaks_of_somebody

EXPLAINED: Final = 10


class Reading(DeskView):
    """Alarms and releases, each for those who deal with them."""

    any_of: ClassVar[tuple[str, ...]] = ("watch_reading", "release_reading")
    template_name = "staff/reading/list.html"
    title = pgettext_lazy("menu", "Reading")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what waits."""
        explained = ReadingAlarm.objects.exclude(explained_at=None).select_related("user", "explained_by")
        return super().get_context_data(
            alarms=[{"alarm": each, "refused": refused_on(each)} for each in open_alarms()],
            programs=[{"alarm": each, "name": program_name(each)} for each in open_program_alarms()],
            explained=explained.order_by("-explained_at")[:EXPLAINED],
            releases=[
                {"release": each, "what": release_words(each), "reason": reason_of(each), "goes_to": goes_to(each)}
                for each in releases_waiting(self.user)
            ],
            least=NEVER_UNUSUAL,
            times=TIMES_USUAL,
            probing=NEVER_PROBING,
            most=ALONE_AT_MOST,
            **kwargs,
        )

    def back(self) -> HttpResponse:
        """Lead back to the page."""
        return HttpResponseRedirect(reverse("staff_reading:list"))


class Explain(Reading):
    """Notes how unusual reading is explained."""

    any_of: ClassVar[tuple[str, ...]] = ("watch_reading",)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Note it, or say why not."""
        alarm = get_object_or_404(ReadingAlarm, pk=self.kwargs["pk"])
        explanation = _explanation(request)
        try:
            if explanation:
                explain_alarm(alarm=alarm, explanation=explanation, by=self.user)
        except PeopleError as fault:
            messages.error(request, refusal_words(fault))
        return self.back()


class ExplainProgram(Reading):
    """Notes how the refused calls of a program are explained."""

    any_of: ClassVar[tuple[str, ...]] = ("watch_reading",)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Note it, or say why not."""
        alarm = next((each for each in open_program_alarms() if each.ref == str(self.kwargs["ref"])), None)
        if alarm is None:
            raise Http404
        explanation = _explanation(request)
        if explanation:
            explain_program_alarm(alarm=alarm, explanation=explanation, by=self.user)
        return self.back()


class Decide(Reading):
    """Releases a large export or print, or refuses it."""

    any_of: ClassVar[tuple[str, ...]] = ("release_reading",)
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Decide, or say why not."""
        release = get_object_or_404(Release, ref=self.kwargs["ref"])
        try:
            decide_release(release=release, is_released=request.POST.get("release") == "yes", by=self.user)
        except PeopleError as fault:
            messages.error(request, refusal_words(fault))
        return self.back()


def _explanation(request: HttpRequest) -> str:
    """Give what was typed; nothing, with a message, where it speaks of somebody."""
    explanation = " ".join(request.POST.get("explanation", "").split())[:400]
    if not speaks_of_somebody(explanation):
        return explanation
    messages.error(request, pgettext("contacts", "Leave people out of the reason: it stays in the ledger."))
    return ""
