"""What an outcome makes of a delivery: its state, and when it goes again. Pure.

A temporary refusal is tried again after ever longer pauses, for about a day; then it expires. What was never sent goes
again at once and costs no attempt. What is unknown stays unknown until somebody has answered: it may have arrived.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from luvalla.sending.outcome import Kind, Outcome, Reason

PAUSES: Final = (
    timedelta(seconds=15),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""Between the attempts after a temporary refusal: soon for a relay that was only busy, then with patience."""
AFTER_NOTHING_SENT: Final = timedelta(seconds=1)
AFTER_UNKNOWN: Final = timedelta(seconds=30)
MOST_ATTEMPTS_AFTER_UNKNOWN: Final = 3
GONE: Final = frozenset({"5.1.1", "5.1.10"})
"""Enhanced codes that say there is no such mailbox, or that its domain takes no mail (RFC 3463, RFC 7505)."""
OURS: Final = frozenset({Reason.AUTH, Reason.TLS, Reason.SENDER_REFUSED})
"""Refusals that speak of us and not of the addressee, who is kept and tried again."""
AGAIN_AFTER_UNKNOWN: Final = "after_unknown"
"""The reason of a claimed delivery whose earlier attempt was left unknown."""


class State(StrEnum):
    """The states of a delivery, as mailroom.models.Delivery.State has them."""

    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Fate(NamedTuple):
    """What is written into a delivery row; equal fates are written together."""

    state: State
    code: str = ""
    reason: str = ""
    retry_at: datetime | None = None
    attempt_counts: bool = True


def fate(outcome: Outcome, *, attempt: int, was_unknown: bool, resend_unknown: bool, now: datetime) -> Fate:
    """Tell what becomes of a delivery whose attempt number `attempt` ended in this outcome."""
    match outcome.kind:
        case Kind.ACCEPTED:
            return Fate(State.ACCEPTED, outcome.answer)
        case Kind.REFUSED if outcome.reason not in OURS:
            return Fate(State.REFUSED, outcome.answer, _reason(outcome))
        case Kind.NOT_SENT:
            state = State.UNKNOWN if was_unknown else State.DEFERRED
            next_try = now + max(AFTER_NOTHING_SENT, timedelta(seconds=outcome.after))
            return Fate(state, outcome.answer, _reason(outcome), next_try, attempt_counts=False)
        case Kind.UNKNOWN:
            again = resend_unknown and attempt < MOST_ATTEMPTS_AFTER_UNKNOWN
            return Fate(State.UNKNOWN, "", _reason(outcome), now + AFTER_UNKNOWN if again else None)
        case _:
            return _deferred(outcome, attempt, was_unknown=was_unknown, now=now)


def says_gone(outcome: Outcome) -> bool:
    """Tell whether the relay said that the mailbox doesn't exist."""
    return outcome.kind is Kind.REFUSED and outcome.status in GONE


def _deferred(outcome: Outcome, attempt: int, *, was_unknown: bool, now: datetime) -> Fate:
    if attempt > len(PAUSES):
        return Fate(State.UNKNOWN if was_unknown else State.EXPIRED, outcome.answer, _reason(outcome))
    state = State.UNKNOWN if was_unknown else State.DEFERRED
    return Fate(state, outcome.answer, _reason(outcome), now + PAUSES[max(attempt, 1) - 1])


def _reason(outcome: Outcome) -> str:
    """Name the category; it is never empty, since the index of what didn't arrive goes by it."""
    return (outcome.reason or Reason.UNSPECIFIED).value
