"""Recording what the network answered to a window, in one transaction. Plain SQL, no models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from luvalla.mailroom.fates import Fate, fate, says_gone
from luvalla.mailroom.hard_bounces import note_hard_bounces
from luvalla.mailroom.step import Claimed, Step, listed
from luvalla.sending.outcome import Kind, Outcome, Reason, unknown

WRITE: Final = """
update mailroom_delivery
set state = %s, code = %s, reason = %s, retry_at = %s, relay_id = %s, finished_at = %s, attempt = attempt - %s
where campaign_id = %s and {which} and state = 'claimed'
"""
DENSE: Final = 4
"""A range is written as one where at least every so-manieth id of it is meant."""
UNANSWERED: Final = unknown(Reason.UNSPECIFIED)
UNREADABLE: Final = Outcome(Kind.REFUSED, reason=Reason.UNREADABLE)
"""For a letter whose address cannot be opened: damage to one row holds up nobody else."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A window that came back: its letters, their outcomes by contact id, and through which relay.

    A letter without an outcome is unknown: nobody can say that it never left.
    """

    claimed: Sequence[Claimed]
    outcomes: Mapping[int, Outcome]
    relay_id: int | None


def record_answers(step: Step, answered: Answered) -> None:
    """Write each letter's fate and move the shard's counts; a row that an erasure has taken away isn't counted."""
    fates = sorted(_by_fate(step, answered).items(), key=lambda each: len(each[1]))
    for number, (what, contact_ids) in enumerate(fates, start=1):
        which = _rest_of(answered) if number == len(fates) else f"contact_id in ({listed(contact_ids)})"
        step.moves[what.state.value] += _write(step, answered, what, which)
    gone = [each for each, outcome in answered.outcomes.items() if says_gone(outcome)]
    if gone:
        note_hard_bounces(gone, now=step.now)


def _by_fate(step: Step, answered: Answered) -> dict[Fate, list[int]]:
    """Sort the letters by fate. The network repeats itself, so a window has few of them."""
    alike: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
    kinds: dict[int, Outcome] = {}
    outcomes = answered.outcomes
    for each in answered.claimed:
        outcome = outcomes.get(each.contact_id, UNANSWERED)
        kinds[id(outcome)] = outcome
        alike[id(outcome), each.attempt, each.was_unknown].append(each.contact_id)
    fates: dict[Fate, list[int]] = defaultdict(list)
    for (number, attempt, was_unknown), contact_ids in alike.items():
        what = fate(
            kinds[number],
            attempt=attempt,
            was_unknown=was_unknown,
            resend_unknown=step.standing.resends_unknown,
            now=step.now,
        )
        fates[what].extend(contact_ids)
    return fates


def _rest_of(answered: Answered) -> str:
    """Say which rows the last and largest group is: all that is still claimed where the window was.

    A shard has one window at a time, so nothing else is claimed between its first and its last letter.
    """
    contact_ids = [each.contact_id for each in answered.claimed]
    first, last = min(contact_ids), max(contact_ids)
    if last - first > DENSE * len(contact_ids):
        return f"contact_id in ({listed(contact_ids)})"
    return f"contact_id between {first} and {last}"


def _write(step: Step, answered: Answered, what: Fate, which: str) -> int:
    adapt = connection.ops.adapt_datetimefield_value
    return step.execute(
        WRITE.format(which=which),
        (what.state.value, what.code, what.reason, adapt(what.retry_at), answered.relay_id, step.moment,
         0 if what.attempt_counts else 1, step.lease.campaign_id),
    )  # fmt: skip
