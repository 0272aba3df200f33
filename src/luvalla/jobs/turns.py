"""Whose turn a periodic task is: one process at a time, and another one as soon as that one is gone.

The first to ask has the turn as long as it lives. On PostgreSQL it holds a lock of its database session, so that all
machines agree; on SQLite a lock on a file in the home folder. Neither outlives its process, however it dies, and
neither writes a row each second.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, Final
from zlib import crc32

from django.conf import settings
from django.db import connection

OURS: Final = 0x4C75
"""First number of our locks, so that they meet nobody else's."""
FOLDER: Final = "run"


class Turns:
    """The turns of one process; used by one thread."""

    def __init__(self) -> None:
        """Have none."""
        self._files: dict[str, IO[bytes]] = {}
        self._sessions: dict[str, object] = {}

    def is_mine(self, name: str) -> bool:
        """Tell whether the task of that name is this process's to run now."""
        return self._in_database(name) if connection.vendor == "postgresql" else self._in_folder(name)

    def give_up(self) -> None:
        """Let others have them; those of the database end with its session."""
        for each in self._files.values():
            each.close()
        self._files.clear()
        if self._sessions and connection.connection is not None:
            connection.close()
        self._sessions.clear()

    def _in_database(self, name: str) -> bool:
        connection.ensure_connection()
        session = connection.connection
        if self._sessions.get(name) is session:
            return True
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(%s, %s)", (OURS, crc32(name.encode()) & 0x7FFFFFFF))
            is_mine = bool(cursor.fetchone()[0])
        if is_mine:
            self._sessions[name] = session
        return is_mine

    def _in_folder(self, name: str) -> bool:
        if name in self._files:
            return True
        folder = Path(settings.LUVALLA_HOME) / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / f"turn-{name}").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._files[name] = file
        return True
