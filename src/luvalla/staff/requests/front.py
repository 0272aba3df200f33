"""What of this desk waits for somebody."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.ledger.actors import Actor
from luvalla.people.models import User
from luvalla.people.queries import actor_of, may
from luvalla.rights.actions.complaints import DESK
from luvalla.rights.actions.letters import ACKNOWLEDGED_BY_POST
from luvalla.rights.clocks import clocks_of
from luvalla.rights.doers import has_role, roles_of_actor
from luvalla.rights.liftings import liftings_due
from luvalla.rights.models import Complaint, DataRequest, Task
from luvalla.rights.pace import held_requests
from luvalla.rights.queries import (
    open_custodian_tasks,
    open_requests,
    unanswered_complaints,
    waiting_copies,
    waiting_for_decision,
    waiting_for_opinion,
)
from luvalla.rights.telling import to_post
from luvalla.rules.case_states import State, Who
from luvalla.rules.retention import INCOMING_COPY
from luvalla.staff.parts import Clock, Waiting
from luvalla.staff.requests.disclosees import disclosees_to_post
from luvalla.staff.requests.words import rights_of

MOST = 5
SOON_TOLD: Final = timedelta(days=7)
"""Without undue delay: within a week, as the sources are."""


def waiting(user: User) -> list[Waiting]:
    """Give the requests that wait for this person: to be sorted, answered, looked at or decided."""
    if not (may(user, "handle_requests") or may(user, "change_contact")):
        return _destructions(user)
    mine = [_waiting(each, do) for do, each in _mine(actor_of(user))[:MOST]]
    told = (_authorities, _held, _liftings, _copies, _disclosees, _destructions)
    return [*(each for some in told for each in some(user)), *mine]


def count_for(user: User) -> int:
    """Tell how many requests are open, for whoever deals with them."""
    return open_requests().count() if may(user, "handle_requests") or may(user, "change_contact") else 0


def _mine(actor: Actor) -> list[tuple[str, DataRequest]]:
    roles = roles_of_actor(actor)
    found: list[tuple[str, DataRequest]] = []
    if Who.DATA_PROTECTION_OFFICER in roles:
        do = pgettext("front page", "Give an opinion on a request")
        found += [(do, each) for each in waiting_for_opinion()]
    if Who.REGISTER_OWNER in roles:
        do = pgettext("front page", "Decide a request")
        found += [(do, each) for each in waiting_for_decision()]
    if Who.HANDLER in roles:
        do = pgettext("front page", "Answer a request")
        mine = (
            open_requests()
            .filter(handler__in=("", str(actor)))
            .exclude(state__in=(State.REPLIED, State.RECEIVED, State.COMPLAINT))
        )
        found += [(do, each) for each in mine]
    if roles & {Who.CLERK, Who.HANDLER}:
        do = pgettext("front page", "Sort a request")
        found += [(do, each) for each in open_requests().filter(state__in=(State.RECEIVED, State.REOPENED))]
    return found


def _authorities(user: User) -> list[Waiting]:
    """Give the explanations that authorities wait for, to those who deal with them."""
    if not roles_of_actor(actor_of(user)) & set(DESK):
        return []
    do = pgettext("front page", "Answer an authority")
    rows = unanswered_complaints()[:MOST]
    return [
        Waiting(do, each.request.number, reverse("staff_requests:case", args=[each.request.ref]), _clock(each))
        for each in rows
    ]


def _destructions(user: User) -> list[Waiting]:
    """Give the requests for which a custodian has paper to destroy; searches wait among the paper itself."""
    if not may(user, "keep_paper"):
        return []
    tasks = open_custodian_tasks().filter(kind=Task.Kind.DESTRUCTION)
    first = {each.request_id: each for each in reversed(tasks)}
    do = pgettext("front page", "Destroy paper for a request")
    return [
        Waiting(
            do,
            each.request.number,
            reverse("staff_requests:custody", args=[each.request.ref]),
            Clock.until(each.due_on, since=each.created_at) if each.due_on else None,
        )
        for each in list(first.values())[:MOST]
    ]


def _liftings(user: User) -> list[Waiting]:
    """Give the restrictions whose day of lifting has come, to whoever handles their requests."""
    actor = actor_of(user)
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        return []
    do = pgettext("front page", "Lift a restriction, or leave it where the person has disagreed")
    mine = [each for each in liftings_due() if each.request.handler in {"", str(actor)}]
    return [
        Waiting(do, each.request.number, reverse("staff_requests:case", args=[each.request.ref]), Clock.until(each.day))
        for each in mine[:MOST]
    ]


def _clock(complaint: Complaint) -> Clock | None:
    return Clock.until(complaint.answer_by, since=complaint.received_on) if complaint.answer_by else None


def _held(user: User) -> list[Waiting]:
    """Give one line for all acknowledgements that wait for somebody to look."""
    if not has_role(actor_of(user), Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        return []
    held = held_requests()
    oldest = held.first()
    if oldest is None:
        return []
    number = held.count()
    about = npgettext("front page", "%(number)s mail came in", "%(number)s mails came in", number) % {"number": number}
    clock = Clock.until(oldest.receipt_at + ACKNOWLEDGED_BY_POST, since=oldest.receipt_at)
    do = pgettext("front page", "Look at acknowledgements that wait")
    return [Waiting(do, about, reverse("staff_requests:held"), clock)]


def _copies(user: User) -> list[Waiting]:
    """Give one line for all copies from other controllers: opening one is a look at an address."""
    if not (may(user, "handle_requests") and roles_of_actor(actor_of(user)) & {Who.HANDLER, Who.REGISTER_OWNER}):
        return []
    copies = waiting_copies()
    oldest = copies.first()
    if oldest is None:
        return []
    came = timezone.localdate(oldest.came_at)
    number = copies.count()
    about = npgettext("front page", "%(number)s copy", "%(number)s copies", number) % {"number": number}
    clock = Clock.until(came + INCOMING_COPY, since=came)
    do = pgettext("front page", "Decide on copies from other controllers")
    return [Waiting(do, about, reverse("staff_requests:take_in"), clock)]


def _disclosees(user: User) -> list[Waiting]:
    """Give one line for all changes that are told to disclosees by post."""
    if not may(user, "handle_requests"):
        return []
    oldest = min((each for to in disclosees_to_post() for each in to_post(to)[:1]), key=attrgetter("pk"), default=None)
    if oldest is None:
        return []
    about = pgettext("front page", "Somebody's data was erased, corrected or restricted, and they have it too.")
    clock = Clock.until(oldest.created_at + SOON_TOLD, since=oldest.created_at)
    do = pgettext("front page", "Tell recipients by post")
    return [Waiting(do, about, reverse("staff_requests:disclosees"), clock)]


def _waiting(request: DataRequest, do: str) -> Waiting:
    clock = Clock.until(clocks_of(request).first, since=request.receipt_date)
    about = f"{rights_of(request)}, {request.number}"
    return Waiting(do, about, reverse("staff_requests:case", args=[request.ref]), clock)
