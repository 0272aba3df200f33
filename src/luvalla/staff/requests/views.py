"""Pages of the requests desk: the open ones by due date, one case, its findings, letters and figures."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.organisation.authorities import authority
from luvalla.paper.queries import items_of_case
from luvalla.rights import statistics
from luvalla.rights.clocks import Clocks, clocks_of
from luvalla.rights.collecting import progress
from luvalla.rights.copies.gathering import store_name
from luvalla.rights.copies.packing import shown_as
from luvalla.rights.copies.portability import as_json, portable_of
from luvalla.rights.errors import FileRefused
from luvalla.rights.liftings import Lifting, open_liftings
from luvalla.rights.models import Attachment, Complaint, DataRequest, Letter, StoreSearch
from luvalla.rights.queries import (
    answered_requests,
    authority_waits,
    open_holds,
    open_requests,
    same_person,
    workload,
)
from luvalla.rights.reading import (
    masked_address,
    show_file,
    show_found,
    show_letter,
    show_pack,
    show_request,
)
from luvalla.rules.case_states import SHUT, Right, State
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language
from luvalla.staff.parts import Clock, Crumb, Figure
from luvalla.staff.requests.history import events_of, name_of
from luvalla.staff.requests.proposals import proposal_of
from luvalla.staff.requests.stepping import steps_for
from luvalla.staff.requests.tasks import tasks_of
from luvalla.staff.requests.words import (
    CHANNELS,
    ENDS,
    HOLD_GROUNDS,
    LETTER_STATES,
    LETTERS,
    NOTICE_STATES,
    RIGHTS,
    STAGES,
    STATES,
    TRANSMISSIONS,
    rights_of,
    sentence_of,
)
from luvalla.staff.words import LANGUAGE_WORDS

MAY: tuple[str, ...] = ("handle_requests", "change_contact")
ANSWERED = 50


def clock_of(request: DataRequest) -> Clock:
    """Draw the clock that counts; an answered case's is at rest, unless an authority waits for an explanation."""
    of_authority = _clock_of_authority(authority_waits(request))
    if of_authority is not None and (request.state == State.COMPLAINT or request.replied_at):
        return of_authority
    if request.state in SHUT or request.replied_at:
        days = (timezone.localdate(request.replied_at or request.closed_at) - request.receipt_date).days
        words = npgettext("clock", "answered in %(days)d day", "answered in %(days)d days", days) % {"days": days}
        words = words if days else pgettext("clock", "answered the same day")
        return Clock(0, "done", words, "")
    return Clock.until(clocks_of(request).first, since=request.receipt_date)


def row_of(request: DataRequest) -> dict[str, Any]:
    """Give what a listing shows of a request."""
    return {
        "request": request,
        "rights": rights_of(request),
        "state": STATES[State(request.state)],
        "clock": clock_of(request),
        "who": name_of(request.handler),
    }


