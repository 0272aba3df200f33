"""The common pace of acknowledgements to mails: whoever forges senders by the hundred makes no letter-writer of us.

A mail's sender is what it claims. Each mailbox has few acknowledgements a day, and all unproven ones together as many
an hour as the settings say. Beyond that a request is a case all the same, with its clocks and with every stop carried
out; only its acknowledgement waits, until somebody at the desk has looked and lets them go, or drops them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.organisation.models import Controller
from luvalla.rights.actions.moving import note_event
from luvalla.rights.doers import has_role
from luvalla.rights.errors import StepRefused
from luvalla.rights.letters.writing import Kind
from luvalla.rights.mail_senders import PACE
from luvalla.rights.models import CaseEvent, DataRequest, Letter
from luvalla.rights.queries import open_requests
from luvalla.rules.case_states import Who

HOUR: Final = timedelta(hours=1)
HELD: Final = "acknowledgement_held"
LET_GO: Final = "acknowledgement_let_go"
DROPPED: Final = "acknowledgement_dropped"
Answer = DataRequest.Acknowledgement


def has_turn(request: DataRequest) -> bool:
    """Tell whether a request may be acknowledged by mail now, in the caller's transaction; one that may not is held.

    Asked for mails alone: whoever writes on the site or by hand is paced at that door. The controller's row is locked,
    so that two that come at the same moment are counted one after the other.
    """
    if request.channel != DataRequest.Channel.MAIL or request.identity or request.acknowledgement == Answer.FREE:
        return True
    if request.acknowledgement != Answer.PACED:
        return False
    Controller.objects.select_for_update().order_by("pk").first()
    if _sent_this_hour() < settings.LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR:
        return True
    if not request.letters.exclude(issued_at=None).exists():
        hold(request, PACE)
    return False


def hold(request: DataRequest, why: str) -> None:
    """Let the acknowledgement of a request wait for somebody at the desk."""
    request.acknowledgement = Answer.HELD
    request.save(update_fields=["acknowledgement"])
    note_event(request, HELD, after=why, actor=SYSTEM)


def held_requests() -> QuerySet[DataRequest]:
    """Give the open requests whose acknowledgement waits, the oldest first; whoever has had a letter needs none."""
    waiting = open_requests().filter(acknowledgement=Answer.HELD)
    return waiting.exclude(letters__issued_at__isnull=False).order_by("pk")


def why_held(requests: Collection[DataRequest]) -> dict[int, str]:
    """Give the code of why each of these is held, by the request's key."""
    events = CaseEvent.objects.filter(request__in=requests, kind=HELD).order_by("pk")
    return dict(events.values_list("request_id", "after"))


@transaction.atomic
def let_go(*, up_to: int, actor: Actor) -> int:
    """Have the acknowledgements sent that somebody has looked at: all held ones up to that request. StepRefused."""
    return _settle(up_to, Answer.FREE, LET_GO, "rights.let_acknowledgements_go", actor)


@transaction.atomic
def drop(*, up_to: int, actor: Actor) -> int:
    """Send none of them; the requests stay, with their clocks, for people to deal with. StepRefused."""
    return _settle(up_to, Answer.DROPPED, DROPPED, "rights.drop_acknowledgements", actor)


def _settle(up_to: int, answer: DataRequest.Acknowledgement, event: str, verb: str, actor: Actor) -> int:
    if not has_role(actor, Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    rows = list(held_requests().filter(pk__lte=up_to))
    for each in rows:
        note_event(each, event, actor=actor)
    DataRequest.objects.filter(pk__in=[each.pk for each in rows]).update(acknowledgement=answer)
    why = Counter(why_held(rows).values())
    record(verb, actor=actor, facts={"requests": len(rows), "why": dict(why)})
    return len(rows)


def _sent_this_hour() -> int:
    """Count the acknowledgements of mails whose mailbox hasn't answered, and whose sender nobody has vouched for."""
    return Letter.objects.filter(
        kind=Kind.ACKNOWLEDGEMENT,
        by_post=False,
        issued_at__gte=timezone.now() - HOUR,
        request__channel=DataRequest.Channel.MAIL,
        request__identity=0,
        request__acknowledgement=Answer.PACED,
    ).count()
