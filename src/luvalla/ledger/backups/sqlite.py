"""SQLite: a snapshot by VACUUM INTO, which disturbs no writer, and the whole file back in one step."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.db import connection, connections

from luvalla import VERSION
from luvalla.ledger.backups.container import Member
from luvalla.ledger.backups.errors import DatabaseInUse, DatabaseNotEmpty, NotABackup
from luvalla.ledger.backups.manifest import Manifest
from luvalla.ledger.erasures import sync_folder

PIECE: Final = 1 << 20
SNAPSHOT: Final = ".snapshot-"
RESTORING: Final = ".restoring"
BESIDE: Final = ("-wal", "-shm", "-journal")


@contextmanager
def snapshot() -> Iterator[tuple[Manifest, list[Member]]]:
    """Give the database as it is at one moment; the file it is read from goes afterwards."""
    place = database_place()
    for left in place.parent.glob(f"{place.name}{SNAPSHOT}*"):
        left.unlink()
    taken = place.with_name(f"{place.name}{SNAPSHOT}{secrets.token_hex(4)}")
    os.close(os.open(taken, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(place, timeout=30, isolation_level=None)) as source:
            source.execute("vacuum into ?", [str(taken)])
        yield _manifest(taken), [Member("database", _pieces(taken))]
    finally:
        taken.unlink(missing_ok=True)


class DatabaseSink:
    """Takes the database of a backup and puts it into its place once the whole backup has come."""

    def __init__(self) -> None:
        """Begin the file beside the database."""
        place = database_place()
        self._draft = place.with_name(place.name + RESTORING)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        self._file.write(piece)

    def close(self) -> None:
        """Have it on the disk, and see that it is a whole database."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        try:
            with closing(sqlite3.connect(self._draft)) as draft:
                if draft.execute("pragma quick_check").fetchone() != ("ok",):
                    raise NotABackup
        except sqlite3.DatabaseError:
            raise NotABackup from None

    def put_into_place(self) -> None:
        """Replace the database."""
        place = database_place()
        connections.close_all()
        for ending in BESIDE:
            place.with_name(place.name + ending).unlink(missing_ok=True)
            self._draft.with_name(self._draft.name + ending).unlink(missing_ok=True)
        self._draft.replace(place)
        sync_folder(place.parent)

    def discard(self) -> None:
        """Leave everything as it was."""
        self._file.close()
        self._draft.unlink(missing_ok=True)


def make_room(*, replace: bool) -> None:
    """See that nobody works on the database and that it may be replaced; DatabaseInUse, DatabaseNotEmpty."""
    connections.close_all()
    place = database_place()
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, timeout=2, isolation_level=None)) as alone:
            # In exclusive mode a write waits until no other connection has the file open, even an idle one.
            alone.execute("pragma locking_mode=exclusive")
            alone.execute("begin exclusive")
            has_rows = bool(
                alone.execute("select count(*) from sqlite_master where name = 'ledger_ledgerrow'").fetchone()[0]
            )
            is_used = has_rows and bool(alone.execute("select count(*) from ledger_ledgerrow").fetchone()[0])
            alone.execute("rollback")
    except sqlite3.OperationalError:
        raise DatabaseInUse from None
    if is_used and not replace:
        raise DatabaseNotEmpty


def database_place() -> Path:
    """Tell where the database file lies."""
    return Path("/", *Path(str(connection.settings_dict["NAME"])).parts[1:])


def _manifest(taken: Path) -> Manifest:
    with closing(sqlite3.connect(f"{taken.resolve().as_uri()}?immutable=1", uri=True)) as file:
        migrations = tuple(
            (app, name) for app, name in file.execute("select app, name from django_migrations order by id")
        )
        mark = file.execute("select seq, mac from ledger_erasuresmark").fetchone() or (0, b"")
    return Manifest(datetime.now(UTC), "sqlite", VERSION, migrations, mark[0], bytes(mark[1]).hex(), {})


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
