"""How long a write may take: transactions of about 20 ms, and the database left alone in between.

SQLite has one writer at a time. Whoever waits for it asks again at least every 50 ms for a fifth of a second, and then
every 100 ms. So after at most 200 ms of writing the lock is left alone for more than 50 ms: a stop, which takes it
three times, is through in less than a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

from luvalla.register.admission import admit

WANTED: Final = 0.02
"""Length of a transaction, in seconds; 0.1 is the limit, and the slowest of hundreds takes four times the usual."""
BUSY_AT_MOST: Final = 0.2
LEFT_ALONE: Final = 0.06
GROWTH: Final = 2
SMALLEST: Final = 10
LARGEST: Final = 8_000


class Pace:
    """The size of the next transaction, in rows, from the length of those before it."""

    def __init__(self, size: int = 500) -> None:
        """Begin with small transactions."""
        self.size = size
        self.longest = 0.0
        """Length of the longest transaction so far, in seconds."""
        self._is_alone = connection.vendor == "sqlite"
        self._busy_since = self._free_since = time.monotonic()

    @contextmanager
    def transaction(self, rows: int) -> Iterator[None]:
        """Write in a transaction that brings addresses in or ends them, and learn from how long it took."""
        self._leave_alone()
        begun = time.monotonic()
        with transaction.atomic(durable=True), connection.wrap_database_errors:
            admit()
            yield
        self._free_since = time.monotonic()
        self._learn(self._free_since - begun, rows)

    def _leave_alone(self) -> None:
        """Wait when the database has been kept busy for long and hasn't been left alone for long enough."""
        now = time.monotonic()
        if now - self._free_since >= LEFT_ALONE:
            self._busy_since = now
        elif self._is_alone and now - self._busy_since > BUSY_AT_MOST:
            time.sleep(LEFT_ALONE - (now - self._free_since))
            self._busy_since = time.monotonic()

    def _learn(self, seconds: float, rows: int) -> None:
        self.longest = max(self.longest, seconds)
        if rows >= self.size // 2:
            fitting = min(int(rows * WANTED / max(seconds, 0.001)), GROWTH * self.size)
            self.size = max(SMALLEST, min(LARGEST, (self.size + fitting) // 2))
