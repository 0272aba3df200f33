"""Whom a look at many showed: an export, a program's list, a file for a source. The ledger names none of them.

Beside such a row of the ledger stands the sealed set of the contacts' numbers, so that a data subject can be told of it
(GDPR 15; C-579/21). It goes with its row. A number leads to nobody any more once its contact is erased.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import accumulate, pairwise
from typing import NamedTuple

from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register.columns import SEEN
from luvalla.register.models import Contact, Rectification, Seen


def keep_seen(row: LedgerRow, numbers: Collection[int]) -> None:
    """Keep which contacts the look of a row showed, in the transaction of the row. numbers are their ids."""
    if not numbers:
        return
    ordered = sorted(numbers)
    steps = [ordered[0], *(after - before for before, after in pairwise(ordered))]
    packed = zlib.compress(json.dumps(steps, separators=(",", ":")).encode())
    sealed = sealer().seal(packed, column=SEEN, token=_bound_to(row.pk))
    Seen.objects.create(row=row, lowest=ordered[0], highest=ordered[-1], numbers=sealed)


class Numbered(NamedTuple):
    """A number by which somebody was known, and since when: an earlier set with it is about another."""

    number: int
    since: datetime


def numbers_of(contacts: Iterable[Contact]) -> list[Numbered]:
    """Give the numbers of contacts, and those of the contacts that a correction has made one with them."""
    found = {each.pk: Numbered(each.pk, each.created_at) for each in contacts}
    for merged in Rectification.objects.filter(contact__in=list(found)).values_list("merged", flat=True):
        found |= {number: Numbered(number, datetime.fromisoformat(since)) for number, since in merged}
    return list(found.values())


def looks_that_showed(contacts: Iterable[Contact]) -> list[LedgerRow]:
    """Give the rows of the looks at many that showed one of these contacts, the newest first.

    Only sets whose span reaches a contact's number are opened; the pages of a program's list are narrow.
    """
    found: dict[int, LedgerRow] = {}
    for number, since in numbers_of(contacts):
        reaching = Seen.objects.filter(lowest__lte=number, highest__gte=number)
        for seen in reaching.filter(row__at__gte=since).select_related("row"):
            if number in _numbers_of(seen):
                found[seen.pk] = seen.row
    return sorted(found.values(), key=lambda row: -row.pk)


def shown_in(look: int, numbers: Collection[int]) -> set[int] | None:
    """Tell which of these numbers a look at many showed, by its row's number; None where it is not kept any more.

    The set is opened only where its span reaches one of them.
    """
    seen = Seen.objects.filter(pk=look).first()
    if seen is None:
        return None
    near = {each for each in numbers if seen.lowest <= each <= seen.highest}
    return near.intersection(_numbers_of(seen)) if near else set()


def _numbers_of(seen: Seen) -> Iterable[int]:
    packed = sealer().open(bytes(seen.numbers), column=SEEN, token=_bound_to(seen.pk))
    return accumulate(json.loads(zlib.decompress(packed)))


def _bound_to(row: int) -> bytes:
    return row.to_bytes(8, "big")
