"""Further attempts: a deferred letter goes again through the gate, as if it were claimed for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.db import connection

from luvalla.mailroom.fates import AGAIN_AFTER_UNKNOWN, State
from luvalla.mailroom.step import Claimed, Step, listed
from luvalla.register.facts import FactsReader
from luvalla.rules.gate import Permit, Reason, Refusal

DUE: Final = """
select contact_id, attempt, state from mailroom_delivery
where shard_id = %s and retry_at <= %s order by retry_at, contact_id limit %s
"""
CLAIM: Final = """
update mailroom_delivery
set state = 'claimed', attempt = attempt + 1, epoch = %s, claimed_at = %s, reason = %s, code = '',
    retry_at = null, finished_at = null
where campaign_id = %s and contact_id in ({contacts})
"""
DROP: Final = "delete from mailroom_delivery where campaign_id = %s and contact_id in ({contacts})"
LEAVE: Final = "update mailroom_delivery set retry_at = null where campaign_id = %s and contact_id in ({contacts})"
ERASED: Final = Refusal((Reason.PERMISSION_MISSING,))


class Due(NamedTuple):
    """A delivery that is to be tried again now: the attempts made so far, and its state."""

    contact_id: int
    attempt: int
    state: str


def due_again(step: Step, limit: int) -> list[Due]:
    """Read which letters of the shard are due for another attempt."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, (step.lease.shard_id, step.moment, limit))
        return [Due(*row) for row in cursor.fetchall()]


def claim_again(step: Step, reader: FactsReader, due: Sequence[Due]) -> list[Claimed]:
    """Claim the attempts that the gate permits now.

    A deferred letter that it refuses never left, and counts as withheld from then on. One whose earlier attempt is
    unknown stays unknown: it may have arrived.
    """
    candidates = {each.contact_id: each for each in reader.given([each.contact_id for each in due], now=step.now)}
    going: list[Claimed] = []
    refused: list[Due] = []
    for each in due:
        candidate = candidates.get(each.contact_id)
        answer = step.ask_gate(candidate) if candidate else ERASED
        if candidate and isinstance(answer, Permit):
            going.append(Claimed(*candidate[:3], attempt=each.attempt + 1, was_unknown=each.state == State.UNKNOWN))
        else:
            refused.append(each)
            if each.state != State.UNKNOWN:
                step.withhold(answer)
    _write(step, going, refused)
    return going


def _write(step: Step, going: Sequence[Claimed], refused: Sequence[Due]) -> None:
    _claim(step, [each.contact_id for each in going if not each.was_unknown], State.DEFERRED, "")
    _claim(step, [each.contact_id for each in going if each.was_unknown], State.UNKNOWN, AGAIN_AFTER_UNKNOWN)
    dropped = [each.contact_id for each in refused if each.state != State.UNKNOWN]
    if dropped:
        gone = step.execute(DROP.format(contacts=listed(dropped)), (step.lease.campaign_id,))
        step.moves["permitted"] -= gone
        step.moves[State.DEFERRED.value] -= gone
    left = [each.contact_id for each in refused if each.state == State.UNKNOWN]
    if left:
        step.execute(LEAVE.format(contacts=listed(left)), (step.lease.campaign_id,))


def _claim(step: Step, contact_ids: Sequence[int], before: State, reason: str) -> None:
    if contact_ids:
        parameters = (step.lease.epoch, step.moment, reason, step.lease.campaign_id)
        step.moves[before.value] -= step.execute(CLAIM.format(contacts=listed(contact_ids)), parameters)
