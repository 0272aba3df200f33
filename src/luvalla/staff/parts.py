"""What components are made of: values a desk hands to its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.staff import formats

SOON_DAYS: Final = 10
NOW_DAYS: Final = 3
FAR_DAYS: Final = 300
SEEN_WIDTH: Final = 0.6


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to a page; without an address it is the page itself."""

    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with what it counts and a word on it. Zero is shown."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A group of a difference: its sign and tone (new, same, changed, gone), count, and what would happen."""

    sign: str
    tone: str
    label: str
    count: int
    consequence: str
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Groups that add up to a whole, and those that stand apart from it."""

    rows: Sequence[DifferenceRow]
    total_label: str
    total: int
    total_note: str = ""
    apart_label: str = ""
    apart: Sequence[DifferenceRow] = ()
    what: str = ""
    """Heading over the consequences, where it isn't "what would happen"."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a progress bar: kind is accepted, deferred, refused, unknown, withheld or left."""

    kind: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class DrawnPart:
    """A part with its place on the bar, in per cent with a point whatever the language."""

    kind: str
    label: str
    start: str
    width: str


def drawn(parts: Sequence[Part]) -> list[DrawnPart]:
    """Place the parts on a bar. What there is at all is wide enough to be seen."""
    whole = sum(part.count for part in parts) or 1
    widths = [max(100 * part.count / whole, SEEN_WIDTH) if part.count else 0.0 for part in parts]
    shrink = 100 / (sum(widths) or 100)
    placed, start = [], 0.0
    for part, width in zip(parts, widths, strict=True):
        if width:
            placed.append(DrawnPart(part.kind, part.label, f"{start:.3f}", f"{width * shrink:.3f}"))
        start += width * shrink
    return placed


def is_any_widened(parts: Sequence[Part]) -> bool:
    """Tell whether a part is drawn wider than its share."""
    whole = sum(part.count for part in parts)
    return any(0 < 100 * part.count < SEEN_WIDTH * whole for part in parts)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that runs out: how much of it is gone (0-100), the days left in words, and the last day."""

    gone: int
    tone: str
    left: str
    last: str

    @classmethod
    def until(cls, end: date | datetime, *, since: date | datetime | None = None, note: str = "") -> Clock:
        """Read the clock now. The note stands in the place of the last day."""
        last = timezone.localtime(end).date() if isinstance(end, datetime) else end
        today = timezone.localdate()
        first = (timezone.localtime(since).date() if isinstance(since, datetime) else since) or today
        left, whole = (last - today).days, max((last - first).days, 1)
        gone = min(max(round(100 * (whole - left) / whole), 0), 100)
        tone = "now" if left <= NOW_DAYS else "soon" if left <= SOON_DAYS else ""
        return cls(gone, tone, _days_left(left), note or (formats.day if left > FAR_DAYS else formats.near_day)(last))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the person who looks: what to do, about what, and until when."""

    do: str
    about: str
    url: str
    clock: Clock | None = None
    tone: str = field(default="")


def _days_left(days: int) -> str:
    if days < 0:
        return npgettext("clock", "%(days)d day late", "%(days)d days late", -days) % {"days": -days}
    if days == 0:
        return pgettext("clock", "today")
    return npgettext("clock", "%(days)d day", "%(days)d days", days) % {"days": days}
