"""Single changes pushed by the customer information system between its exports, each carried out once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from luvalla.api.contacts import Key, Spelled, address_in
from luvalla.api.doors import Bearer, Caller, caller_of
from luvalla.api.errors import NotValid, Problem, Slug
from luvalla.api.imports import PUSHED, audience_of, check_purposes
from luvalla.api.models import BroughtChange
from luvalla.api.scopes import Scope
from luvalla.register import changes
from luvalla.register.changes import Given, Outcome
from luvalla.register.models import Source
from luvalla.rules.address import Address
from luvalla.rules.purposes import PermissionKind

router = Router(tags=["imports"])
MOST_CHANGES: Final = 100
UNDER_WAY: Final = ""
"""The outcome of a change that a call has taken on and not finished."""
TAKEN_OVER: Final = timedelta(seconds=60)
"""Longer than any change takes, the wait of a stop included: whoever took it on is gone."""
LOOKED_AGAIN: Final = 0.05
"""Seconds between two looks at a change that another call has taken on."""


class Happened(StrEnum):
    """What has changed at the source."""

    PRESENT = "present"
    GONE = "gone"
    MOVED = "moved"


class ChangeIn(Schema):
    """One change. Told again with the same id, it is not carried out again."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = Field(
        description="The source's own number of the change, never of the customer."
    )
    happened: Happened = Field(description="present: new or still a customer; gone; moved: has a new address.")
    address: Spelled
    to: Spelled | None = Field(None, description="For moved: the new address.")
    permission: PermissionKind | None = Field(None, description="For present: customer, legal_entity or consent.")
    since: date | None = None
    audience: Key | None = None
    purposes: Annotated[list[Key], Field(max_length=20)] = []


class ChangesIn(Schema):
    """Changes, in the order in which they happened."""

    changes: Annotated[list[ChangeIn], Field(min_length=1, max_length=MOST_CHANGES)]


class ChangedOut(Schema):
    """What became of one change."""

    id: str
    outcome: Outcome
    is_repeated: bool = Field(description="It was carried out by an earlier call, whose outcome this is.")


class ChangesOut(Schema):
    """What became of the changes, in their order."""

    changes: list[ChangedOut]


@router.post("/changes", response=ChangesOut, auth=Bearer(Scope.BRING_IMPORTS), operation_id="bring_changes")
def bring_changes(request: HttpRequest, body: ChangesIn) -> ChangesOut:
    """Push single changes of the token's source. All are looked through before the first is carried out."""
    caller = caller_of(request)
    wanted = [_Change(each, caller.source, f"body.changes.{row}") for row, each in enumerate(body.changes)]
    undecided = changes.undecided_batch(caller.source)
    if undecided is not None:
        raise Problem(Slug.UNDECIDED_IMPORT, number=undecided.pk)
    return ChangesOut(changes=_carried_out(wanted, caller))


class _Change:
    """A change whose addresses, audience and purposes were looked through; raises the Problem of the first fault."""

    def __init__(self, said: ChangeIn, source: Source, at: str) -> None:
        self.id, self.happened = said.id, said.happened
        self.address = address_in(said.address, f"{at}.address")
        self.digest = hashlib.sha256(f"{source.key}|{said.id}".encode()).digest()
        self.to: Address | None = address_in(said.to, f"{at}.to") if said.to is not None else None
        self.given: Given | None = None
        if (self.happened is Happened.MOVED) != (self.to is not None):
            raise NotValid(at=f"{at}.to", wrong="missing" if self.to is None else "extra_forbidden")
        if self.happened is Happened.PRESENT:
            if said.permission not in PUSHED:
                raise NotValid(at=f"{at}.permission", wrong="missing" if said.permission is None else "enum")
            check_purposes(said.purposes)
            audience = audience_of(said.audience) or source.default_audience
            self.given = Given(said.permission, audience, said.purposes, said.since)

    def carry_out(self, caller: Caller) -> Outcome:
        """Do it, by the register's own functions."""
        if self.given is not None:
            return changes.note_present(
                address=self.address, source=caller.source, given=self.given, actor=caller.actor
            )
        if self.to is not None:
            return changes.note_moved(address=self.address, to=self.to, source=caller.source, actor=caller.actor)
        return changes.note_gone(address=self.address, source=caller.source, actor=caller.actor)


def _carried_out(wanted: Sequence[_Change], caller: Caller) -> list[ChangedOut]:
    """Carry the changes out one by one, noting each as soon as it is done: a call that breaks off can be made again."""
    done: list[ChangedOut] = []
    for each in wanted:
        row, is_ours = _taken_on(each.digest)
        if is_ours:
            row.outcome = _carry_out(each, caller, row).value
            row.save(update_fields=["outcome"])
        done.append(ChangedOut(id=each.id, outcome=Outcome(row.outcome), is_repeated=not is_ours))
    return done


def _taken_on(digest: bytes) -> tuple[BroughtChange, bool]:
    """Take a change on, before anything is done, so that of equal calls at once one does it and the others wait for it.

    Gives the row, and whether it is ours to carry out. What a call took on and never finished is taken over.
    """
    while True:
        row, is_ours = BroughtChange.objects.get_or_create(digest=digest, defaults={"outcome": UNDER_WAY})
        if is_ours or row.outcome != UNDER_WAY:
            return row, is_ours
        now = timezone.now()
        if now - row.at > TAKEN_OVER:
            if BroughtChange.objects.filter(pk=row.pk, outcome=UNDER_WAY, at=row.at).update(at=now):
                return row, True
        else:
            time.sleep(LOOKED_AGAIN)


def _carry_out(change: _Change, caller: Caller, row: BroughtChange) -> Outcome:
    """Do it; what fails is nobody's any more, so that it can be tried again at once."""
    try:
        return change.carry_out(caller)
    except Exception:
        row.delete()
        raise
