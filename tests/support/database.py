"""The database of a session: a file on SQLite, which other processes open too, or a database on PostgreSQL."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

from luvalla.ledger.keys import Keyring, write_keyring
from tests.support import emptying

HOME: Final = Path(os.environ["LUVALLA_HOME"])
CHECKOUT: Final = Path(__file__).resolve().parents[2]
ON_SQLITE: Final = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def digest_of_migrations() -> str:
    """Give what names an empty, migrated database: it holds for these migrations and packages only."""
    contents = hashlib.sha256((CHECKOUT / "requirements.lock").read_bytes())
    for migration in sorted((CHECKOUT / "src").rglob("migrations/*.py")):
        contents.update(migration.read_bytes())
    return contents.hexdigest()[:16]


CACHE: Final = CHECKOUT / ".pytest_cache"
MIGRATED: Final = CACHE / f"migrated-{digest_of_migrations()}.sqlite3"
TEMPLATE: Final = f"luvalla_migrated_{digest_of_migrations()}"
"""On PostgreSQL: a database that stays on the server, and from which the tests' own ones are copied."""


@pytest.fixture(scope="session", autouse=True)
def keyring() -> Keyring:
    """Give the keys of this test run, written where the settings say."""
    fresh = Keyring.fresh()
    write_keyring(fresh, HOME)
    return fresh


def is_copied() -> bool:
    """Say whether there is a migrated copy to begin with: hundreds of migrations take longer than most tests."""
    if ON_SQLITE:
        return MIGRATED.exists()
    with on_server() as server:
        return bool(server.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone())


def keep_copy() -> None:
    """Copy the test's database as it is after the migrations, for the next process; remove those outdated."""
    if ON_SQLITE:
        draft = MIGRATED.with_suffix(f".{os.getpid()}")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
        for outdated in CACHE.glob("migrated-*.sqlite3"):
            outdated.unlink(missing_ok=True)
        draft.replace(MIGRATED)
        return
    connections.close_all()
    with on_server() as server:
        outdated = server.execute("select datname from pg_database where datname like 'luvalla\\_migrated\\_%'")
        for (name,) in outdated.fetchall():
            server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        names = map(sql.Identifier, (TEMPLATE, connection.settings_dict["NAME"]))
        server.execute(sql.SQL("create database {} template {}").format(*names))


@pytest.fixture(scope="session")
def turn() -> Iterator[IO[str]]:
    """Wait for whoever makes the migrated copy just now; where there is none, keep the turn until it is made."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_copied():
            fcntl.flock(file, fcntl.LOCK_UN)
        yield file


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, turn: IO[str]) -> None:
    """Begin with the migrated copy; on SQLite in a file, which processes and threads share as they would in life."""
    database = settings.DATABASES["default"].setdefault("TEST", {})
    if ON_SQLITE:
        database["NAME"] = str(HOME / "test.sqlite3")
        if is_copied():
            shutil.copyfile(MIGRATED, database["NAME"])
    elif is_copied():
        database["TEMPLATE"] = TEMPLATE


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, turn: IO[str]) -> bool:
    """Keep the copy of SQLite, laid where the test's database is; PostgreSQL makes its own from the template."""
    return bool(request.config.getoption("reuse_db")) or (ON_SQLITE and is_copied())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker, turn: IO[str]) -> None:
    """Keep a copy where there was none, and let the next process have its turn."""
    with django_db_blocker.unblock():
        if not is_copied():
            keep_copy()
        emptying.remember()
    fcntl.flock(turn, fcntl.LOCK_UN)


def on_server() -> psycopg.Connection:
    """Give a connection to the server itself, beside the tests' databases."""
    own = connection.settings_dict
    reached = {name.lower(): own[name] for name in ("HOST", "PORT", "USER", "PASSWORD") if own[name]}
    return psycopg.connect(**reached, dbname="postgres", autocommit=True)


def _url_of(database: Mapping[str, Any]) -> str:
    user, password = database["USER"], database["PASSWORD"]
    account = f"{user}:{password}@" if password else f"{user}@" if user else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{account}{database['HOST']}{port}/{database['NAME']}"


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Give the environment in which another process works on this test's database and home."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}" if connection.vendor == "sqlite" else _url_of(database)
    return {**os.environ, "LUVALLA_DATABASE_URL": url, "LUVALLA_ERASURES": settings.LUVALLA_ERASURES}


@pytest.fixture(scope="session")
def second_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the URL of a migrated and empty database beside the test's own: a copy of it, made between tests."""
    if ON_SQLITE:
        place = tmp_path_factory.mktemp("second") / "luvalla.sqlite3"
        shutil.copyfile(MIGRATED, place)
        yield f"sqlite:///{place}"
        return
    connections.close_all()
    own = connection.settings_dict
    first, second = (sql.Identifier(each) for each in (own["NAME"], f"{own['NAME']}_second"))
    with on_server() as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [own["NAME"]]
        )  # fmt: skip
        server.execute(sql.SQL("drop database if exists {} with (force)").format(second))
        server.execute(sql.SQL("create database {} template {}").format(second, first))
        yield _url_of({**own, "NAME": f"{own['NAME']}_second"})
        server.execute(sql.SQL("drop database {} with (force)").format(second))


@pytest.fixture
def on_postgres(db: None) -> None:
    """Run the test on PostgreSQL only; the suite is run on both."""
    if connection.vendor != "postgresql":
        pytest.skip("this is about PostgreSQL; the suite runs on it in its second half")


@pytest.fixture
def nobody_else(db: None) -> None:
    """End the sessions that earlier tests left open: what needs the database alone refuses beside them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        return
    here = connections["default"]
    for each in [each for each in gc.get_objects() if type(each) is type(here) and each is not here]:
        if each.connection is not None:
            each.connection.close()
            each.connection = None
