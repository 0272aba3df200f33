"""The database of a session: a file on SQLite, which other processes open too, or a database on PostgreSQL."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.apps import AppConfig
from django.conf import settings
from django.db import connection, connections
from django.db.models.signals import post_migrate
from psycopg import sql
from pytest_django import DjangoDbBlocker

from luvalla.ledger.keys import Keyring, write_keyring

HOME: Final = Path(os.environ["LUVALLA_HOME"])
CHECKOUT: Final = Path(__file__).resolve().parents[2]
ON_SQLITE: Final = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def migrated_copy() -> Path:
    """Give the place of an empty, migrated SQLite database: it holds for these migrations and packages only."""
    contents = hashlib.sha256((CHECKOUT / "requirements.lock").read_bytes())
    for migration in sorted((CHECKOUT / "src").rglob("migrations/*.py")):
        contents.update(migration.read_bytes())
    return CHECKOUT / ".pytest_cache" / f"migrated-{contents.hexdigest()[:16]}.sqlite3"


MIGRATED: Final = migrated_copy()


@pytest.fixture(scope="session", autouse=True)
def keyring() -> Keyring:
    """Give the keys of this test run, written where the settings say."""
    fresh = Keyring.fresh()
    write_keyring(fresh, HOME)
    return fresh


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep the test database of SQLite in a file: processes and threads share it as they would in life."""
    if ON_SQLITE:
        place = HOME / "test.sqlite3"
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(place)
        if MIGRATED.exists():
            shutil.copyfile(MIGRATED, place)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Begin with the migrated copy where there is one: hundreds of migrations take longer than most tests."""
    return bool(request.config.getoption("reuse_db")) or (ON_SQLITE and MIGRATED.exists())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Keep a copy of the database as it is after the migrations, for the next session."""
    if ON_SQLITE and not MIGRATED.exists():
        MIGRATED.parent.mkdir(exist_ok=True)
        draft = MIGRATED.with_suffix(f".{os.getpid()}")
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
        for outdated in MIGRATED.parent.glob("migrated-*.sqlite3"):
            outdated.unlink(missing_ok=True)
        draft.replace(MIGRATED)


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
    reached = {name.lower(): own[name] for name in ("HOST", "PORT", "USER", "PASSWORD") if own[name]}
    with psycopg.connect(**reached, dbname="postgres", autocommit=True) as server:
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


def forget_jobs(sender: AppConfig, **_: object) -> None:
    """Empty procrastinate's queue as well: Django doesn't, because its tables aren't models that Django manages."""
    if sender.name == "luvalla.jobs" and not ON_SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("delete from procrastinate_jobs")


post_migrate.connect(forget_jobs, dispatch_uid="tests.support.database.jobs")


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


def give_back_what_migrations_gave(sender: AppConfig, **_: object) -> None:
    """Emptying the database after a test takes rows along that only Wagtail's migrations make; put them back."""
    # Before the rooms' own receivers, which wait for the admin's turn and need these rows.
    if sender.name != "wagtail.users":
        return
    from django.contrib.auth.models import Permission  # noqa: PLC0415  # this file is loaded before the models are
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415  # the same
    from wagtail.models import Collection  # noqa: PLC0415  # the same

    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    kind, _created = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    Permission.objects.get_or_create(
        content_type=kind, codename="access_admin", defaults={"name": "Can access Wagtail admin"}
    )


post_migrate.connect(give_back_what_migrations_gave, dispatch_uid="tests.support.database")