class RequestList(DeskView):
    """The open requests, the nearest due date first, and whose work they are."""

    any_of: ClassVar[tuple[str, ...]] = MAY
    template_name = "staff/requests/list.html"
    title = pgettext_lazy("requests", "Requests")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the lists."""
        rows = list(open_requests())
        liftings = open_liftings()
        return super().get_context_data(**{
            "rows": [row_of(each) for each in rows],
            "answered": [row_of(each) for each in answered_requests()[:ANSWERED]],
            "workload": _held(liftings),
            "liftings": [
                {**row_of(each.request), "day": each.day, "clock": Clock.until(each.day, since=each.notice.at)}
                for each in liftings
            ],
            "late": sum(clocks_of(each).is_overdue for each in rows),
            **kwargs,
        })  # fmt: skip


class CaseView(DeskView):
    """A page about one request; 404 for a reference that is none."""

    any_of: ClassVar[tuple[str, ...]] = MAY

    @cached_property
    def case(self) -> DataRequest:
        """The request."""
        found = DataRequest.objects.filter(ref=self.kwargs["ref"], is_canary=False).first()
        if found is None:
            raise Http404
        return found

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list")), Crumb(self.case.number)]

    def crumbs_below(self) -> list[Crumb]:
        """Give the way to a page below the case."""
        listing, case = CaseView.crumbs(self)
        back = reverse("staff_requests:case", args=[self.case.ref])
        return [listing, Crumb(case.label, back), Crumb(str(self.title))]


class CasePage(CaseView):
    """One case: clocks, who asks, tasks, what happened, letters; and the steps that are possible now."""

    template_name = "staff/requests/case.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows."""
        case, clocks = self.case, clocks_of(self.case)
        main, others = steps_for(case, self.actor)
        searched, stores, found = progress(case)
        return super().get_context_data(**{
            "title": rights_of(case),
            "case": case,
            "is_shut": case.state in SHUT,
            "state": STATES[State(case.state)],
            "channel": CHANNELS[DataRequest.Channel(case.channel)],
            "language_word": LANGUAGE_WORDS[case.language],
            "stages": _stages(case),
            "clocks": clocks,
            "clock": clock_of(case),
            "second": _second(case, clocks),
            "shown": masked_address(case),
            "main": main,
            "others": others,
            "tasks": tasks_of(case),
            "searches": [(each, store_name(each.store, language())) for each in case.searches.order_by("pk")],
            "searched_at": case.searches.order_by("-at").values_list("at", flat=True).first(),
            "is_portable": Right.PORTABILITY in case.chosen and bool(searched) and self.may("handle_requests"),
            "searched": searched,
            "stores": stores,
            "found": found,
            "events": events_of(case),
            "letters": _letters(case),
            "files": case.attachments.order_by("pk"),
            "papers": items_of_case(str(case.ref)) if self.may("handle_requests") else (),
            "transmissions": _transmissions(case),
            "holds": [(each, HOLD_GROUNDS[each.ground], ENDS[each.ends]) for each in open_holds(case)],
            "proposal": proposal_of(case),
            "complaints": _complaints(case),
            "of_authority": _clock_of_authority(authority_waits(case)),
            "siblings": same_person(case),
            "open_rows": [row_of(each) for each in open_requests()[:12]],
            **kwargs,
        })  # fmt: skip


class FoundPage(CaseView):
    """What a store keeps about the requester, opened to be looked through; the look is a row in the ledger."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)
    template_name = "staff/requests/found.html"
    title = pgettext_lazy("requests", "What was found")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return self.crumbs_below()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Open the findings of one store."""
        search = StoreSearch.objects.filter(request=self.case, pk=self.kwargs["pk"]).first()
        if search is None:
            raise Http404
        found = show_found(search=search, actor=self.actor)
        return super().get_context_data(
            **{
                "case": self.case,
                "search": search,
                "store": store_name(search.store, language()),
                "found": [(number, each, shown_as(each, language())) for number, each in enumerate(found)],
                **kwargs,
            }
        )


class FileDownload(CaseView):
    """A scan, under a name that says nothing and a type that nothing executes."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the file."""
        del request
        kept = Attachment.objects.filter(request=self.case, ref=self.kwargs["file"]).first()
        if kept is None:
            raise Http404
        try:
            opened = show_file(file=kept, actor=self.actor)
        except FileRefused as fault:
            messages.error(self.request, sentence_of(fault))
            return HttpResponseRedirect(reverse("staff_requests:case", args=[self.case.ref]))
        ending = opened.media_type.rpartition("/")[2].rpartition(".")[2]
        return download(opened.content, opened.media_type, f"{self.case.number}-{kept.pk}.{ending}")


class LetterDownload(CaseView):
    """The PDF of an issued letter."""

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the PDF."""
        del request
        letter = Letter.objects.filter(request=self.case, ref=self.kwargs["letter"]).first()
        content = show_letter(letter=letter, actor=self.actor) if letter else b""
        if letter is None or not content:
            raise Http404
        return download(content, "application/pdf", f"{self.case.number}-{letter.kind}.pdf")


class PackDownload(CaseView):
    """The documents that were gathered for an authority."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the ZIP file; the look is a row in the ledger."""
        del request
        complaint = self.case.complaints.exclude(sealed_pack=b"").filter(pk=self.kwargs["pk"]).first()
        if complaint is None:
            raise Http404
        return download(show_pack(complaint=complaint, actor=self.actor), "application/zip", f"{self.case.number}.zip")


class PortableDownload(CaseView):
    """The document that is transmitted to another controller at the person's wish (GDPR 20(2))."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the document; the look is a row in the ledger."""
        del request
        if Right.PORTABILITY not in self.case.chosen or not self.case.searches.exists():
            raise Http404
        show_request(request=self.case, actor=self.actor)
        return download(as_json(portable_of(self.case)), "application/json", f"{self.case.number}-portable.json")


