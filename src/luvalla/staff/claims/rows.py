"""A claim as the auditor's view shows it: its proof in short, and all of it underneath."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.notices.doors import how_to_mend
from luvalla.notices.evidence import control_in_words, figures_in_words
from luvalla.notices.models import ClaimVerdict, ClosedDoor
from luvalla.notices.queries import WORST_FIRST, ClaimState
from luvalla.organisation.queries import purposes
from luvalla.rules.ports import Verdict
from luvalla.staff import formats
from luvalla.staff.claims.words import closed_words

NIGHTS: Final = 30
ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T[\d:]+[+-]\d\d:\d\d)?")
SHORT: Final = 2
"""So many figures stand in the row itself."""
MARKS: Final = {Verdict.HOLDS: "holds", Verdict.BROKEN: "broken", Verdict.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Night:
    """A day of a claim's history: the worst verdict of its runs, empty where there was none."""

    day: date
    mark: str


def claim_rows(states: Iterable[ClaimState]) -> list[dict[str, Any]]:
    """Give what the page shows of each claim."""
    listed = list(states)
    histories, now = _histories(), timezone.now()
    return [_row(each, histories.get(each.id, {}), now) for each in listed]


def _row(state: ClaimState, history: Mapping[date, Verdict], now: datetime) -> dict[str, Any]:
    nights = _nights(history, now)
    language = formats.language()
    figures = [(name, _plain(value)) for name, value in figures_in_words(state.id, state.figures, language)]
    return {
        "state": state,
        "says": state.entry.text_in(language),
        "short": figures[:SHORT],
        "figures": figures,
        "age": age(state.checked_at, now) if state.checked_at else "",
        "is_broken": state.verdict is Verdict.BROKEN,
        "closes": closed_words(state.closed or state.entry.closes),
        "only_for": _purposes_closed(state.id) if state.verdict is Verdict.BROKEN else "",
        "mend": how_to_mend(state.id, language),
        "control": control_in_words(state.id, language),
        "test": state.negative_control,
        "fresh": round(state.entry.fresh / timedelta(hours=1)),
        "nights": nights,
        "nights_word": _nights_in_words(nights),
    }


def _purposes_closed(claim: str) -> str:
    """Name the purposes that a breach is limited to; empty where it closes the doors to all."""
    keys = ClosedDoor.objects.filter(claim=claim).exclude(about="").values_list("about", flat=True).distinct()
    return ", ".join(str(each) for each in purposes() if each.key in set(keys))


def age(moment: datetime, now: datetime) -> str:
    """Say how long ago: 14 min, 6 h 28 min, 3 days."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    if hours >= 48:  # noqa: PLR2004  # two days
        return npgettext("age", "%(days)d day ago", "%(days)d days ago", hours // 24) % {"days": hours // 24}
    if hours:
        return pgettext("age", "%(hours)d h %(minutes)d min ago") % {"hours": hours, "minutes": rest}
    return pgettext("age", "%(minutes)d min ago") % {"minutes": minutes}


def _histories() -> dict[str, dict[date, Verdict]]:
    """Read the worst verdict of each claim and day, for all claims at once."""
    since = timezone.now() - timedelta(days=NIGHTS)
    found: dict[str, dict[date, Verdict]] = defaultdict(dict)
    seen = ClaimVerdict.objects.filter(checked_at__gte=since).values_list("claim", "checked_at", "verdict")
    for claim, at, value in seen.iterator():
        day, verdict = timezone.localdate(at), Verdict(value)
        before = found[claim].get(day, verdict)
        found[claim][day] = min(before, verdict, key=WORST_FIRST.index)
    return found


def _nights(history: Mapping[date, Verdict], now: datetime) -> list[Night]:
    today = timezone.localdate(now)
    days = [today - timedelta(days=back) for back in range(NIGHTS - 1, -1, -1)]
    return [Night(day, MARKS[history[day]] if day in history else "") for day in days]


def _nights_in_words(nights: list[Night]) -> str:
    said = pgettext("claims", "held on %(holds)d days, broken on %(broken)d, unknown on %(unknown)d")
    return said % {mark: sum(each.mark == mark for each in nights) for mark in MARKS.values()}


def _plain(value: object) -> str:
    """Write a figure's value as its reader does: days and times too, which evidence has in ISO 8601."""
    if isinstance(value, bool):
        return pgettext("claims", "yes") if value else pgettext("claims", "no")
    if isinstance(value, int):
        return formats.number(value)
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or formats.number(0)
    return _date_or_text(str(value)) if value not in (None, "") else "\u2013"


def _date_or_text(text: str) -> str:
    if not ISO.fullmatch(text):
        return text
    at = datetime.fromisoformat(text)
    return formats.moment(at) if at.tzinfo else formats.day(at.date())
