"""The database of a session: a file on SQLite, which other processes open too, or a database on PostgreSQL."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

import pytest
from django.apps import AppConfig
from django.conf import settings
from django.db import connection, connections
from django.db.models.signals import post_migrate
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


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Give the environment in which another process works on this test's database and home."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        user, password = database["USER"], database["PASSWORD"]
        account = f"{user}:{password}@" if password else f"{user}@" if user else ""
        port = f":{database['PORT']}" if database["PORT"] else ""
        url = f"postgresql://{account}{database['HOST']}{port}/{database['NAME']}"
    return {**os.environ, "LUVALLA_DATABASE_URL": url, "LUVALLA_ERASURES": settings.LUVALLA_ERASURES}


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
