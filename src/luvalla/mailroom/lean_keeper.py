"""Asking whether a broken promise closes a door from a process without models: by the statement its parent gave it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from luvalla.rules.ports import Closure, Door


class LeanKeeper:
    """A door keeper (rules.ports) made of nothing but its statement."""

    def __init__(self, statement: str) -> None:
        """Keep the statement."""
        self.statement = statement

    def closures(self, door: Door) -> Iterable[Closure]:
        """Ask the database."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, (door.value,))
            return [Closure(*row) for row in cursor.fetchall()]

    def sentence(self, claims: Iterable[str]) -> str:
        """Give the ids: a worker speaks to nobody."""
        return ", ".join(claims)
