"""The limits of relays as they are recorded now, and which part of them is one worker's. Plain SQL, read each second.

Whoever holds a shard is at work. Connections, and letters on their way to one domain, are shared out among those, so
that all workers on all machines together keep to what is recorded. What is counted in letters is in pace.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from luvalla.sending.throttle import Pace, WarmUp

READ: Final = """
select id, rested_at is not null, letters_a_second, letters_a_connection, domain_letters_a_minute, domain_at_once,
       warm_up_from, warm_up_letters, warm_up_growth
from mailroom_relay where id in ({places})
"""
AT_WORK: Final = "select distinct owner from mailroom_shard where owner <> '' and done_at is null"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What a relay takes. None and 0 are no limit."""

    rests: bool = False
    """The staff leave it alone."""
    pace: Pace | None = None
    letters_a_connection: int = 0
    domain_pace: Pace | None = None
    domain_at_once: int = 0
    """Letters on their way to one receiving domain."""
    warm_up: WarmUp | None = None

    @property
    def are_counted(self) -> bool:
        """Whether each letter has to be counted together with those of other workers."""
        return self.pace is not None or self.warm_up is not None

    @property
    def by_domain(self) -> bool:
        """Whether it matters where a letter goes."""
        return self.domain_pace is not None or self.domain_at_once > 0


FREE: Final = Limits()


def read_limits(relay_ids: Collection[int]) -> dict[int, Limits]:
    """Read the limits of these relays."""
    places = ", ".join(["%s"] * len(relay_ids))
    with connection.cursor() as cursor:
        cursor.execute(READ.format(places=places), list(relay_ids))
        return {row[0]: _limits(*row[1:]) for row in cursor.fetchall()}


def read_owners() -> list[str]:
    """Name the workers that hold shards, in an order that all of them see alike."""
    with connection.cursor() as cursor:
        cursor.execute(AT_WORK)
        return sorted(owner for (owner,) in cursor.fetchall())


def my_share(of: int, *, owner: str, owners: Collection[str]) -> int:
    """Give one worker's part of so many; all parts together are exactly that many."""
    everyone = sorted({*owners, owner})
    place = everyone.index(owner)
    return of // len(everyone) + (1 if place < of % len(everyone) else 0)


def _limits(*row: Any) -> Limits:
    rests, a_second, a_connection, domain_a_minute, domain_at_once, since, first, growth = row
    planned = since is not None and first
    return Limits(
        rests=bool(rests),
        pace=Pace(a_second) if a_second else None,
        letters_a_connection=a_connection or 0,
        domain_pace=Pace(domain_a_minute / SECONDS) if domain_a_minute else None,
        domain_at_once=domain_at_once or 0,
        warm_up=WarmUp(_as_day(since), first, growth) if planned else None,
    )


def _as_day(value: Any) -> date:
    """Give a day as the database returned it outside of models: SQLite gives text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
