"""Figures, days and times as people of each language write them: 48 216, 24.11.2026, klo 9.42."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext

from luvalla.rules.groups import SMALLEST_GROUP, is_small, told_apart

Group = TypeVar("Group")
NO_BREAK: Final = "\u00a0"
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
WEEKDAYS: Final = {
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def language() -> str:
    """Tell the language of the interface: fi, sv or en."""
    code = (get_language() or "en")[:2]
    return code if code in WEEKDAYS else "en"


def number(value: float) -> str:
    """Write a figure with its thousands apart: 48 216, in English 48,216."""
    return f"{value:,}" if language() == "en" else f"{value:,}".replace(",", NO_BREAK).replace(".", ",")


def group(people: int) -> str:
    """Write how many people a statistic is about: a group of fewer than ten is not told apart (claim X6)."""
    few = pgettext("figures", "under %(smallest)d")
    return few % {"smallest": SMALLEST_GROUP} if is_small(people) else number(people)


def whole(people: int, *, refused: int) -> str:
    """Write how large an audience is beside the letters it gets: where few were refused, only to the ten below.

    Exactly told, the one less the other would tell those few.
    """
    if not refused < SMALLEST_GROUP:
        return number(people)
    rounded = people - people % SMALLEST_GROUP
    return pgettext("figures", "about %(people)s") % {"people": number(rounded)} if rounded else group(people)


def groups(sizes: Mapping[Group, int]) -> dict[Group, str]:
    """Write how many people are in each group beside their sum: few are "under 10" (claim X6).

    Where the sum would tell them all the same, a larger group is left untold with them.
    """
    told = told_apart(sizes)
    are_all_small = all(is_small(sizes[each]) for each, people in told.items() if people is None)
    few = group(1) if are_all_small else pgettext("figures", "not told apart")
    return {each: few if people is None else group(people) for each, people in told.items()}


def day(value: date | datetime) -> str:
    """Write a day: 24.11.2026, in English 24 Nov 2026."""
    at = _local_day(value)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}" if language() == "en" else f"{at.day}.{at.month}.{at.year}"


def near_day(value: date | datetime) -> str:
    """Write a day of the coming weeks with its weekday and without its year: pe 18.12."""
    at = _local_day(value)
    weekday = WEEKDAYS[language()][at.weekday()]
    return f"{weekday} {at.day} {MONTHS[at.month - 1]}" if language() == "en" else f"{weekday} {at.day}.{at.month}."


def duration(value: timedelta) -> str:
    """Write how long something took: 12 s, 3 min, 5 h, by the largest unit of which there are two."""
    seconds = max(1, round(value.total_seconds()))
    if seconds < 2 * MINUTE:
        return pgettext("duration", "%(count)s s") % {"count": seconds}
    if seconds < 2 * HOUR:
        return pgettext("duration", "%(count)s min") % {"count": round(seconds / MINUTE)}
    return pgettext("duration", "%(count)s h") % {"count": number(round(seconds / HOUR))}


def time_of_day(value: datetime) -> str:
    """Write a time: 9.42, in English 9:42."""
    at = timezone.localtime(value)
    return f"{at.hour}{':' if language() == 'en' else '.'}{at.minute:02}"


def moment(value: datetime) -> str:
    """Write a day and time: 24.11.2026 klo 9.42; of today's only "tänään klo 9.42"."""
    words = {"day": today_or_day(value), "time": time_of_day(value)}
    return pgettext("day and time", "%(day)s at %(time)s") % words


def exact_moment(value: datetime) -> str:
    """Write a day and time to the second, as the ledger keeps it."""
    at = timezone.localtime(value)
    words = {"day": day(value), "time": f"{time_of_day(value)}{':' if language() == 'en' else '.'}{at.second:02}"}
    return pgettext("day and time", "%(day)s at %(time)s") % words


def today_or_day(value: date | datetime) -> str:
    """Write "today" for today, else the day."""
    return pgettext("day", "today") if _local_day(value) == timezone.localdate() else day(value)


def long_moment(value: datetime) -> str:
    """Write a day and time in full: Tiistai 24. marraskuuta 2026 klo 9.42."""
    patterns = {"fi": r"l j. E Y", "sv": r"l j F Y", "en": r"l j F Y"}
    text = date_format(timezone.localtime(value), patterns[language()])
    words = {"day": text[:1].upper() + text[1:], "time": time_of_day(value)}
    return pgettext("day and time", "%(day)s at %(time)s") % words


def _local_day(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
