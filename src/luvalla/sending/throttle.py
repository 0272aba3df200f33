"""How many letters may leave: a steady pace, and a warm-up that allows more each day. Pure; the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

AHEAD: Final = 1.0
"""Seconds for which letters are granted beforehand: the length of a window."""
MOST_GROWTH_DAYS: Final = 400
"""After so many days a plan that grows has outgrown every audience."""
UNBOUNDED: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Pace:
    """Letters a second in the long run (the generic cell rate algorithm, ITU-T I.371).

    All that is kept of the past is one moment, `free_at`: when the last letter that was granted is due to leave.
    """

    a_second: float

    def __post_init__(self) -> None:
        """Refuse a pace of nothing, which would wait for ever: pause the sending instead."""
        if not self.a_second > 0:
            message = "A pace is more than 0 letters a second"
            raise ValueError(message)

    def grant(self, wanted: int, *, free_at: float, now: float) -> int:
        """Tell how many of these letters may leave within the next second; one at least when none is under way."""
        room = int((AHEAD - self.lag(free_at, now)) * self.a_second + 1e-9)
        return min(wanted, max(room, 1 if free_at <= now else 0))

    def lag(self, free_at: float, now: float) -> float:
        """Give the seconds until the last granted letter is due; a clock that was set back counts as a second."""
        lag = max(0.0, free_at - now)
        return lag if lag <= max(AHEAD, 1.0 / self.a_second) + 1e-9 else AHEAD

    def move(self, count: int, *, free_at: float, now: float) -> float:
        """Give `free_at` after so many letters were granted, or given back where the count is below 0."""
        return now + max(0.0, self.lag(free_at, now) + count / self.a_second)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A plan for a relay whose name the receiving servers don't know yet: so many letters on the first day, more daily.

    growth: per cent more than the day before.
    """

    since: date
    first: int
    growth: int

    def most_on(self, day: date) -> int:
        """Give the most letters of a day; none before the plan begins."""
        passed = (day - self.since).days
        if passed < 0:
            return 0
        return min(UNBOUNDED, int(self.first * (1 + self.growth / 100) ** min(passed, MOST_GROWTH_DAYS)))
