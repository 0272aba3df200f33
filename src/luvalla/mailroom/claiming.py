"""The claim: lock the shard, read the next contacts, ask the gate, write who gets a letter. Plain SQL, no models.

One transaction records the answers of the window before and claims the next one. What the gate permits is true inside
it: a stop has committed before, and is seen, or it waits until the window that just missed it is recorded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from luvalla.mailroom.again import claim_again, due_again
from luvalla.mailroom.closing import hold_closed
from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.leases import Lease, last_moment, lock_shard
from luvalla.mailroom.owners import boot_seconds
from luvalla.mailroom.recording import Answered, record_answers
from luvalla.mailroom.standing import read_standing
from luvalla.mailroom.step import Claimed, Step
from luvalla.register.facts import Candidate, FactsReader
from luvalla.rules.gate import Permit

MOST_IN_WINDOW: Final = 500
INSERT: Final = """
insert into mailroom_delivery (campaign_id, contact_id, shard_id, epoch, state, attempt, code, reason, claimed_at)
select %s, v.value, %s, %s, 'claimed', 1, '', '', %s from {contacts}
"""
CONTACTS: Final = {
    "sqlite": "json_each(%s) v",
    "postgresql": "(select cast(value as bigint) as value from json_array_elements_text(%s::json)) v",
}
"""The ids as one parameter: the statement is the same for each window, and its plan is kept."""


@dataclass(frozen=True, slots=True)
class Window:
    """What one claim gave, perhaps nothing. `until` (boot seconds): no letter of it is begun later than that."""

    claimed: Sequence[Claimed]
    claimed_at: datetime
    until: float


class Rest(StrEnum):
    """Why a claim gave no window; the shard is given back."""

    STOPPED = "stopped"
    """The campaign isn't being sent any more, or the worker was told to end."""
    WAITING = "waiting"
    """Only attempts at a later time remain."""
    DONE = "done"


def advance(
    lease: Lease, *, answered: Answered | None, limit: int, reader: FactsReader, rate: int = 0
) -> Window | Rest:
    """Record the answers to the last window, claim the next one and keep the lease; or give the shard back.

    limit: the most letters of the window; 0 records and gives back. rate: letters a second of the last window, for
    those who watch. Raises LeaseLost, and nothing has changed then.
    """
    began = boot_seconds()
    with transaction.atomic():
        step = begin_step(lease)
        if answered is not None:
            record_answers(step, answered)
        goes_on = step.standing.is_sending and limit > 0
        claimed = _claim(step, reader, min(limit, MOST_IN_WINDOW)) if goes_on else None
        result = Window(claimed, step.now, last_moment(began)) if claimed is not None else _rest(step, goes_on)
        if isinstance(result, Window):
            step.keep(rate=rate)
        else:
            step.give_back(done=result is Rest.DONE)
        step.tell()
    lease.until = last_moment(began)
    return result


def begin_step(lease: Lease) -> Step:
    """Lock the shard's row and read how its campaign stands; LeaseLost when the shard isn't ours."""
    row = lock_shard(lease)
    now = timezone.now()
    standing = read_standing(lease.campaign_id, now)
    if standing is None:
        raise LeaseLost
    if standing.broken:
        hold_closed(lease.campaign_id, standing.ref, standing.broken, now)
    return Step(lease, standing, row.cursor, now)


def _claim(step: Step, reader: FactsReader, limit: int) -> list[Claimed] | None:
    """Claim what is due again, or else the next of the audience; None when there is neither."""
    due = due_again(step, limit)
    if due:
        return claim_again(step, reader, due)
    if step.cursor >= step.lease.high:
        return None
    candidates = reader.next_of_audience(
        audience=step.standing.facts.audience, low=step.cursor, high=step.lease.high, limit=limit, now=step.now
    )
    step.cursor = candidates[-1].contact_id + 1 if len(candidates) == limit else step.lease.high
    if not candidates:
        return None
    claimed = _permitted(step, candidates)
    if claimed:
        _insert(step, claimed)
    return claimed


def _permitted(step: Step, candidates: Sequence[Candidate]) -> list[Claimed]:
    """Let through whom the gate permits, and count the others by the first reason."""
    answers = [(each, step.ask_gate(each)) for each in candidates]
    for _, answer in answers:
        if answer.__class__ is not Permit:
            step.withhold(answer)
    return [Claimed(*each[:3]) for each, answer in answers if answer.__class__ is Permit]


def _insert(step: Step, claimed: Sequence[Claimed]) -> None:
    lease, contact_ids = step.lease, json.dumps([each.contact_id for each in claimed])
    statement = INSERT.format(contacts=CONTACTS[connection.vendor])
    step.execute(statement, (lease.campaign_id, lease.shard_id, lease.epoch, step.moment, contact_ids))
    step.moves["permitted"] += len(claimed)


def _rest(step: Step, goes_on: bool) -> Rest:  # noqa: FBT001  # one caller, which names it
    """Tell why there is no window: done for good, stopped, or waiting for a later attempt."""
    if step.cursor >= step.lease.high and not _waits(step):
        return Rest.DONE
    return Rest.WAITING if goes_on else Rest.STOPPED


def _waits(step: Step) -> bool:
    """Tell whether a letter of the shard is to be tried again some time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from mailroom_delivery where shard_id = %s and retry_at is not null limit 1",
            (step.lease.shard_id,),
        )
        return cursor.fetchone() is not None
