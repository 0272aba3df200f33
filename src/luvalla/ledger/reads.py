"""The ledger of reads: who looked at whom, and how much somebody saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow

COUNTS: Final = ("contacts", "letters", "notices", "addresses", "found", "items")
"""Facts of a row that say how many addresses it let somebody see, the first that is there."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at somebody's data."""

    at: datetime
    actor: str
    verb: str
    purpose: str
    reason: str


def who_looked(kind: str, ref: str) -> list[Look]:
    """List who looked at one thing ("contact" and its ref), the newest first: for its data subject (GDPR 15(1)(c)).

    The actor is spelled as the ledger does; people.queries.user_of_ref names the person. Rows about many at once
    (an export of an audience) name the audience, not its people: ask for them by that kind.
    """
    rows = LedgerRow.objects.filter(subject_kind=kind, subject_ref=str(ref), is_look=True).order_by("-pk")
    return [Look(row.at, row.actor, row.verb, row.purpose, row.reason) for row in rows]


def looks_of(actor: Actor, since: datetime) -> Iterator[LedgerRow]:
    """Go through what somebody has read since then, the newest first; stops reading where the time is passed."""
    rows = LedgerRow.objects.filter(actor=str(actor), is_look=True).order_by("-pk").iterator(chunk_size=500)
    return takewhile(lambda row: row.at >= since, rows)


def looks_without_purpose() -> int:
    """Count the looks that don't say what for. The database takes none in: any was written around its rule."""
    return LedgerRow.objects.filter(is_look=True, purpose="").count()


def addresses_seen(row: LedgerRow) -> int:
    """Tell how many addresses a row of reading let somebody see: the one it is about, unless its facts say another."""
    counted = (row.facts.get(name) for name in COUNTS)
    return next((each for each in counted if isinstance(each, int)), 1)
