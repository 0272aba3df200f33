"""What a backup says of itself: when it was made, of which database, and how far the ledger of erasures had come."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from luvalla.ledger.backups.errors import NotABackup

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first member of a backup."""

    made_at: datetime
    engine: str
    """sqlite or postgresql."""
    program: str
    """Version of the program that made it."""
    migrations: tuple[tuple[str, str], ...]
    """The applied migrations, by application and name."""
    erasures_seq: int
    """The last line of the ledger of erasures that the database knew; 0 when there was none."""
    erasures_mac: str
    tables: dict[str, list[str]]
    """The columns of each table, for databases that are written out table by table."""

    def to_json(self) -> bytes:
        """Spell it."""
        return json.dumps({"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}).encode()

    @classmethod
    def from_json(cls, document: bytes) -> Manifest:
        """Read it; NotABackup when it isn't one."""
        try:
            read: dict[str, Any] = json.loads(document)
            if read.pop("format") != FORMAT:
                raise NotABackup
            made_at = datetime.fromisoformat(read.pop("made_at"))
            migrations = tuple((app, name) for app, name in read.pop("migrations"))
            return cls(made_at=made_at, migrations=migrations, **read)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotABackup from None
