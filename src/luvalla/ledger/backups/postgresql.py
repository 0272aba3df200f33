"""PostgreSQL: every table by COPY from one snapshot, and back into tables that the migrations have made.

It needs no program of PostgreSQL's of the server's own version on this machine, and no rights beyond the tables'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any, Final

import psycopg
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from luvalla import VERSION
from luvalla.ledger.backups.container import Member
from luvalla.ledger.backups.errors import DatabaseInUse, DatabaseNotEmpty, NewerProgram, NotABackup
from luvalla.ledger.backups.manifest import Manifest
from luvalla.ledger.tables import make_tables

TABLES: Final = """
select c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' group by c.relname order by c.relname
"""
OTHERS: Final = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
SEQUENCES: Final = """
select c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null
"""
IMMEDIATE: Final = """
select c.relname, r.relname from pg_constraint k
join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
where k.contype = 'f' and not k.condeferrable and k.connamespace = current_schema()::regnamespace
"""
"""Foreign keys that are looked at row by row: the queue's tables come with such."""
LEFT_OVER: Final = """
select format('drop function if exists %s cascade', p.oid::regprocedure) from pg_proc p
where p.pronamespace = current_schema()::regnamespace
and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select format('drop type if exists %s cascade', t.oid::regtype) from pg_type t
where t.typnamespace = current_schema()::regnamespace and t.typtype = 'e'
"""
"""Statements that drop what tables leave behind: the queue's functions and types."""
PREFIX: Final = "table/"


@contextmanager
def snapshot() -> Iterator[tuple[Manifest, Iterator[Member]]]:
    """Give every table as it is at one moment, from a connection of its own."""
    with psycopg.connect(**_parameters()) as own:
        own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        own.read_only = True
        columns = {name: list(columns) for name, columns in own.execute(TABLES)}
        tables = {name: columns[name] for name in _in_order(columns, own.execute(IMMEDIATE).fetchall())}
        migrations = tuple(
            (app, name) for app, name in own.execute("select app, name from django_migrations order by id")
        )
        mark = own.execute("select seq, mac from ledger_erasuresmark").fetchone() or (0, b"")
        manifest = Manifest(datetime.now(UTC), "postgresql", VERSION, migrations, mark[0], bytes(mark[1]).hex(), tables)
        yield manifest, (Member(PREFIX + name, _copied(own, name, columns)) for name, columns in tables.items())


def make_room(*, replace: bool) -> None:
    """See that nobody works on the database and that it may be replaced; DatabaseInUse, DatabaseNotEmpty."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        if cursor.fetchone()[0]:
            raise DatabaseInUse
        if "ledger_ledgerrow" in connection.introspection.table_names(cursor) and not replace:
            cursor.execute("select exists (select 1 from ledger_ledgerrow)")
            if cursor.fetchone()[0]:
                raise DatabaseNotEmpty


class TablesSink:
    """Makes the tables of a backup anew and fills them in one transaction, until the whole backup has come."""

    def __init__(self, manifest: Manifest) -> None:
        """Make the tables as they were when the backup was made; NewerProgram when this program doesn't know them."""
        self._columns = manifest.tables
        known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
        if any(each not in known for each in manifest.migrations):
            raise NewerProgram
        if not _are_the_same(manifest):
            _drop_tables()
            _migrate_to(manifest.migrations)
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self._copy: Any = None
        with connection.cursor() as cursor:
            cursor.execute("set constraints all deferred")
            cursor.execute(TABLES)
            names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in cursor.fetchall())
            cursor.execute(sql.SQL("truncate {} cascade").format(names).as_string(cursor.connection))
            self._set_triggers(cursor, "disable")

    def table(self, name: str) -> TablesSink:
        """Begin to fill a table."""
        if name not in self._columns:
            raise NotABackup
        columns = sql.SQL(", ").join(sql.Identifier(each) for each in self._columns[name])
        cursor = connection.cursor().cursor
        self._context = cursor.copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(name), columns))
        self._copy = self._context.__enter__()
        return self

    def write(self, piece: bytes) -> None:
        """Take a piece of the table."""
        self._copy.write(piece)

    def close(self) -> None:
        """Know that the table is whole."""
        self._context.__exit__(None, None, None)
        self._copy = None

    def put_into_place(self) -> None:
        """Set the counters and commit."""
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            self._set_triggers(cursor, "enable")
            cursor.execute(SEQUENCES)
            for table, column, sequence in cursor.fetchall():
                highest = sql.SQL("select setval({}, coalesce(max({}), 0) + 1, false) from {}").format(
                    sql.Literal(sequence), sql.Identifier(column), sql.Identifier(table)
                )
                cursor.execute(highest.as_string(cursor.connection))
        self._transaction.__exit__(None, None, None)

    def _set_triggers(self, cursor: Any, how: str) -> None:
        """Keep the queue's own triggers from answering rows that only come back."""
        for name in self._columns:
            statement = sql.SQL("alter table {} {} trigger user").format(sql.Identifier(name), sql.SQL(how))
            cursor.execute(statement.as_string(cursor.connection))

    def discard(self) -> None:
        """Leave the tables empty: what was there before is gone, and the marker of the quarantine says so."""
        fault = NotABackup()
        if self._copy is not None:
            self._context.__exit__(type(fault), fault, None)
        self._transaction.__exit__(type(fault), fault, None)


def _in_order(names: Iterable[str], keys: Iterable[tuple[str, str]]) -> list[str]:
    """Put tables behind those that their foreign keys lead to."""
    before: dict[str, set[str]] = {name: set() for name in names}
    for table, referred in keys:
        if referred != table:
            before[table].add(referred)
    return list(TopologicalSorter(before).static_order())


def _parameters() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}


def _copied(own: psycopg.Connection[Any], name: str, columns: list[str]) -> Iterator[bytes]:
    listed = sql.SQL(", ").join(sql.Identifier(each) for each in columns)
    with (
        own.cursor() as cursor,
        cursor.copy(sql.SQL("copy {} ({}) to stdout").format(sql.Identifier(name), listed)) as copy,
    ):
        for piece in copy:
            yield bytes(piece)


def _are_the_same(manifest: Manifest) -> bool:
    """Tell whether the database has exactly the backup's tables: then one transaction empties and fills them."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        if {name: list(columns) for name, columns in cursor.fetchall()} != manifest.tables:
            return False
        cursor.execute("select app, name from django_migrations")
        return set(cursor.fetchall()) == set(manifest.migrations)


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for name, _ in cursor.fetchall():
            cursor.execute(sql.SQL("drop table {} cascade").format(sql.Identifier(name)).as_string(cursor.connection))
        cursor.execute(LEFT_OVER)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def _migrate_to(migrations: tuple[tuple[str, str], ...]) -> None:
    """Bring the empty database to exactly the tables that the backup's had."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wanted = set(migrations)
    if wanted >= set(loader.graph.leaf_nodes()):
        make_tables()
        return
    for app, name in loader.graph.leaf_nodes():
        at = next(
            (each for each in reversed(loader.graph.forwards_plan((app, name))) if each[0] == app and each in wanted),
            None,
        )
        if at is not None:
            call_command("migrate", at[0], at[1], verbosity=0, interactive=False)
