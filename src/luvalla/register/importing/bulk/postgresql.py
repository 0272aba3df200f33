"""Many rows at once on PostgreSQL: COPY, and arrays as parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from django.db import connection

from luvalla.register.importing.bulk import (
    CONTACTS,
    PERMISSIONS,
    PROHIBITED,
    SUBSCRIBED,
    SUPPRESSED,
    Grant,
    KnownContact,
    KnownPermission,
    NewContact,
    NewPermission,
)

IDS: Final = "select nextval(pg_get_serial_sequence('register_contact', 'id')) from generate_series(1, %s)"
CONTACT: Final = "copy register_contact (id, ref, token, folded, domain, sealed, created_at) from stdin"
PERMISSION: Final = (
    "copy register_permission (contact_id, kind, since, purposes, source_id, audience_id, batch_id, created_at)"
    " from stdin"
)
PROHIBITION: Final = "copy register_stagedprohibition (batch_id, folded, kinds) from stdin"
LINE: Final = 'copy register_batchline (batch_id, "group", line, fault) from stdin'
WHOLE_TABLES: Final = ("enable_seqscan", "jit")
NOTHING: Final = "\\N"


class PostgresBulk:
    """Reads and writes many rows with the driver itself. What is copied are numbers, codes and hexadecimal digits."""

    works_beside = True

    def contacts(self, folded: Collection[bytes]) -> Iterator[KnownContact]:
        """Read the contacts of these mailboxes, in no order."""
        question = CONTACTS.format(among="= any(%b)")
        return map(KnownContact._make, _cursor().execute(question, (list(folded),), binary=True))

    def permissions(self, contacts: Collection[int], source: int) -> Iterator[KnownPermission]:
        """Read the permissions of these contacts from the source that haven't ended, in no order."""
        question = PERMISSIONS.format(source="%s", among="= any(%b)")
        return map(KnownPermission._make, _cursor().execute(question, (source, list(contacts)), binary=True))

    def suppressed(self, tokens: Collection[bytes]) -> set[bytes]:
        """Pick the tokens of mailboxes and domains that are suppressed now."""
        question = SUPPRESSED.format(now="now()", among="= any(%b)")
        return {token for (token,) in _cursor().execute(question, (list(tokens),), binary=True)}

    def prohibited(self, folded: Collection[bytes]) -> dict[bytes, int]:
        """Read what these mailboxes have forbidden; those that have forbidden nothing are left out."""
        return dict(_cursor().execute(PROHIBITED.format(among="= any(%b)"), (list(folded),), binary=True))

    def subscribed(self, contacts: Collection[int]) -> Iterator[tuple[int, str]]:
        """Read the contacts of these that have subscribed by themselves, with the purposes of each consent."""
        yield from _cursor().execute(SUBSCRIBED.format(among="= any(%b)"), (list(contacts),), binary=True)

    def is_still_read(self, batch: int) -> bool:
        """Tell whether the batch is still being read; whoever gives it up waits for this transaction."""
        asked = "select 1 from register_batch where id = %s and state = 'reading' for share"
        return _cursor().execute(asked, (batch,)).fetchone() is not None

    def insert_contacts(self, rows: Sequence[NewContact]) -> Sequence[int]:
        """Insert contacts and tell their ids, which the sequence gives to nobody else."""
        if not rows:
            return ()
        ids = [id_ for (id_,) in _cursor().execute(IDS, (len(rows),), binary=True)]
        now = _now()
        _copy(
            CONTACT,
            (
                f"{id_}\t{row.ref}\t\\\\x{row.exact.hex()}\t\\\\x{row.folded.hex()}\t\\\\x{row.domain.hex()}"
                f"\t\\\\x{row.sealed.hex()}\t{now}\n"
                for id_, row in zip(ids, rows, strict=True)
            ),
        )
        return ids

    def insert_permissions(self, rows: Sequence[NewPermission], grant: Grant) -> None:
        """Insert permissions."""
        shared = f"{grant.source}\t{grant.audience}\t{grant.batch}\t{_now()}"
        _copy(
            PERMISSION,
            (
                f"{contact}\t{kind}\t{since or NOTHING}\t{purposes}\t{shared}\n"
                for contact, kind, since, purposes in rows
            ),
        )

    def insert_prohibitions(self, rows: Sequence[tuple[bytes, int]], *, batch: int) -> None:
        """Stage prohibitions: the folded token of a mailbox, and the sum of what it forbids."""
        if rows:
            _copy(PROHIBITION, (f"{batch}\t\\\\x{folded.hex()}\t{kinds}\n" for folded, kinds in rows))

    def insert_lines(self, rows: Sequence[tuple[int, str]], *, batch: int, group: str) -> None:
        """Note lines of the file by number and fault."""
        if rows:
            _copy(LINE, (f"{batch}\t{group}\t{line}\t{fault}\n" for line, fault in rows))

    @contextmanager
    def tuned(self) -> Iterator[None]:
        """Look rows up along the indexes, whatever the statistics say: they are from before the rows came."""
        for plan in WHOLE_TABLES:
            _cursor().execute(f"set {plan} = off")
        try:
            yield
        finally:
            if not connection.connection.broken:
                for plan in WHOLE_TABLES:
                    _cursor().execute(f"reset {plan}")

    def finish(self) -> None:
        """Take fresh statistics, so that a campaign right after a first import isn't planned for an empty register."""
        _cursor().execute("analyze register_contact, register_permission")

    def breathe(self) -> None:
        """Leave the housekeeping to the server."""


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    driver: psycopg.Connection[Any] = connection.connection
    return psycopg.Cursor(driver)


def _copy(statement: str, lines: Iterable[str]) -> None:
    with _cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(lines))


def _now() -> str:
    return datetime.now(UTC).isoformat()
