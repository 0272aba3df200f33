"""The ledger of reads: which rows tell of somebody's looking, and who looked at whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow

READING: Final = frozenset({"search", "show", "uncover", "export", "print", "read", "fetch", "open", "list", "copy"})
"""The first word of a verb's action that tells of reading: register.uncover_address, api.read_contacts."""
PRINT: Final = "paper.record_print"
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


def is_reading(verb: str) -> bool:
    """Tell whether a verb ("register.uncover_address") tells of reading.

    >>> is_reading("register.uncover_address"), is_reading("register.stop")
    (True, False)
    """
    return verb == PRINT or verb.partition(".")[2].partition("_")[0] in READING


def who_looked(kind: str, ref: str) -> list[Look]:
    """List who looked at one thing ("contact" and its ref), the newest first: for its data subject (GDPR 15(1)(c)).

    The actor is spelled as the ledger does; people.queries.user_of_ref names the person. Rows about many at once
    (an export of an audience) name the audience, not its people: ask for them by that kind.
    """
    rows = LedgerRow.objects.filter(subject_kind=kind, subject_ref=str(ref)).order_by("-pk")
    return [Look(row.at, row.actor, row.verb, row.purpose, row.reason) for row in rows if is_reading(row.verb)]


def looks_of(actor: Actor, since: datetime) -> Iterator[LedgerRow]:
    """Go through what somebody has read since then, the newest first; stops reading where the time is passed."""
    rows = LedgerRow.objects.filter(actor=str(actor)).order_by("-pk").iterator(chunk_size=500)
    return (row for row in takewhile(lambda row: row.at >= since, rows) if is_reading(row.verb))


def addresses_seen(row: LedgerRow) -> int:
    """Tell how many addresses a row of reading let somebody see: the one it is about, unless its facts say another."""
    counted = (row.facts.get(name) for name in COUNTS)
    return next((each for each in counted if isinstance(each, int)), 1)
