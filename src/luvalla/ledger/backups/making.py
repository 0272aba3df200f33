"""Making a backup while everything runs: one moment of the database, then the folders with what rooms keep in files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.backups import postgresql, sqlite
from luvalla.ledger.backups.authenticity import authenticate
from luvalla.ledger.backups.container import Lock, Member, write_backup
from luvalla.ledger.backups.manifest import Manifest
from luvalla.ledger.erasures import ensure_there
from luvalla.ledger.quarantine import check_open
from luvalla.rules.ports import holdings

VERB: Final = "ledger.make_backup"
MANIFEST: Final = "manifest"
MEDIA: Final = "media"
PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    place: Path
    size: int
    made_at: datetime
    erasures_seq: int


def make_backup(*, place: Path, lock: Lock, actor: Actor) -> Made:
    """Write a backup to a new file, readable by its owner alone; an unfinished one is removed.

    Raises FileExistsError, NoRecipient, Quarantined. It holds neither keys nor the ledger of erasures.
    """
    check_open()
    ensure_there()
    if place.exists():
        raise FileExistsError
    draft = place.with_name(place.name + ".part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file, _snapshot() as (manifest, members):
            write_backup(file, _all(manifest, members), lock, authenticate)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    made = Made(place, place.stat().st_size, manifest.made_at, manifest.erasures_seq)
    with transaction.atomic():
        record(VERB, actor=actor, facts={"bytes": made.size, "erasures": made.erasures_seq})
    return made


def kept_folders() -> list[str]:
    """Name the folders of the home that a backup holds: pictures of letters, and what rooms keep in files."""
    return [MEDIA, *sorted({folder for holding in holdings for folder in holding.folders})]


def _snapshot() -> AbstractContextManager[tuple[Manifest, Iterator[Member] | list[Member]]]:
    return postgresql.snapshot() if connection.vendor == "postgresql" else sqlite.snapshot()


def _all(manifest: Manifest, members: Iterator[Member] | list[Member]) -> Iterator[Member]:
    yield Member(MANIFEST, [manifest.to_json()])
    yield from members
    home = Path(settings.LUVALLA_HOME)
    for folder in kept_folders():
        for file in sorted((home / folder).rglob("*")):
            if file.is_file() and not file.is_symlink():
                yield Member(file.relative_to(home).as_posix(), _pieces(file))


def _pieces(file: Path) -> Iterator[bytes]:
    """Read a file in pieces; one that went meanwhile is empty."""
    try:
        with file.open("rb") as opened:
            while piece := opened.read(PIECE):
                yield piece
    except FileNotFoundError:
        return
