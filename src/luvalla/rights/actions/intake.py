"""A request arrives, through whatever channel: it is a case from that moment, and an objection takes effect at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.vault import sealer
from luvalla.register.queries import contacts_of_mailbox
from luvalla.rights import carrying_out
from luvalla.rights.actions.letters import acknowledge
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.cases import CONTACT_NOTED, Said, address_of_requester, said, sealed_said
from luvalla.rights.errors import FileRefused
from luvalla.rights.files import CheckedFile, keep_file
from luvalla.rights.models import DataRequest
from luvalla.rights.pace import hold
from luvalla.rights.queries import open_requests
from luvalla.rights.wishes import is_objection
from luvalla.rules.address import Address
from luvalla.rules.case_states import Right, State
from luvalla.rules.due_dates import day_of_arrival, due_date, extended_due_date
from luvalla.rules.purposes import MARKETING, Prohibited

ATTEMPTS: Final = 20
PATIENCE: Final = timedelta(seconds=1)
"""How long a door waits for letters under way; that the stop is finished is seen to elsewhere."""
LEFT_ALONE: Final = frozenset({Right.OBJECTION, Right.ERASURE, Right.FORGETTING, Right.ANONYMISATION})
"""Wishes that end marketing before anybody has looked at them."""
LEFT_OUT: Final = "files_left_out"
ENDED: Final = (State.COMPLAINT, State.WITHDRAWN_BY_SUBJECT)
"""Open states in which nothing is answered any more."""
SENT_BY_ITSELF: Final = (DataRequest.Acknowledgement.PACED, DataRequest.Acknowledgement.FREE)
Channel = DataRequest.Channel


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived: how, when, in which language, and what was asked for as far as it is clear already."""

    channel: Channel
    language: str
    said: Said
    rights: Sequence[Right] = ()
    prohibited: Prohibited = Prohibited.NOTHING
    at: datetime | None = None
    """When it arrived at any channel; now if not said."""
    by_post: bool = False
    files: Sequence[CheckedFile] = field(default=(), repr=False)
    left_out: int = 0
    """Files that came with it and could not be kept: programs, huge or unknown ones."""
    is_canary: bool = False
    mailbox_proved: bool = False
    acknowledgement: DataRequest.Acknowledgement = DataRequest.Acknowledgement.PACED
    why_held: str = ""
    """Why nobody is written to before people have looked, where the acknowledgement is held."""


def receive_request(*, arrival: Arrival, address: Address | None, actor: Actor) -> DataRequest:
    """Open a case, stop marketing where the request says so, and acknowledge it in its language.

    The same wish of the same mailbox that is still open becomes one case: the second arrival is noted in it, and its
    clock is the first one's. Known and unknown mailboxes get the same. What can't be done now is done by
    `finish_arrival` within a minute: nothing that has arrived is lost by a fault.
    """
    with transaction.atomic():
        request = _same_wish(arrival, address) or _opened_case(arrival, address, actor)
        _keep_files(request, arrival, actor)
        if address is not None:
            request.to_stop |= int(_stopped_by(arrival))
            request.save(update_fields=["to_stop"])
    if arrival.is_canary:
        return request
    with suppress(ErasuresUnwritable):
        stop_at_once(request=request, actor=actor)
    if not arrival.why_held:
        acknowledge(request=request, actor=actor)
    return request


def finish_arrival(*, request: DataRequest) -> None:
    """Do for a request what its door could not: stop at once, and acknowledge once its mailbox may have a mail."""
    with suppress(ErasuresUnwritable):
        stop_at_once(request=request, actor=SYSTEM)
    if request.acknowledgement in SENT_BY_ITSELF and not request.letters.exclude(issued_at=None).exists():
        acknowledge(request=request, actor=SYSTEM)


def stop_at_once(*, request: DataRequest, actor: Actor) -> None:
    """Forbid what a request stops: no proof, no judgement (GDPR 21(2)-(3)). ErasuresUnwritable, to be tried again."""
    kinds, address = Prohibited(request.to_stop), address_of_requester(request)
    if not kinds or address is None:
        return
    carrying_out.forbid(address, kinds, channel=request.channel, actor=actor, patience=PATIENCE)
    request.to_stop = 0
    if MARKETING in kinds:
        request.blocked_at = timezone.now()
    request.save(update_fields=["to_stop", "blocked_at"])
    with transaction.atomic():
        note_event(request, "blocked", actor=actor)


