"""Whom a look at many showed: an export, a program's list, a file for a source. The ledger names none of them.

Beside such a row of the ledger stands the sealed set of the contacts' numbers, so that a data subject can be told of it
(GDPR 15; C-579/21). It goes with its row. A number leads to nobody any more once its contact is erased.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable
from itertools import accumulate, pairwise

from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.register.columns import SEEN
from luvalla.register.models import Contact, Seen


def keep_seen(row: LedgerRow, numbers: Collection[int]) -> None:
    """Keep which contacts the look of a row showed, in the transaction of the row. numbers are their ids."""
    if not numbers:
        return
    ordered = sorted(numbers)
    steps = [ordered[0], *(after - before for before, after in pairwise(ordered))]
    packed = zlib.compress(json.dumps(steps, separators=(",", ":")).encode())
    sealed = sealer().seal(packed, column=SEEN, token=_bound_to(row.pk))
    Seen.objects.create(row=row, lowest=ordered[0], highest=ordered[-1], numbers=sealed)


def looks_that_showed(contacts: Iterable[Contact]) -> list[LedgerRow]:
    """Give the rows of the looks at many that showed one of these contacts, the newest first.

    Only sets whose span reaches a contact's number are opened; the pages of a program's list are narrow.
    """
    found: dict[int, LedgerRow] = {}
    for contact in contacts:
        reaching = Seen.objects.filter(lowest__lte=contact.pk, highest__gte=contact.pk)
        for seen in reaching.filter(row__at__gte=contact.created_at).select_related("row"):
            if contact.pk in _numbers_of(seen):
                found[seen.pk] = seen.row
    return sorted(found.values(), key=lambda row: -row.pk)


def _numbers_of(seen: Seen) -> Iterable[int]:
    packed = sealer().open(bytes(seen.numbers), column=SEEN, token=_bound_to(seen.pk))
    return accumulate(json.loads(zlib.decompress(packed)))


def _bound_to(row: int) -> bytes:
    return row.to_bytes(8, "big")
