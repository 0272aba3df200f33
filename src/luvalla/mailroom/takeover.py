"""Taking over the shard of a worker that died or fell silent, and finding out what became of its letters."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from luvalla.mailroom.claiming import advance, begin_step
from luvalla.mailroom.fates import AGAIN_AFTER_UNKNOWN
from luvalla.mailroom.journal import Noted, read_journal, remove_journal
from luvalla.mailroom.leases import Held, Lease, Watch, held_shards, take_over_shard
from luvalla.mailroom.owners import is_surely_gone
from luvalla.mailroom.recording import Answered, record_answers
from luvalla.mailroom.step import Claimed, Step
from luvalla.register.facts import FactsReader
from luvalla.sending.outcome import Outcome, Reason, not_sent, unknown

OPEN: Final = """
select contact_id, attempt, reason from mailroom_delivery
where campaign_id = %s and contact_id >= %s and contact_id < %s and state = 'claimed'
"""
NEVER_BEGUN: Final = not_sent(Reason.DEADLINE)
NEVER_ANSWERED: Final = unknown(Reason.CONNECTION_LOST)


def take_over(held: Held, *, owner: str, journals: Path) -> Lease | None:
    """Take the shard and settle the letters its holder had claimed; None when the holder has stirred meanwhile.

    What its journal shows is recorded: answers as they came, letters that were never begun to be sent again, and the
    rest as unknown. Without a journal of this running machine nothing is known of any of them.
    """
    noted = read_journal(journals, held.owner) if is_surely_gone(held.owner) else None
    with transaction.atomic():
        lease = take_over_shard(held, owner=owner, now=timezone.now())
        if lease is None:
            return None
        step = begin_step(lease)
        claimed = _still_claimed(step)
        outcomes = {each.contact_id: _outcome(each, noted) for each in claimed}
        record_answers(step, Answered(claimed, outcomes, relay_id=None))
        step.execute("update mailroom_shard set taken_over_at = %s where id = %s", (step.moment, lease.shard_id))
        step.keep(rate=0)
        step.tell(taken_over=True, claimed=len(claimed))
    if noted is not None:
        remove_journal(journals, held.owner)
    return lease


def settle_the_dead(watch: Watch, *, campaign: int, owner: str, journals: Path) -> int:
    """Take over what the dead hold and give it back at once, for lack of a relay to go on with; tell how many shards.

    Then nobody takes their letters for being on their way, and no stop waits for them. Raises LeaseLost where somebody
    else was at the same shard.
    """
    settled = 0
    for each in watch.silent(held_shards(campaign)):
        lease = take_over(each, owner=owner, journals=journals)
        if lease is not None:
            advance(lease, answered=None, limit=0, reader=FactsReader())
            settled += 1
    return settled


def settle(lease: Lease, answered: Answered | None) -> None:
    """Bring our own shard in order after the database was away: nobody knows whether the last claim was committed.

    The window's answers are recorded, unless they are already. Whatever else is claimed was claimed by the transaction
    whose end was not heard of: none of it was begun. Raises LeaseLost.
    """
    window = answered or Answered((), {}, relay_id=None)
    known = {each.contact_id: window.outcomes.get(each.contact_id, NEVER_ANSWERED) for each in window.claimed}
    with transaction.atomic():
        step = begin_step(lease)
        claimed = _still_claimed(step)
        outcomes = {each.contact_id: known.get(each.contact_id, NEVER_BEGUN) for each in claimed}
        record_answers(step, Answered(claimed, outcomes, window.relay_id))
        step.keep(rate=0)
        step.tell(settled=True)


def _still_claimed(step: Step) -> list[Claimed]:
    lease = step.lease
    with connection.cursor() as cursor:
        cursor.execute(OPEN, (lease.campaign_id, lease.low, lease.high))
        return [
            Claimed(contact, b"", b"", attempt, was_unknown=reason == AGAIN_AFTER_UNKNOWN)
            for contact, attempt, reason in cursor.fetchall()
        ]


def _outcome(letter: Claimed, journal: dict[int, Noted] | None) -> Outcome:
    if journal is None:
        return NEVER_ANSWERED
    noted = journal.get(letter.contact_id)
    if noted is None or noted.attempt != letter.attempt:
        return NEVER_BEGUN
    return noted.outcome or NEVER_ANSWERED