def kinds_stopped(rights: Collection[Right], prohibited: Prohibited, *, objects: bool = False) -> Prohibited:
    """Tell what rights stop at once: what is forbidden by name, and marketing for every wish to be left alone.

    >>> kinds_stopped({Right.OBJECTION}, Prohibited.DISCLOSURE) == MARKETING | Prohibited.DISCLOSURE
    True
    >>> kinds_stopped({Right.ACCESS, Right.PROHIBITION}, Prohibited.RESEARCH) == Prohibited.RESEARCH
    True
    """
    is_unnamed = Right.PROHIBITION in rights and not prohibited
    if objects or is_unnamed or LEFT_ALONE & set(rights):
        return prohibited | MARKETING
    return prohibited


def _stopped_by(arrival: Arrival) -> Prohibited:
    return kinds_stopped(arrival.rights, arrival.prohibited, objects=is_objection(arrival.said.text))


def _keep_files(request: DataRequest, arrival: Arrival, actor: Actor) -> None:
    """Keep what may be kept; how many were left out stands in the case, and the request is none the worse for it."""
    left_out = arrival.left_out
    for each in arrival.files:
        try:
            keep_file(request, each, actor=actor)
        except FileRefused:
            left_out += 1
    if left_out:
        note_event(request, LEFT_OUT, after=str(left_out), actor=actor)


def _same_wish(arrival: Arrival, address: Address | None) -> DataRequest | None:
    """Find the unanswered case of the same wish: whoever proves the mailbox in it must have asked for just that.

    A case that was answered, and only waits for a task or an authority, takes nothing new in: it is not answered again.
    """
    if address is None or arrival.is_canary:
        return None
    wished = " ".join(each.value for each in arrival.rights)
    folded = sealer().folded_token(address)
    unanswered = open_requests().filter(replied_at=None).exclude(state__in=ENDED)
    standing = unanswered.filter(folded=folded, rights=wished, prohibited=int(arrival.prohibited))
    if not wished:
        # Words nobody has sorted yet go to the words that nobody has sorted yet, and are read together.
        standing = standing.filter(state=State.RECEIVED)
    same = (each for each in standing.order_by("pk") if _details(said(each)) == _details(arrival.said))
    request = next(same, None)
    if request is not None:
        note_event(request, "asked_again", note=arrival.said.text, actor=Actor("subject"))
    return request


def _details(told: Said) -> tuple[object, ...]:
    """Give what makes two wishes two: where the answer goes, and what is to be changed to what."""
    return (told.new_address, told.transmit_to, told.keep_token, told.representative, told.name, told.postal)


def _opened_case(arrival: Arrival, address: Address | None, actor: Actor) -> DataRequest:
    at = arrival.at or timezone.now()
    day = day_of_arrival(at)
    folded = sealer().folded_token(address) if address else b""
    request = _numbered(
        DataRequest(
            channel=arrival.channel,
            language=arrival.language,
            rights=" ".join(each.value for each in arrival.rights),
            prohibited=int(arrival.prohibited),
            receipt_at=at,
            receipt_date=day,
            due_on=due_date(day),
            extended_due_on=extended_due_date(day),
            identity=1 if arrival.mailbox_proved else 0,
            by_representative=bool(arrival.said.representative),
            by_post=arrival.by_post or address is None,
            is_canary=arrival.is_canary,
            acknowledgement=arrival.acknowledgement,
            folded=folded,
            sealed=sealed_said(arrival.said, folded),
        )
    )
    note_event(request, "received", after=State.RECEIVED, actor=actor)
    for number in contacts_of_mailbox(folded).order_by("pk").values_list("pk", flat=True) if folded else ():
        note_event(request, CONTACT_NOTED, after=str(number), actor=SYSTEM)
    if arrival.why_held:
        hold(request, arrival.why_held)
    facts = {"channel": arrival.channel.value, "rights": request.rights, "due": request.due_on.isoformat()}
    record("rights.receive_request", actor=actor, subject=subject_of(request), facts=facts)
    return request


def _numbered(request: DataRequest) -> DataRequest:
    """Save a request under the year's next number; two that arrive together get two."""
    year = request.receipt_date.year
    for _ in range(ATTEMPTS):
        last = DataRequest.objects.filter(number__startswith=f"{year}-").order_by("-pk").first()
        request.number = f"{year}-{(int(last.number[5:]) if last else 0) + 1:04d}"
        try:
            with transaction.atomic():
                request.save()
        except IntegrityError:
            continue
        return request
    raise IntegrityError
