"""What of this desk waits for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import npgettext, pgettext

from luvalla.people.models import ReadingAlarm, User
from luvalla.people.queries import may
from luvalla.people.releases import HOLDS, releases_waiting
from luvalla.people.watching import open_alarms, refused_on
from luvalla.staff.formats import number
from luvalla.staff.parts import Clock, Waiting

SOON_ENOUGH: Final = timedelta(days=3)
"""Unusual reading is explained while people still remember it; a breach has 72 hours (GDPR 33(1))."""


def waiting(user: User) -> list[Waiting]:
    """Give the alarms to explain and the exports to release."""
    return [*_alarms(user), *_releases(user)]


def things_waiting(user: User) -> int:
    """Count them."""
    alarms = open_alarms().exclude(user=user).count() if may(user, "watch_reading") else 0
    return alarms + (releases_waiting(user).count() if may(user, "release_reading") else 0)


def _alarms(user: User) -> list[Waiting]:
    if not may(user, "watch_reading"):
        return []
    return [
        Waiting(
            pgettext("front page", "Explain an unusual day"),
            _about(each),
            reverse("staff_reading:list"),
            Clock.until(each.raised_at + SOON_ENOUGH, since=each.raised_at),
        )
        for each in open_alarms().exclude(user=user)
    ]


def _about(alarm: ReadingAlarm) -> str:
    name = alarm.user.full_name
    if alarm.seen > alarm.limit:
        said = pgettext("front page", "%(name)s saw %(seen)s addresses in a day; usual is %(usual)s.")
        return said % {"name": name, "seen": number(alarm.seen), "usual": number(alarm.usual)}
    said = pgettext("front page", "%(name)s was refused %(refused)s pages or calls in a day.")
    return said % {"name": name, "refused": number(refused_on(alarm))}


def _releases(user: User) -> list[Waiting]:
    if not may(user, "release_reading"):
        return []
    found = list(releases_waiting(user))
    if not found:
        return []
    about = npgettext(
        "front page",
        "%(count)d large export awaits a second person.",
        "%(count)d large exports await a second person.",
        len(found),
    )
    clock = Clock.until(found[0].asked_at + HOLDS, since=found[0].asked_at)
    do = pgettext("front page", "Release exports")
    return [Waiting(do, about % {"count": len(found)}, reverse("staff_reading:list"), clock)]