class Figures(DeskView):
    """The desk in figures, for the data protection officer."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)
    template_name = "staff/requests/figures.html"
    title = pgettext_lazy("requests", "Requests in figures")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return [Crumb(pgettext("menu", "Requests"), reverse("staff_requests:list")), Crumb(str(self.title))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the year's rows."""
        year = _year(self.request.GET.get("year", ""))
        rows = statistics.figures(date(year, 1, 1), date(year, 12, 31))
        everything = rows[-1]
        shown = language()
        return super().get_context_data(**{
            "year": year,
            "before": year - 1,
            "after": year + 1 if year < timezone.localdate().year else 0,
            "rows": [
                (RIGHTS.get(each.right, pgettext("requests", "All")), each, statistics.days_in(each, shown))
                for each in rows
            ],
            "big": [
                Figure(pgettext("requests", "Requests"), str(everything.requests)),
                Figure(pgettext("requests", "Days to the answer, median"), statistics.days_in(everything, shown)),
                Figure(pgettext("requests", "Late"), str(everything.late)),
                Figure(pgettext("requests", "Refused, wholly or in part"), str(everything.refused)),
            ],
            **kwargs,
        })  # fmt: skip


class YearlyReport(DeskView):
    """The year's figures as a PDF."""

    any_of: ClassVar[tuple[str, ...]] = ("handle_requests",)

    def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Give the PDF."""
        del request
        year = int(self.kwargs["year"])
        if not date.min.year < year <= timezone.localdate().year:
            raise Http404
        return download(statistics.yearly_report(year, language()), "application/pdf", f"{year}.pdf")


def _held(liftings: list[Lifting]) -> list[tuple[str, int, int, int]]:
    """Give for each handler how many requests are open, how many of them press, and what is to be lifted."""
    work, to_lift = workload(), Counter(each.request.handler for each in liftings)
    nobody = pgettext("requests", "nobody yet")
    return [
        (name_of(each) or nobody, *work.get(each, (0, 0)), to_lift[each]) for each in dict.fromkeys([*work, *to_lift])
    ]


def _year(text: str) -> int:
    this = timezone.localdate().year
    return int(text) if text.isdecimal() and 2000 <= int(text) <= this else this  # noqa: PLR2004  # no case is older


def _stages(case: DataRequest) -> list[tuple[Any, str]]:
    now = next(number for number, (_, states) in enumerate(STAGES) if case.state in states)
    return [(word, "now" if n == now else "done" if n < now else "") for n, (word, _) in enumerate(STAGES)]


def _second(case: DataRequest, clocks: Clocks) -> Clock | None:
    """Draw the second clock where it differs: hatched while it stands still."""
    if clocks.second == clocks.first and not clocks.is_paused:
        return None
    drawn = Clock.until(clocks.second, since=case.receipt_date)
    return Clock(drawn.gone, "held" if clocks.is_paused else drawn.tone, drawn.left, drawn.last)


def _complaints(case: DataRequest) -> list[dict[str, Any]]:
    rows = [(each, authority(each.authority)) for each in case.complaints.order_by("pk")]
    return [
        {
            "complaint": each,
            "name": known.names[language()],
            "ways": [way for way in (known.email, known.phone, known.website) if way],
            "clock": _clock_of_authority(each),
        }
        for each, known in rows
    ]


def _clock_of_authority(complaint: Complaint | None) -> Clock | None:
    """Draw the authority's clock while it waits and has named a day."""
    if complaint is None or complaint.answer_by is None or complaint.answered_on or complaint.ended_on:
        return None
    return Clock.until(complaint.answer_by, since=complaint.received_on)


def _transmissions(case: DataRequest) -> list[dict[str, Any]]:
    rows = case.transmissions.select_related("to").order_by("pk")
    return [{"transmission": each, "state": TRANSMISSIONS[each.state]} for each in rows]


def _letters(case: DataRequest) -> list[dict[str, Any]]:
    return [
        {
            "letter": each,
            "word": f"{LETTERS[each.kind]}: {each.about}" if each.about else LETTERS[each.kind],
            "state": (NOTICE_STATES if each.about and each.by_post else LETTER_STATES)[each.state],
        }
        for each in case.letters.order_by("-pk")
    ]


def download(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Give a file that no copy is kept of, under a name that says nothing about anybody."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)
