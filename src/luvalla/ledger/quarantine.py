"""The quarantine of a restored backup: nothing is sent, shown or exported until the ledger of erasures was replayed.

It is a file beside the ledger of erasures, outside every database: it stands before the restored database does, and
whoever can write an erasure can see it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from luvalla.ledger.erasures import ledger_place, sync_folder
from luvalla.ledger.errors import Quarantined


class Stage(StrEnum):
    """How far a restored backup has come."""

    RESTORING = "restoring"
    """The database is being put back: only another restore leads out."""
    REPLAYING = "replaying"
    """The database is back; what the ledger of erasures says is done again."""
    GAP = "gap"
    """The ledger of erasures doesn't go back as far as the backup."""
    UNPROVED = "unproved"
    """Everything was replayed, but a check afterwards was broken."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What is known of a restored backup while it is closed."""

    stage: Stage
    began_at: datetime
    backup_made_at: datetime
    seq: int
    """The last line of the ledger of erasures that the backup knows."""
    mac: str
    why: str = ""
    """Codes of what keeps it closed."""
    known_seq: int = -1
    """The last line that the database which was replaced knew; -1 where there was none to ask."""
    known_mac: str = ""
    is_authenticated: bool = True
    """Whether the backup says, under this installation's keys, who has made it."""


def marker_place() -> Path:
    """Tell where the marker stands while there is a quarantine."""
    return ledger_place().with_name("quarantine.json")


def current() -> Quarantine | None:
    """Give the quarantine; None when the installation is open. A marker that can't be read closes as well."""
    place = marker_place()
    if not place.exists():
        return None
    try:
        read: dict[str, Any] = json.loads(place.read_text(encoding="ascii"))
        began_at, made_at = (datetime.fromisoformat(read.pop(name)) for name in ("began_at", "backup_made_at"))
        return Quarantine(stage=Stage(read.pop("stage")), began_at=began_at, backup_made_at=made_at, **read)
    except (ValueError, KeyError, TypeError):
        raise Quarantined from None


def check_open() -> None:
    """Raise Quarantined while a restored backup hasn't been opened."""
    if marker_place().exists():
        raise Quarantined


def close(quarantine: Quarantine) -> None:
    """Close the installation, on the disk."""
    place = marker_place()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    times = {"began_at": quarantine.began_at.isoformat(), "backup_made_at": quarantine.backup_made_at.isoformat()}
    draft = place.with_suffix(f".{os.getpid()}")
    with draft.open("w", encoding="ascii") as file:
        json.dump({**asdict(quarantine), **times}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)
    sync_folder(place.parent)


def move_on(quarantine: Quarantine, stage: Stage, why: str = "") -> Quarantine:
    """Note how far it has come."""
    further = replace(quarantine, stage=stage, why=why)
    close(further)
    return further


def leave() -> None:
    """Open the installation."""
    marker_place().unlink(missing_ok=True)
    sync_folder(marker_place().parent)
