"""The drill: putting a backup back in a temporary place, with everything that belongs to it, and throwing it away.

It is an ordinary restore by another process, whose home, database and ledger of erasures are its own; only the keys
are the real ones. Nothing it does reaches the installation but the row that says how it went.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.backups.errors import DrillFailed
from luvalla.ledger.erasures import ensure_there, ledger_place

VERB: Final = "ledger.drill_restore"
AT_MOST: Final = 4 * 3600
"""Seconds a drill may take."""


def drill(*, place: Path, identity: Path | None, actor: Actor, may_be_unauthenticated: bool = False) -> dict[str, Any]:
    """Put a backup back on trial and tell what the restore told; DrillFailed with its sentence when it didn't open."""
    began = time.monotonic()
    home = Path(settings.LUVALLA_HOME) / "drill"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700, parents=True)
    try:
        with _database(home) as url:
            told = _restore(place, identity, _environment(home, url), may_be_unauthenticated=may_be_unauthenticated)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    told["seconds"] = round(time.monotonic() - began, 1)
    with transaction.atomic():
        record(VERB, actor=actor, facts=told)
    return told


def _restore(
    place: Path, identity: Path | None, environment: dict[str, str], *, may_be_unauthenticated: bool
) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", "luvalla", "restore", str(place.resolve()), "--json"]
    if identity is not None:
        command += ["--identity", str(identity.resolve())]
    if may_be_unauthenticated:
        command.append("--unauthenticated")
    done = subprocess.run(  # noqa: S603  # our own program
        command, env=environment, capture_output=True, text=True, timeout=AT_MOST, check=False
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        told = {"error": {"message": f"exit code {done.returncode}"}}
    if done.returncode:
        raise DrillFailed(told["error"]["message"])
    return told


def _environment(home: Path, url: str) -> dict[str, str]:
    """Give the child everything of its own but the keys."""
    erasures = home / "erasures" / "ledger.jsonl"
    erasures.parent.mkdir(mode=0o700)
    ensure_there()
    if ledger_place().exists():
        shutil.copyfile(ledger_place(), erasures)
    real = Path(settings.LUVALLA_HOME) / "keys"
    own = {name: value for name, value in os.environ.items() if not name.startswith("LUVALLA_")}
    keys = {name: os.environ[name] for name in ("LUVALLA_KEYS", "LUVALLA_KEYS_FILE") if os.environ.get(name)}
    (home / "keys").mkdir(mode=0o700)
    if (real / "backup.txt").exists():
        shutil.copyfile(real / "backup.txt", home / "keys" / "backup.txt")
    return {
        **own,
        "LUVALLA_HOME": str(home),
        "LUVALLA_DATABASE_URL": url,
        "LUVALLA_ERASURES": str(erasures),
        "LUVALLA_SECRET_KEY": settings.SECRET_KEY,
        "LUVALLA_BACKUP_PASSPHRASE_FILE": settings.LUVALLA_BACKUP_PASSPHRASE_FILE,
        "LUVALLA_LANGUAGE": os.environ.get("LUVALLA_LANGUAGE", ""),
        **(keys or {"LUVALLA_KEYS_FILE": str(real / "keyring.json")}),
    }


@contextmanager
def _database(home: Path) -> Iterator[str]:
    """Give the address of an empty database that goes afterwards."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{home / 'luvalla.sqlite3'}"
        return
    given = connection.get_connection_params()
    reached = {name: given[name] for name in ("user", "password", "host", "port") if given.get(name)}
    name = f"{given['dbname']}_drill"
    with psycopg.connect(**reached, dbname=given["dbname"], autocommit=True) as own:
        own.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))
        own.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            account = ":".join(quote(str(reached[each]), safe="") for each in ("user", "password") if each in reached)
            port = f":{reached['port']}" if "port" in reached else ""
            yield f"postgresql://{account}@{reached.get('host', '')}{port}/{quote(name, safe='')}"
        finally:
            own.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
