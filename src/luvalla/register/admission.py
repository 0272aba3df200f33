"""Who may write addresses into the register while a stop is being carried out.

A transaction that brings addresses in reads the suppressions and then inserts. On PostgreSQL a stop could commit
between the two and erase before the insert is seen, and the address would be back. So whoever brings addresses in holds
the door open (shared) until its commit, and a stop closes it (exclusive) for the milliseconds of its own: it waits for
those inside, and whoever comes after it reads its suppression. SQLite's write transactions exclude each other anyway.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from luvalla.register.errors import RegisterError

DOOR: Final = 0x4C55564D
"""The advisory lock's number; nothing else in the database uses it."""


MAILBOX: Final = 0x4C564D42
"""The first of the two numbers of a mailbox's lock."""


def admit() -> None:
    """Hold the register's door open until the commit.

    Every transaction that inserts contacts or gives permissions calls this first, and reads the suppressions after it.
    """
    _lock("pg_advisory_xact_lock_shared")


def close_door() -> None:
    """Wait for everybody inside, and keep the door closed until the commit: for stops."""
    _lock("pg_advisory_xact_lock")


def hold_mailbox(folded: bytes) -> None:
    """Wait for others who write about a mailbox, known or not, and keep them waiting until the commit.

    There may be no row yet that could be locked. Called before `admit`: whoever waits here keeps no stop waiting.
    """
    _lock("pg_advisory_xact_lock", MAILBOX, int.from_bytes(folded[:4], "big", signed=True))


def _lock(function: str, *numbers: int) -> None:
    if not connection.in_atomic_block:
        message = "the register's door is held by a transaction"
        raise RegisterError(message)
    if connection.vendor == "postgresql":
        given = numbers or (DOOR,)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}({', '.join(['%s'] * len(given))})", given)
