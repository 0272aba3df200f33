"""What all workers together hand to a relay: its letters a second, its letters a day, and each receiving domain's.

A row a relay, and one a relay and domain, in short transactions of their own; plain SQL. The clock is the database's,
so machines need not agree on the time. A domain is a number out of 65,536, made with a key of the installation: nothing
about people is kept, and two domains that share a number only wait for each other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from django.db import connection, transaction

from luvalla.mailroom.limits import Limits
from luvalla.sending.throttle import Pace

BEGIN: Final = """
insert into mailroom_relaypace (relay_id, free_at, day, letters) values (%s, 0, null, 0)
on conflict (relay_id) do nothing
"""
READ: Final = "select free_at, day, letters from mailroom_relaypace where relay_id = %s{lock}"
WRITE: Final = "update mailroom_relaypace set free_at = %s, day = %s, letters = %s where relay_id = %s"
BEGIN_DOMAIN: Final = """
insert into mailroom_domainpace (relay_id, domain, free_at) values (%s, %s, 0) on conflict (relay_id, domain) do nothing
"""
READ_DOMAIN: Final = "select free_at from mailroom_domainpace where relay_id = %s and domain = %s{lock}"
WRITE_DOMAIN: Final = "update mailroom_domainpace set free_at = %s where relay_id = %s and domain = %s"
FORGET_DOMAINS: Final = "delete from mailroom_domainpace where free_at < %s"
PERSON: Final = b"luvalla domain"


class Granted(NamedTuple):
    """How many letters may leave within the next second, and whether the day has no more."""

    letters: int
    day_is_full: bool = False


def reserve(relay_id: int, limits: Limits, wanted: int) -> Granted:
    """Take as many of these letters as the relay's pace and the day's plan have left."""
    with transaction.atomic():
        free_at, day, letters, now = _locked(relay_id)
        today = datetime.fromtimestamp(now, UTC).date()
        sent = letters if day == today else 0
        left = limits.warm_up.most_on(today) - sent if limits.warm_up else wanted
        granted = min(wanted, max(0, left))
        if limits.pace:
            granted = limits.pace.grant(granted, free_at=free_at, now=now) if granted else 0
            free_at = limits.pace.move(granted, free_at=free_at, now=now)
        _write(WRITE, free_at, today, sent + granted, relay_id)
    return Granted(granted, day_is_full=left <= 0)


def give_back(relay_id: int, limits: Limits, letters: int) -> None:
    """Put back what was taken and not needed."""
    if letters <= 0:
        return
    with transaction.atomic():
        free_at, day, taken, now = _locked(relay_id)
        if limits.pace:
            free_at = limits.pace.move(-letters, free_at=free_at, now=now)
        _write(WRITE, free_at, day, max(0, taken - letters), relay_id)


def reserve_domains(relay_id: int, pace: Pace, wanted: Mapping[int, int]) -> dict[int, int]:
    """Take each domain's share: how many of its letters may leave within the next second."""
    granted = {}
    with transaction.atomic():
        now = _now()
        for domain in sorted(wanted):
            _write(BEGIN_DOMAIN, relay_id, domain)
            with connection.cursor() as cursor:
                cursor.execute(READ_DOMAIN.format(lock=_lock()), (relay_id, domain))
                (free_at,) = cursor.fetchone()
            granted[domain] = pace.grant(wanted[domain], free_at=free_at, now=now)
            _write(WRITE_DOMAIN, pace.move(granted[domain], free_at=free_at, now=now), relay_id, domain)
    return granted


def letters_today(relay_id: int) -> int:
    """Count the letters that a relay with a plan was handed today."""
    with connection.cursor() as cursor:
        cursor.execute(READ.format(lock=""), (relay_id,))
        row = cursor.fetchone()
    return row[2] if row and _as_day(row[1]) == today_utc() else 0


def today_utc() -> date:
    """Give the day that plans count, by the database's clock."""
    return datetime.fromtimestamp(_now(), UTC).date()


def forget_domains() -> int:
    """Remove the rows of domains that nothing was sent to for an hour."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_DOMAINS, (_now() - 3600,))
        return int(cursor.rowcount)


def domain_number(recipient: bytes, key: bytes) -> int:
    """Give the number that stands for the domain of an address."""
    domain = recipient.rpartition(b"@")[2].lower()
    return int.from_bytes(blake2b(domain, key=key[:64], digest_size=2, person=PERSON).digest(), "big")


def _locked(relay_id: int) -> tuple[float, date | None, int, float]:
    """Lock a relay's row, which is made at first use; give what it says, and the time."""
    _write(BEGIN, relay_id)
    with connection.cursor() as cursor:
        cursor.execute(READ.format(lock=_lock()), (relay_id,))
        free_at, day, letters = cursor.fetchone()
    return free_at, _as_day(day), letters, _now()


def _write(statement: str, *parameters: float | date | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _lock() -> str:
    return " for update" if connection.features.has_select_for_update else ""


def _now() -> float:
    """Give seconds since 1970 by the database's clock; with SQLite that is this machine's."""
    if connection.vendor != "postgresql":
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("select extract(epoch from clock_timestamp())::float8")
        return float(cursor.fetchone()[0])


def _as_day(value: date | str | None) -> date | None:
    """Give a day as the database returned it outside of models: SQLite gives text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
