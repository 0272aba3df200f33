"""How often a token may call: counted in this process's memory, so several web processes each count for themselves.

It keeps a program that has run wild from taking all of a server; a row in the database for each call would cost more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final


class CallLimit:
    """Counts the calls of each token within a period; a fresh instance in tests is its own twin."""

    def __init__(self, most: int, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow so many calls in so many seconds."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._lock, self._counts, self._since = threading.Lock(), dict[int, int](), clock()

    def allows(self, token: int) -> bool:
        """Count a call and tell whether it is still within the limit."""
        with self._lock:
            if self._clock() - self._since > self._seconds:
                self._counts.clear()
                self._since = self._clock()
            self._counts[token] = self._counts.get(token, 0) + 1
            return self._counts[token] <= self._most


CALLS: Final = CallLimit(600, seconds=60)
