"""How often somebody has tried at a door that is limited, counted over all web processes of the installation.

Each attempt is a row with a keyed hash of who tried: no address of a network, no name and no mailbox is there. The key
(Django's secret) lies outside the database. A row is of use until its period is over, an hour at most, and then goes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from luvalla.jobs.port import periodic
from luvalla.organisation.models import Attempt
from luvalla.rules.ports import Keeping

HASH_BYTES: Final = 16


class Limit:
    """So many attempts of each in a period."""

    def __init__(self, door: str, most: int, *, within: timedelta) -> None:
        """Name the door, so that its attempts count for it alone."""
        self._door, self._most, self._within = door, most, within

    def allows(self, who: str) -> bool:
        """Count an attempt and tell whether it is still within the limit; nobody known ("") is never limited.

        Past the limit nothing is written. Of attempts at the same instant none too many is let through: each looks
        again once its own row is there.
        """
        name = f"{self._door}|{who}"
        if not who:
            return True
        if self._is_full(name, self._most):
            return False
        note_attempts(name, [time.time()], lasting=self._within)
        return not self._is_full(name, self._most + 1)

    def _is_full(self, name: str, count: int) -> bool:
        return len(attempts_of(name, within=self._within)[:count]) == count


def attempts_of(name: str, *, within: timedelta | None = None) -> QuerySet[Attempt, float]:
    """Give the moments of somebody's attempts that still count, in seconds since 1970, the newest first."""
    now = time.time()
    rows = Attempt.objects.filter(who=_hashed(name), until__gt=_moment(now))
    if within is not None:
        rows = rows.filter(at__gt=now - within.total_seconds())
    return rows.order_by("-at").values_list("at", flat=True)


def note_attempts(name: str, at: Iterable[float], *, lasting: timedelta) -> None:
    """Count attempts made at these moments."""
    who, length = _hashed(name), lasting.total_seconds()
    Attempt.objects.bulk_create([Attempt(who=who, at=each, until=_moment(each + length)) for each in at])


def take_back(name: str, at: Iterable[float] | None = None) -> None:
    """Let attempts count no more: those of these moments, or all."""
    rows = Attempt.objects.filter(who=_hashed(name))
    (rows if at is None else rows.filter(at__in=list(at))).delete()


def _past(now: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(until__lt=now)


KEEPING: Final = Keeping("attempts", lambda now: _past(now).count(), lambda now: _past(now).delete()[0])


@periodic("organisation.forget_attempts", seconds=300)
def forget_attempts() -> int:
    """Forget the attempts that count no more; tells how many there were."""
    return _past(_moment(time.time())).delete()[0]


def _hashed(name: str) -> bytes:
    return salted_hmac("luvalla.attempts", name, algorithm="sha256").digest()[:HASH_BYTES]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
