"""Many rows at once on SQLite: hundreds of rows a statement, since each statement costs as much as some rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

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

ROWS_A_STATEMENT: Final = (200, 20, 1)
KEYS_A_QUESTION: Final = 250
CONTACT: Final = "insert into register_contact (id, token, folded, domain, sealed, ref, created_at) values "
PERMISSION: Final = (
    "insert into register_permission"
    " (contact_id, kind, since, purposes, source_id, audience_id, batch_id, created_at) values "
)
PROHIBITION: Final = "insert into register_stagedprohibition (batch_id, folded, kinds) values "
LINE: Final = 'insert into register_batchline (batch_id, "group", line, fault) values '
BREATH: Final = 64 << 20
"""Bytes of the write-ahead log, about, after which it is brought into the database, outside of any transaction."""
BYTES_A_ROW: Final = 800


class SqliteBulk:
    """Reads and writes many rows with the driver itself; every transaction is the only one that writes."""

    works_beside = False

    def __init__(self) -> None:
        """Begin with nothing written."""
        self._written = 0
        self._begun = _now()

    def contacts(self, folded: Collection[bytes]) -> Iterator[KnownContact]:
        """Read the contacts of these mailboxes, in no order."""
        return map(KnownContact._make, _ask(CONTACTS, (), list(folded)))

    def permissions(self, contacts: Collection[int], source: int) -> Iterator[KnownPermission]:
        """Read the permissions of these contacts from the source that haven't ended, in no order."""
        question = PERMISSIONS.replace("{source}", "?")
        return map(KnownPermission._make, _ask(question, (source,), list(contacts)))

    def suppressed(self, tokens: Collection[bytes]) -> set[bytes]:
        """Pick the tokens of mailboxes and domains that are suppressed now."""
        question = SUPPRESSED.replace("{now}", "?")
        return {token for (token,) in _ask(question, (_now(),), list(tokens))}

    def prohibited(self, folded: Collection[bytes]) -> dict[bytes, int]:
        """Read what these mailboxes have forbidden; those that have forbidden nothing are left out."""
        return dict(_ask(PROHIBITED, (), list(folded)))

    def subscribed(self, contacts: Collection[int]) -> Iterator[tuple[int, str]]:
        """Read the contacts of these that have subscribed by themselves, with the purposes of each consent."""
        return _ask(SUBSCRIBED, (), list(contacts))

    def is_still_read(self, batch: int) -> bool:
        """Tell whether the batch is still being read: nobody else can change it while this transaction writes."""
        asked = "select 1 from register_batch where id = ? and state = 'reading'"
        return _driver().execute(asked, (batch,)).fetchone() is not None

    def insert_contacts(self, rows: Sequence[NewContact]) -> Sequence[int]:
        """Insert contacts and tell their ids: nobody else takes any as long as this transaction writes."""
        if not rows:
            return ()
        asked = "select coalesce(max(seq), 0) from sqlite_sequence where name = 'register_contact'"
        first = _driver().execute(asked).fetchone()[0] + 1
        ids = range(first, first + len(rows))
        _insert(
            CONTACT, f"(?, ?, ?, ?, ?, ?, '{self._begun}')", [(pk, *row) for pk, row in zip(ids, rows, strict=True)]
        )
        self._written += len(rows)
        return ids

    def insert_permissions(self, rows: Sequence[NewPermission], grant: Grant) -> None:
        """Insert permissions."""
        of_all = f"{grant.source:d}, {grant.audience:d}, {grant.batch:d}, '{self._begun}'"
        of_each = [(contact, kind, since and since.isoformat(), purposes) for contact, kind, since, purposes in rows]
        _insert(PERMISSION, f"(?, ?, ?, ?, {of_all})", of_each)
        self._written += len(rows)

    def insert_prohibitions(self, rows: Sequence[tuple[bytes, int]], *, batch: int) -> None:
        """Stage prohibitions: the folded token of a mailbox, and the sum of what it forbids."""
        _insert(PROHIBITION, "(?, ?, ?)", [(batch, folded, kinds) for folded, kinds in rows])
        self._written += len(rows)

    def insert_lines(self, rows: Sequence[tuple[int, str]], *, batch: int, group: str) -> None:
        """Note lines of the file by number and fault."""
        _insert(LINE, "(?, ?, ?, ?)", [(batch, group, line, fault) for line, fault in rows])

    @contextmanager
    def tuned(self) -> Iterator[None]:
        """Keep the write-ahead log from being brought in inside of a commit."""
        connection.ensure_connection()
        (pages,) = _driver().execute("pragma wal_autocheckpoint").fetchone()
        _driver().execute("pragma wal_autocheckpoint=0")
        try:
            yield
        finally:
            _bring_in()
            _driver().execute(f"pragma wal_autocheckpoint={pages}")

    def finish(self) -> None:
        """Leave it as it is: the log was brought in when the tuning ended."""

    def breathe(self) -> None:
        """Bring the write-ahead log into the database when it has grown; nobody waits for that."""
        if self._written * BYTES_A_ROW > BREATH:
            self._written = 0
            _bring_in()


def _driver() -> sqlite3.Connection:
    driver: sqlite3.Connection = connection.connection
    return driver


def _bring_in() -> None:
    _driver().execute("pragma wal_checkpoint(passive)").fetchall()


def _ask(question: str, first: tuple[Any, ...], keys: list[Any]) -> Iterator[Any]:
    """Look keys up, always as many in a question, so that the driver prepares it once: the last one stands in."""
    one_of_many = question.format(among=f"in ({_places(KEYS_A_QUESTION)})")
    for at in range(0, len(keys), KEYS_A_QUESTION):
        some = keys[at : at + KEYS_A_QUESTION]
        filled = (*first, *some, *(some[-1:] * (KEYS_A_QUESTION - len(some))))
        yield from _driver().execute(one_of_many, filled)


def _insert(statement: str, row: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, many in a statement; what is the same in all of them stands in the statement itself."""
    at = 0
    for many in ROWS_A_STATEMENT:
        together = statement + ",".join([row] * many)
        while len(rows) - at >= many:
            _driver().execute(together, list(chain.from_iterable(rows[at : at + many])))
            at += many


def _places(count: int) -> str:
    return ",".join("?" * count)


def _now() -> str:
    """Spell the moment as Django does on SQLite."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
