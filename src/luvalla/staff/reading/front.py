"""What of this desk waits for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import npgettext, pgettext

from luvalla.people.models import ReadingAlarm, User
from luvalla.people.probing import ProgramAlarm, open_program_alarms
from luvalla.people.queries import may
from luvalla.people.releases import HOLDS, releases_waiting
from luvalla.people.watching import open_alarms, refused_on
from luvalla.staff.formats import number
from luvalla.staff.parts import Clock, Waiting
from luvalla.staff.reading.words import program_name

SOON_ENOUGH: Final = timedelta(days=3)
"""Unusual reading is explained while people still remember it; a breach has 72 hours (GDPR 33(1))."""


def waiting(user: User) -> list[Waiting]:
    """Give the alarms to explain and the exports to release."""
    return [*_alarms(user), *_releases(user)]


def things_waiting(user: User) -> int:
    """Count them."""
    alarms = open_alarms().exclude(user=user).count() + len(open_program_alarms()) if may(user, "watch_reading") else 0
    return alarms + (releases_waiting(user).count() if may(user, "release_reading") else 0)


def _alarms(user: User) -> list[Waiting]:
    if not may(user, "watch_reading"):
        return []
    said = [(_about(each), each.raised_at) for each in open_alarms().exclude(user=user)]
    said += [(_about_program(each), each.raised_at) for each in open_program_alarms()]
    return [
        Waiting(
            pgettext("front page", "Explain an unusual day"),
            about,
            reverse("staff_reading:list"),
            Clock.until(raised_at + SOON_ENOUGH, since=raised_at),
        )
        for about, raised_at in said
    ]


def _about_program(alarm: ProgramAlarm) -> str:
    said = pgettext("front page", "%(name)s was refused %(refused)s pages or calls in a day.")
    return said % {"name": program_name(alarm), "refused": number(alarm.refused)}


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
