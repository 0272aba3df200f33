"""Reading the ledger: whether its chain holds, and what it says of somebody or something."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from luvalla.ledger.chain import Row, link
from luvalla.ledger.head import read_head
from luvalla.ledger.key_changes import announced_keys, number_of_key
from luvalla.ledger.letting_go import lawfully_gone
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.vault import keyring

SEALED_WITHIN: Final = timedelta(seconds=10)
"""A row that has no seal for longer was written while no sealer ran."""
FIELDS: Final = tuple(f"row__{name}" for name in Row._fields)


class Fault(StrEnum):
    """What is wrong with a link of the chain."""

    CHANGED = "changed"
    """The row was changed after it was sealed."""
    REMOVED = "removed"
    """A row and its seal are gone, or the row is gone from under its seal."""
    PUT_IN = "put_in"
    """The link was not made with this ledger's key: a row was put in, or the chain rewritten."""
    CUT_OFF = "cut_off"
    """The chain ends before the head that was noted outside the database."""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first link that doesn't hold: its place in the chain, from 1, the row's number if it is known, and why."""

    number: int
    row: int | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Rows that wait for their seal, and since when the oldest does."""

    rows: int
    since: datetime | None

    def is_late(self, now: datetime | None = None) -> bool:
        """Tell whether they have waited for longer than a running sealer lets them."""
        return self.since is not None and self.since < (now or timezone.now()) - SEALED_WITHIN


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying found."""

    sealed: int
    """How many links hold."""
    unsealed: Unsealed
    broken: BrokenLink | None


def verify_chain() -> ChainReport:
    """Walk along the whole chain and name the first broken link; rows without a seal are counted."""
    holds, broken = 0, None
    for holds, broken in _walk():  # noqa: B007  # the last step is what was found
        pass
    return ChainReport(holds, unsealed_rows(), broken or _against_head(holds) or _against_keys(holds))


def unsealed_rows() -> Unsealed:
    """Tell how many rows wait for their seal."""
    rows = LedgerRow.objects.filter(seal=None).aggregate(count=Count("pk"), oldest=Min("at"))
    return Unsealed(rows["count"], rows["oldest"])


def history(kind: str, ref: str) -> QuerySet[LedgerRow]:
    """Give what was done to something, newest first."""
    return LedgerRow.objects.filter(subject_kind=kind, subject_ref=ref).order_by("-pk")


def _walk() -> Iterator[tuple[int, BrokenLink | None]]:
    """Go from link to link: how many hold so far, and the broken one, which ends the walk."""
    keys, in_use, before, gone = keyring().ledger_keys, 1, b"", lawfully_gone()
    seals = LedgerSeal.objects.order_by("pk").values_list("pk", "link", "row_id", *FIELDS)
    for number, (pk, stored, row_id, *values) in enumerate(seals.iterator(chunk_size=5000), start=1):
        if pk == number and pk in gone:
            before = bytes(stored)
            yield number, None
            continue
        if pk != number or values[0] is None:
            yield number - 1, BrokenLink(number, None if pk != number else row_id, Fault.REMOVED)
            return
        row = Row(*values)
        in_use = number_of_key(in_use, row.verb, row.facts)
        made, before = link(before, number, row, keys[in_use - 1]), bytes(stored)
        if not hmac.compare_digest(made, before):
            yield number - 1, BrokenLink(number, row_id, _why(number, before, keys[in_use - 1 :]))
            return
        yield number, None


def _why(number: int, stored: bytes, keys: Sequence[bytes]) -> Fault:
    """Tell a changed row, whose stored link still carries the chain, from a link that never belonged to it."""
    head = read_head()
    if head is not None and head.number == number:
        return Fault.CHANGED if hmac.compare_digest(head.link, stored) else Fault.PUT_IN
    following = LedgerSeal.objects.filter(pk=number + 1).values_list("link", *FIELDS).first()
    if following is None or following[1] is None:
        return Fault.PUT_IN
    made = (link(stored, number + 1, Row(*following[1:]), key) for key in keys)
    return Fault.CHANGED if any(hmac.compare_digest(each, bytes(following[0])) for each in made) else Fault.PUT_IN


def _against_keys(holds: int) -> BrokenLink | None:
    """See that the ledger speaks of every key: one that ends before the newest was cut off there, and forged on."""
    return None if announced_keys() == len(keyring().ledger_keys) else BrokenLink(holds + 1, None, Fault.CUT_OFF)


def _against_head(holds: int) -> BrokenLink | None:
    """Compare a chain that holds with its head outside the database: it may be longer, never shorter or another one."""
    head = read_head()
    if head is None:
        return None
    stored = LedgerSeal.objects.filter(pk=head.number).values_list("link", "row_id").first()
    if stored is None:
        return BrokenLink(holds + 1, None, Fault.CUT_OFF)
    is_the_same = hmac.compare_digest(bytes(stored[0]), head.link)
    return None if is_the_same else BrokenLink(head.number, stored[1], Fault.PUT_IN)
