"""The chain over the ledger: each row's link is keyed and holds the one before it, so that no change goes unseen.

Rows are written in the transactions of their writes, whose numbers may commit in another order on PostgreSQL; a sealer
chains them afterwards, one at a time, and the order of the seals is the order of the chain.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final, NamedTuple

from django.db import connection, transaction

from luvalla.ledger.head import Head, read_head, write_head
from luvalla.ledger.key_changes import announced_keys, number_of_key
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.vault import keyring

SUBJECT: Final = b"luvalla ledger|"
log = logging.getLogger(__name__)
ROWS_AT_ONCE: Final = 1000
COMMITTED_LATE: Final = 2000
"""How far before the newest sealed row PostgreSQL may still commit an older number."""
SEALER: Final = 0x4C554C47
"""Number of the advisory lock that keeps a second sealer out."""


class Row(NamedTuple):
    """A row of the ledger as it stands in the database."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject_kind: str
    subject_ref: str
    purpose: str
    reason: str
    facts: object

    def said(self) -> bytes:
        """Spell everything the row says, in one way only."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps([self.id, at, *self[2:]], sort_keys=True, separators=(",", ":")).encode()


def link(before: bytes, number: int, row: Row, key: bytes) -> bytes:
    """Make the link of a row at a place of the chain: HMAC-SHA256 over the link before it, the place and the row."""
    return hmac.digest(key, SUBJECT + before + number.to_bytes(8, "big") + row.said(), "sha256")


def seal_rows(*, everything: bool = False) -> int:
    """Chain the rows that have no seal yet and tell how many; none while another process is sealing.

    Rows are looked for at the end of the ledger, with everything in all of it.
    """
    sealed = 0
    while some := _seal_some(everything=everything):
        sealed += some
    return sealed


def _seal_some(*, everything: bool) -> int:
    with transaction.atomic():
        if not _is_alone():
            return 0
        last = LedgerSeal.objects.order_by("-pk").first()
        since = 0 if everything or last is None or last.row_id is None else last.row_id - _late()
        seals = list(_chain(_unsealed_after(since), last))
        LedgerSeal.objects.bulk_create(seals)
    if seals and _carries_its_head():
        write_head(Head(seals[-1].pk, bytes(seals[-1].link)))
    return len(seals)


def _carries_its_head() -> bool:
    """Tell whether the chain still has the link its head names. A chain that was cut off never gets a new head."""
    head = read_head()
    if head is None:
        return True
    link_there = LedgerSeal.objects.filter(pk=head.number).values_list("link", flat=True).first()
    if link_there is not None and bytes(link_there) == head.link:
        return True
    _tell_once()
    return False


@cache
def _tell_once() -> None:
    log.error("the ledger does not have the link its head names: `luvalla ledger verify` says more")


def _is_alone() -> bool:
    """Keep other sealers out until the commit. SQLite has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        return bool(cursor.fetchone()[0])


def _late() -> int:
    return COMMITTED_LATE if connection.vendor == "postgresql" else 0


def _unsealed_after(since: int) -> Iterator[Row]:
    rows = LedgerRow.objects.filter(seal=None, pk__gt=since).order_by("pk").values_list(*Row._fields)
    return (Row(*each) for each in rows[:ROWS_AT_ONCE])


def _chain(rows: Iterable[Row], last: LedgerSeal | None) -> Iterator[LedgerSeal]:
    keys = keyring().ledger_keys
    number, before = (last.pk, bytes(last.link)) if last else (0, b"")
    in_use = announced_keys(up_to=number)
    for row in rows:
        in_use = number_of_key(in_use, row.verb, row.facts)
        number, before = number + 1, link(before, number + 1, row, keys[in_use - 1])
        yield LedgerSeal(pk=number, row_id=row.id, link=before)
