"""Rewriting tables, so that deleted rows leave the disk too (GDPR 17; EDPB on erasure in backups and logs).

SQLite overwrites what it deletes (secure_delete); what is left is its write-ahead log, which is emptied. PostgreSQL
leaves dead rows in its pages even after a plain VACUUM, so tables that had deletions are written anew. Each of them is
locked for the seconds that takes and given up when somebody holds it, so that no letter and no stop waits long. While
somebody reads with a snapshot from before, PostgreSQL copies what was deleted since along: such readers are waited for,
and whoever writes from before, in whatever database of the server, since snapshots begin with the oldest of those.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.models import LedgerRow

VERB: Final = "ledger.rewrite_tables"
EVERY: Final = timedelta(days=7)
AT_THE_LATEST: Final = timedelta(days=28)
"""Four weeks, so that a dead row, too, is gone within the 35 days that the notice says."""
QUIET: Final = range(2, 5)
"""Hours of the local night in which it is done."""
DELETED_FROM: Final = """
select quote_ident(schemaname) || '.' || quote_ident(relname) from pg_stat_user_tables
where schemaname = current_schema() and (n_tup_del > 0 or n_tup_upd > 0) order by pg_total_relation_size(relid)
"""
WRITES_FROM_BEFORE: Final = "select pg_snapshot_xmin(pg_current_snapshot()) <= %s::text::xid8"
"""In any database of the server: every snapshot taken meanwhile, that of the rewriting too, reaches back to them."""
READS_FROM_BEFORE: Final = """
select exists (select 1 from pg_stat_activity where coalesce(datname, current_database()) = current_database()
and pid <> pg_backend_pid() and age(backend_xmin) >= age(%s::text::xid8::xid))
or exists (select 1 from pg_replication_slots where age(xmin) >= age(%s::text::xid8::xid))
"""
"""In this database, or on a machine that follows this server and tells it what is still read there."""
WAIT_FOR_READERS: Final = 30.0
"""Seconds; whoever reads longer than that, an export or a backup, puts the rewriting off."""
WAIT_FOR_LOCK: Final = "2s"
TAKES_AT_MOST: Final = "120s"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """How many tables were written anew, how many somebody held, and how long it took."""

    tables: int
    busy: int
    seconds: float


def is_due(now: datetime) -> bool:
    """Tell whether the tables should be rewritten now: weekly in the night, in any hour after four weeks."""
    last = LedgerRow.objects.filter(verb=VERB).order_by("-pk").values_list("at", flat=True).first()
    if last is None or now - last > AT_THE_LATEST:
        first = LedgerRow.objects.order_by("pk").values_list("at", flat=True).first()
        return last is not None or (first is not None and now - first > EVERY)
    return now - last > EVERY and timezone.localtime(now).hour in QUIET


def rewrite_tables(*, actor: Actor = SYSTEM) -> Rewritten:
    """Rewrite what had deletions, outside any transaction, with a row in the ledger."""
    began = time.monotonic()
    tables, busy = _rewrite_postgresql() if connection.vendor == "postgresql" else _empty_log_of_sqlite()
    done = Rewritten(tables, busy, round(time.monotonic() - began, 1))
    with transaction.atomic():
        facts = {"tables": done.tables, "busy": done.busy, "seconds": done.seconds}
        record(VERB, actor=actor, facts=facts)
    return done


def _rewrite_postgresql() -> tuple[int, int]:
    done = busy = 0
    with connection.cursor() as cursor:
        cursor.execute(DELETED_FROM)
        names = [name for (name,) in cursor.fetchall()]
        if not _readers_from_before_are_gone(cursor):
            return 0, len(names)
        cursor.execute("set lock_timeout = %s", [WAIT_FOR_LOCK])
        cursor.execute("set statement_timeout = %s", [TAKES_AT_MOST])
        try:
            for name in names:
                try:
                    cursor.execute(f"vacuum full {name}")  # names of the catalogue, quoted by the database
                    done += 1
                except OperationalError:
                    busy += 1
        finally:
            cursor.execute("reset lock_timeout")
            cursor.execute("reset statement_timeout")
    return done, busy


def _readers_from_before_are_gone(cursor: CursorWrapper) -> bool:
    """Tell whether nobody needs what was deleted until now. Who writes comes first: a reader after them needs less."""
    cursor.execute("select pg_current_xact_id()::text")
    (now,) = cursor.fetchone()
    until = time.monotonic() + WAIT_FOR_READERS
    return _ends(cursor, WRITES_FROM_BEFORE, [now], until) and _ends(cursor, READS_FROM_BEFORE, [now, now], until)


def _ends(cursor: CursorWrapper, question: str, values: list[str], until: float) -> bool:
    while True:
        cursor.execute(question, values)
        if cursor.fetchone() == (False,):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)


def _empty_log_of_sqlite() -> tuple[int, int]:
    """Move the log into the database and cut it to nothing; busy when a reader still needs it."""
    with connection.cursor() as cursor:
        cursor.execute("pragma wal_checkpoint(truncate)")
        is_busy, *_ = cursor.fetchone()
    return (0, 1) if is_busy else (1, 0)
