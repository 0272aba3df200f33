"""Reading the desk: lists by due date, work by person, what is still open."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from luvalla.mailroom.models import ServiceMessage
from luvalla.rights.cases import open_text
from luvalla.rights.columns import EVENT
from luvalla.rights.models import (
    CaseEvent,
    Complaint,
    DataRequest,
    Decision,
    Hold,
    IncomingCopy,
    Letter,
    ReceivingController,
    Task,
    Transmission,
)
from luvalla.rules.case_states import SHUT, State, Who

NOT_IDENTIFIED: Final = "not_identified"
"""Code of the ground on which a request ends whose sender nobody knows."""
CORRECTION_NOTED: Final = "correction_noted"


def open_requests() -> QuerySet[DataRequest]:
    """Give the requests that wait for their answer, the nearest due date first."""
    return DataRequest.objects.filter(is_canary=False).exclude(state__in=[*SHUT]).order_by("due_on", "pk")


def answered_requests() -> QuerySet[DataRequest]:
    """Give the requests that are closed, the newest first."""
    return DataRequest.objects.filter(is_canary=False, state__in=[*SHUT]).order_by("-closed_at", "-pk")


def request_of(ref: UUID) -> DataRequest | None:
    """Give the request of a random reference."""
    return DataRequest.objects.filter(ref=ref).first()


def open_tasks(request: DataRequest) -> QuerySet[Task]:
    """Give what is still to be done for a request."""
    return request.tasks.filter(done_at=None).order_by("pk")


def open_custodian_tasks() -> QuerySet[Task]:
    """Give what requests need of whoever keeps the paper, the most pressing first."""
    waiting = Task.objects.filter(role=Who.CUSTODIAN, done_at=None).select_related("request")
    return waiting.order_by(F("due_on").asc(nulls_last=True), "pk")


def current_decision(request: DataRequest) -> Decision | None:
    """Give the newest decision or proposal."""
    return request.decisions.order_by("-pk").first()


def is_ending_unidentified(request: DataRequest) -> bool:
    """Tell whether it was decided that nobody knows who asks, and the certificate of it is on its way."""
    decision = current_decision(request) if request.state == State.AWAITING_ID else None
    return decision is not None and decision.ground == NOT_IDENTIFIED


def is_corrected_elsewhere(request: DataRequest) -> bool:
    """Tell whether it was noted what is corrected, where that is not the address."""
    return events_now(request).filter(kind=CORRECTION_NOTED).exists()


def awaits_fee(request: DataRequest) -> bool:
    """Tell whether a decided request waits for its fee: nothing is carried out before it is paid or let off."""
    decision = current_decision(request) if request.state == State.DECIDED_PARTIAL else None
    return decision is not None and is_fee_open(decision)


def is_fee_open(decision: Decision) -> bool:
    """Tell whether a decision asks a fee that is neither paid nor let off."""
    return decision.fee is not None and decision.fee_paid_on is None and decision.fee_let_off_at is None


def open_holds(request: DataRequest) -> QuerySet[Hold]:
    """Give the other systems that keep data for now."""
    return request.holds.filter(ended_at=None).order_by("pk")


def open_complaints(request: DataRequest) -> QuerySet[Complaint]:
    """Give the complaints of a request that the authority has not decided yet."""
    return request.complaints.filter(ended_on=None)


def authority_waits(request: DataRequest) -> Complaint | None:
    """Give the complaint on which an authority waits for an explanation, the most pressing one."""
    waiting = open_complaints(request).filter(answered_on=None)
    return waiting.order_by(F("answer_by").asc(nulls_last=True), "pk").first()


def unanswered_complaints() -> QuerySet[Complaint]:
    """Give the complaints of all requests on which an authority waits, the most pressing first."""
    waiting = Complaint.objects.filter(ended_on=None, answered_on=None).select_related("request")
    return waiting.order_by(F("answer_by").asc(nulls_last=True), "pk")


def events_now(request: DataRequest) -> QuerySet[CaseEvent]:
    """Give what has happened since a request arrived or was last opened again: what was done before counts no more."""
    again = request.events.filter(after=State.REOPENED).order_by("-pk").first()
    return request.events.filter(pk__gt=again.pk) if again else request.events.all()


def has_no_data(request: DataRequest) -> bool:
    """Tell whether the electronic stores held nothing about the requester."""
    return events_now(request).filter(after=State.NO_DATA).exists()


def is_paper_found(request: DataRequest) -> bool:
    """Tell whether a custodian found paper about the requester, since the request was last opened."""
    return events_now(request).filter(kind=f"task_{Task.Kind.PAPER}", after="found").exists()


def shut_with_news() -> QuerySet[DataRequest]:
    """Give the ended requests of which a letter has just left, or has come back."""
    states = ServiceMessage.State
    left = ServiceMessage.objects.exclude(state=states.WAITING).values("ref")
    came_back = ServiceMessage.objects.filter(state=states.FAILED).values("ref")
    news = Q(state=Letter.State.ISSUED, message_ref__in=left) | Q(state=Letter.State.SENT, message_ref__in=came_back)
    return DataRequest.objects.filter(state__in=SHUT, pk__in=Letter.objects.filter(news).values("request"))


def notes_of(request: DataRequest) -> list[tuple[CaseEvent, str]]:
    """Give what happened, oldest first, each with what was said of it."""
    folded = bytes(request.folded)
    rows = request.events.order_by("at", "pk")
    return [(each, open_text(bytes(each.sealed), column=EVENT, folded=folded)) for each in rows]


def same_person(request: DataRequest) -> QuerySet[DataRequest]:
    """Give the other open requests of the same mailbox."""
    folded = bytes(request.folded)
    return open_requests().filter(folded=folded).exclude(pk=request.pk) if folded else DataRequest.objects.none()


def waiting_for_opinion() -> QuerySet[DataRequest]:
    """Give the requests whose refusal or extension waits for the data protection officer."""
    return open_requests().filter(tasks__kind=Task.Kind.OPINION, tasks__done_at=None).distinct()


def waiting_for_decision() -> QuerySet[DataRequest]:
    """Give the requests that wait for the register owner's decision, the opinion given."""
    heard = open_requests().filter(state=State.DPO_REVIEW)
    return heard.exclude(tasks__kind=Task.Kind.OPINION, tasks__done_at=None)


def open_transmission_task(request: DataRequest) -> Task | None:
    """Give the task to transmit the person's copy to another controller, while it is open."""
    return request.tasks.filter(kind=Task.Kind.TRANSMISSION, done_at=None).first()


def may_be_transmitted(request: DataRequest) -> bool:
    """Tell whether a copy waits for somebody's yes to its transmission."""
    under_way = request.transmissions.filter(state=Transmission.State.WAITING).exists()
    return open_transmission_task(request) is not None and not under_way


def receiving_controllers() -> QuerySet[ReceivingController]:
    """Give the controllers to which copies can go."""
    return ReceivingController.objects.filter(closed_at=None).order_by("name", "pk")


def waiting_copies() -> QuerySet[IncomingCopy]:
    """Give the copies from other controllers that wait for a decision, the oldest first."""
    return IncomingCopy.objects.filter(state=IncomingCopy.State.WAITING).order_by("pk")
