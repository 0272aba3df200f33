"""The requests in a list: the open ones by due date, whose work they are, and the clock of each."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from luvalla.rights.clocks import clocks_of, workload
from luvalla.rights.liftings import Lifting, open_liftings
from luvalla.rights.models import Complaint, DataRequest
from luvalla.rights.queries import (
    answered_requests,
    authority_waits,
    open_requests,
)
from luvalla.rules.case_states import SHUT, State
from luvalla.staff.desk import DeskView
from luvalla.staff.parts import Clock
from luvalla.staff.requests.history import name_of
from luvalla.staff.requests.words import (
    STATES,
    rights_of,
)

MAY: tuple[str, ...] = ("handle_requests", "change_contact")
ANSWERED = 50


def clock_of(request: DataRequest) -> Clock:
    """Draw the clock that counts; an answered case's is at rest, unless an authority waits for an explanation."""
    of_authority = clock_of_authority(authority_waits(request))
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


def clock_of_authority(complaint: Complaint | None) -> Clock | None:
    """Draw the authority's clock while it waits and has named a day."""
    if complaint is None or complaint.answer_by is None or complaint.answered_on or complaint.ended_on:
        return None
    return Clock.until(complaint.answer_by, since=complaint.received_on)


def _held(liftings: list[Lifting]) -> list[tuple[str, int, int, int]]:
    """Give for each handler how many requests are open, how many of them press, and what is to be lifted."""
    work, to_lift = workload(), Counter(each.request.handler for each in liftings)
    nobody = pgettext("requests", "nobody yet")
    return [
        (name_of(each) or nobody, *work.get(each, (0, 0)), to_lift[each]) for each in dict.fromkeys([*work, *to_lift])
    ]
