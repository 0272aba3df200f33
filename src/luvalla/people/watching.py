"""Watching unusual days: many addresses seen, or many doors tried that are not one's own, raise an alarm to explain."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.jobs.port import periodic
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.reads import addresses_seen, looks_of
from luvalla.people.errors import OwnSignature
from luvalla.people.models import ReadingAlarm, User
from luvalla.people.probing import NEVER_PROBING, OF_REFUSALS, watch_programs
from luvalla.people.queries import actor_of
from luvalla.people.refusals import refusals_by_day

LOOKED_BACK: Final = timedelta(days=28)
TIMES_USUAL: Final = 3
NEVER_UNUSUAL: Final = 30
"""So many addresses in a day raise no alarm, whatever is usual."""
OF_READING: Final = "people.raise_alarm"


@periodic("people.watch_reading", seconds=600)
def watch_reading() -> int:
    """Raise an alarm for whoever has read or tried unusually much today or yesterday; tells how many were raised."""
    today = timezone.localdate()
    return sum(_watch(user, today) for user in User.objects.filter(is_active=True)) + watch_programs(today)


@transaction.atomic
def explain_alarm(*, alarm: ReadingAlarm, explanation: str, by: User) -> None:
    """Note how the reading is explained. Nobody explains their own: OwnSignature."""
    if alarm.user_id == by.pk:
        raise OwnSignature
    alarm.explained_by, alarm.explained_at, alarm.explanation = by, timezone.now(), explanation
    alarm.save(update_fields=["explained_by", "explained_at", "explanation"])
    record("people.explain_alarm", actor=actor_of(by), subject=_subject(alarm), reason=explanation)


def open_alarms() -> QuerySet[ReadingAlarm]:
    """Give the alarms that nobody has explained yet, the newest first."""
    return ReadingAlarm.objects.filter(explained_at=None).select_related("user").order_by("-day", "-pk")


def limit_for(usual: int) -> int:
    """Tell how many addresses a day are still usual for somebody who usually sees so many."""
    return max(NEVER_UNUSUAL, TIMES_USUAL * usual)


def seen_by_day(user: User, since: date) -> Counter[date]:
    """Count the addresses a person saw, day by day, from that day on."""
    begin = timezone.make_aware(datetime.combine(since, time()))
    seen: Counter[date] = Counter()
    for row in looks_of(actor_of(user), begin):
        seen[timezone.localtime(row.at).date()] += addresses_seen(row)
    return seen


def refused_on(alarm: ReadingAlarm) -> int:
    """Count what was refused to the alarm's person on its day."""
    return refusals_by_day(actor_of(alarm.user), alarm.day)[alarm.day]


def _watch(user: User, today: date) -> int:
    seen = seen_by_day(user, today - LOOKED_BACK)
    refused = refusals_by_day(actor_of(user), today - timedelta(days=1))
    raised = 0
    for day in (today, today - timedelta(days=1)):
        before = [count for past, count in seen.items() if past < day]
        usual = round(median(before)) if before else 0
        if seen[day] > limit_for(usual):
            raised += _raise(user, day, seen[day], usual, OF_READING)
        elif refused[day] > NEVER_PROBING:
            raised += _raise(user, day, seen[day], usual, OF_REFUSALS)
    return raised


@transaction.atomic
def _raise(user: User, day: date, seen: int, usual: int, verb: str) -> int:
    """Raise the alarm of a day once; a day that goes on only brings its figure up to date."""
    given = {"seen": seen, "usual": usual, "limit": limit_for(usual)}
    alarm, is_new = ReadingAlarm.objects.get_or_create(user=user, day=day, defaults=given)
    if not is_new:
        ReadingAlarm.objects.filter(pk=alarm.pk, explained_at=None).update(seen=seen)
        return 0
    facts = {**given, "refused": refused_on(alarm), "day": day.isoformat()}
    record(verb, actor=SYSTEM, subject=_subject(alarm), facts=facts)
    return 1


def _subject(alarm: ReadingAlarm) -> Subject:
    return Subject("user", str(alarm.user.ref))
