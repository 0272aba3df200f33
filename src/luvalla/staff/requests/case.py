"""One request: its page, what was said in it, and what a store keeps about its person."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.authorities import authority
from luvalla.paper.queries import items_of_case
from luvalla.rights.clocks import Clocks, clocks_of
from luvalla.rights.collecting import progress
from luvalla.rights.copies.gathering import store_name
from luvalla.rights.copies.packing import shown_as
from luvalla.rights.models import DataRequest, StoreSearch
from luvalla.rights.queries import (
    authority_waits,
    open_holds,
    open_requests,
    same_person,
)
from luvalla.rights.reading import (
    further_words,
    masked_address,
    show_found,
    show_request,
)
from luvalla.rules.case_states import SHUT, Right, State
from luvalla.staff.desk import DeskView
from luvalla.staff.formats import language
from luvalla.staff.parts import Clock, Crumb
from luvalla.staff.requests.history import events_of
from luvalla.staff.requests.listing import MAY, clock_of, clock_of_authority, row_of
from luvalla.staff.requests.proposals import proposal_of, reasoning_of
from luvalla.staff.requests.stepping import steps_for
from luvalla.staff.requests.tasks import tasks_of
from luvalla.staff.requests.words import (
    CHANNELS,
    ENDS,
    HOLD_GROUNDS,
    LETTER_STATES,
    LETTERS,
    NOTICE_STATES,
    STAGES,
    STATES,
    TRANSMISSIONS,
    authority_name,
    rights_of,
)
from luvalla.staff.words import LANGUAGE_WORDS


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
            "of_authority": clock_of_authority(authority_waits(case)),
            "siblings": same_person(case),
            "open_rows": [row_of(each) for each in open_requests()[:12]],
            **kwargs,
        })  # fmt: skip


class SaidPage(CaseView):
    """What the request says, opened for somebody at the desk; the look is a row in the ledger."""

    template_name = "staff/requests/said.html"
    title = pgettext_lazy("requests", "What was said")

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        return self.crumbs_below()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Open it."""
        told = show_request(request=self.case, actor=self.actor)
        return super().get_context_data(
            **{
                "case": self.case,
                "told": told,
                "authority": authority_name(told.authority),
                "further": further_words(self.case),
                "reasoning": reasoning_of(self.case),
                **kwargs,
            }
        )


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
            "clock": clock_of_authority(each),
        }
        for each, known in rows
    ]


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
