"""Withdrawals and prohibitions: brought by other channels, and fetched by the source whose addresses they are about."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from luvalla.api.contacts import LAST, Spelled, address_in
from luvalla.api.doors import Bearer, caller_of
from luvalla.api.errors import NotValid
from luvalla.api.scopes import Scope
from luvalla.ledger.actors import Actor
from luvalla.register import stop
from luvalla.register.source_notices import fetch_page, handle_notices
from luvalla.register.stop import StopAnswer
from luvalla.rules.address import Address
from luvalla.rules.purposes import Prohibited

router = Router(tags=["stops"])
CHANNEL: Final = "program"


class StopKind(StrEnum):
    """What a data subject wants."""

    WITHDRAWAL = "withdrawal"
    OBJECTION = "objection"
    ERASURE = "erasure"
    PROHIBITION = "prohibition"


class Forbidden(StrEnum):
    """What a data subject forbids (GDPR 21)."""

    DIRECT_ADVERTISING = "direct_advertising"
    DISTANCE_SELLING = "distance_selling"
    DIRECT_MARKETING = "direct_marketing"
    RESEARCH = "research"
    DISCLOSURE = "disclosure"


class StopIn(Schema):
    """A stop that reached another channel: a call centre, a customer portal."""

    address: Spelled
    kind: StopKind
    forbids: Annotated[list[Forbidden], Field(max_length=5)] = Field([], description="For a prohibition: which kinds.")


class StopOut(Schema):
    """The answer is the same whether the address was known or not."""

    ref: str
    finished: bool = Field(description="False when the rest follows within a minute; no letter starts any more.")


class NoticeOut(Schema):
    """What the source has to carry out in its own system."""

    ref: UUID
    address: str = Field(description="For a company_domain a bare domain: nobody there is to be written to.")
    kind: str
    forbids: list[str]
    since: datetime
    corrected: str = Field("", description="For a rectification: the right address.")


class NoticesOut(Schema):
    """A page of open notices."""

    notices: list[NoticeOut]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class HandledIn(Schema):
    """The notices that have been carried out at the source."""

    refs: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class HandledOut(Schema):
    """How many were marked; those that were marked before don't count."""

    handled: int


@router.post("/stops", response=StopOut, auth=Bearer(Scope.BRING_STOPS), operation_id="bring_stop")
def bring_stop(request: HttpRequest, body: StopIn) -> StopOut:
    """Stop the letters to an address: the same function as every other channel, effective before the answer."""
    address, actor = address_in(body.address), caller_of(request).actor
    if body.kind is StopKind.PROHIBITION and not body.forbids:
        raise NotValid(at="body.forbids", wrong="missing")
    answer = _stopped(body, address, actor)
    return StopOut(ref=answer.ref, finished=answer.finished)


@router.get("/notices", response=NoticesOut, auth=Bearer(Scope.FETCH_NOTICES), operation_id="list_notices")
def list_notices(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> NoticesOut:
    """Fetch the notices of the token's source that aren't handled yet, the oldest first; they count as fetched."""
    caller = caller_of(request)
    page = fetch_page(source=caller.source, after=after, limit=limit, actor=caller.actor)
    rows = [
        NoticeOut(
            ref=each.ref,
            address=each.address,
            kind=each.kind,
            forbids=list(each.forbids),
            since=each.since,
            corrected=each.corrected,
        )
        for each in page
    ]
    return NoticesOut(notices=rows, next=page[-1].number if len(page) == limit else None)


@router.post("/notices/handled", response=HandledOut, auth=Bearer(Scope.FETCH_NOTICES), operation_id="handle_notices")
def acknowledge_notices(request: HttpRequest, body: HandledIn) -> HandledOut:
    """Say that fetched notices have been carried out at the source; their addresses are erased here."""
    caller = caller_of(request)
    return HandledOut(handled=handle_notices(source=caller.source, refs=body.refs, actor=caller.actor))


def _stopped(body: StopIn, address: Address, actor: Actor) -> StopAnswer:
    if body.kind is StopKind.PROHIBITION:
        kinds = Prohibited(sum(Prohibited[each.name] for each in set(body.forbids)))
        return stop.prohibit(address=address, kinds=kinds, channel=CHANNEL, actor=actor)
    if body.kind is StopKind.WITHDRAWAL:
        return stop.withdraw(address=address, channel=CHANNEL, actor=actor)
    act = {StopKind.OBJECTION: stop.object_to, StopKind.ERASURE: stop.erase}
    return act[body.kind](address=address, channel=CHANNEL, actor=actor)
