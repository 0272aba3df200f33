"""Emptying the database after a test that really commits: back to what the migrations left.

Django's own way writes every table anew and makes rights and types again, which takes PostgreSQL seconds a test; most
tests fill a dozen tables of a hundred and fifty. Here only these are emptied, and what migrations had put there is put
back. All of a server's tables are looked at, those that no model manages as well.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

PAST: Final = "django_migrations"
_pristine: Final[dict[str, list[tuple[Any, ...]]]] = {}


def remember() -> None:
    """Note what the tables hold before the first test, and empty them down to that from now on."""
    with connection.cursor() as cursor:
        _pristine.update({name: _rows(cursor, name) for name in _filled(cursor)})
    TransactionTestCase._fixture_teardown = lambda _test: empty()  # Django has no other door here


def empty() -> None:
    """Bring every table back to the rows it had before the first test; keys, triggers and order don't matter."""
    with connection.cursor() as cursor, connection.constraint_checks_disabled(), transaction.atomic():
        if connection.vendor == "postgresql":
            cursor.execute("set local session_replication_role = replica")
        for name in {*_filled(cursor), *_pristine}:
            _put_back(cursor, name, _pristine.get(name, []))
        kept = [each for each in apps.get_models(include_auto_created=True) if each._meta.db_table in _pristine]
        for statement in connection.ops.sequence_reset_sql(no_style(), kept):
            cursor.execute(statement)  # a test that began the numbers anew left them behind these rows
    ContentType.objects.clear_cache()  # a backup put back in a test numbers the models otherwise


def _put_back(cursor: CursorWrapper, name: str, rows: list[tuple[Any, ...]]) -> None:
    if rows and _rows(cursor, name) == rows:
        return
    cursor.execute(f"delete from {_quoted(name)}")  # noqa: S608  # names of the catalogue, quoted
    if rows:
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"insert into {_quoted(name)} values ({places})", rows)  # noqa: S608  # the same


def _filled(cursor: CursorWrapper) -> list[str]:
    """Give the names of the tables that have rows, in one question."""
    names = [each for each in connection.introspection.table_names(cursor) if each != PAST]
    one = "select %s where exists (select 1 from {})"
    asked = " union all ".join(one.format(_quoted(name)) for name in names)
    cursor.execute(asked, names)
    return [name for (name,) in cursor.fetchall()]


def _rows(cursor: CursorWrapper, name: str) -> list[tuple[Any, ...]]:
    cursor.execute(f"select * from {_quoted(name)}")  # noqa: S608  # the same
    return sorted(cursor.fetchall())


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
