"""The cache in which allauth counts attempts to sign in: the counts are shared by all web processes, the rest is not.

Allauth counts whatever can be tried at its doors (passwords, one-time codes, passkeys, links for a new password) as
lists of moments in Django's default cache. Kept in memory, each web process would let as many attempts through. Here
such a list is rows of organisation.attempts: an attempt is one row, a refused one none, and nothing else is written.
The locks that allauth takes meanwhile hold within a process, so two that are asked in the same instant can both let
the last attempt through, and no more than that.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.core.cache.backends.locmem import LocMemCache

from luvalla.organisation.attempts import attempts_of, note_attempts, take_back

COUNTS: Final = "allauth:rl:"
LOCK: Final = ":lock"


class SharedCounts(LocMemCache):
    """Django's cache in memory, but for the counts of attempts. Django makes one for each thread."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        """Begin without having given any list."""
        super().__init__(name, params)
        self._given: dict[str, set[float]] = {}

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Give a list of moments, the newest first, or whatever the memory has."""
        if not _is_count(key):
            return super().get(key, default, version)
        moments = list(attempts_of(key))
        self._given[key] = set(moments)
        return moments

    def set(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> None:
        """Keep what was put into the list since it was given, and take back what was taken out of it.

        What other processes have added meanwhile stays.
        """
        if not _is_count(key):
            super().set(key, value, timeout, version)
            return
        before, after = self._given.pop(key, set()), set(value)
        if after - before:
            note_attempts(key, after - before, lasting=timedelta(seconds=timeout))
        if before - after:
            take_back(key, before - after)

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a list of moments, or what the memory has."""
        if not _is_count(key):
            return super().delete(key, version)
        take_back(key)
        return True


def _is_count(key: str) -> bool:
    return key.startswith(COUNTS) and not key.endswith(LOCK)
