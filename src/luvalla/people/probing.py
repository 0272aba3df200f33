"""Programs that try doors which are not theirs: many refused calls of one token in a day raise an alarm to explain.

A program has no account, so its alarm is nothing but rows of the ledger: one that raises it, one that explains it. What
a person's token is refused counts as that person's (watching).
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.people.refusals import REFUSED

NEVER_PROBING: Final = 10
"""So many refused pages and calls in a day raise no alarm: old bookmarks, a role or a scope that has just changed."""
OF_REFUSALS, EXPLAINED = "people.raise_alarm_of_refusals", "people.explain_alarm"
PROGRAM, TOKEN = "program:", "token"
SHOWN_FOR: Final = timedelta(days=28)


class ProgramAlarm(NamedTuple):
    """A day on which a program was refused much: its token's reference, the day, and how many calls."""

    ref: str
    day: date
    refused: int
    raised_at: datetime


def watch_programs(today: date) -> int:
    """Raise an alarm for each program that was refused much today or yesterday, one at a time; tells how many."""
    waiting = {each.ref for each in open_program_alarms()}
    counted = _refusals(today - timedelta(days=1))
    found = {ref: (day, count) for (ref, day), count in sorted(counted.items()) if count > NEVER_PROBING}
    known = {(row.subject_ref, row.facts.get("day")) for row in _rows(OF_REFUSALS)}
    new = {ref: at for ref, at in found.items() if ref not in waiting and (ref, at[0].isoformat()) not in known}
    for ref, (day, count) in new.items():
        with transaction.atomic():
            facts = {"refused": count, "day": day.isoformat()}
            record(OF_REFUSALS, actor=SYSTEM, subject=Subject(TOKEN, ref), facts=facts)
    return len(new)


def open_program_alarms() -> list[ProgramAlarm]:
    """Give the alarms of programs that nobody has explained yet, the newest first."""
    explained = {(row.subject_ref, row.facts.get("day")) for row in _rows(EXPLAINED)}
    return [
        ProgramAlarm(row.subject_ref, date.fromisoformat(row.facts["day"]), int(row.facts["refused"]), row.at)
        for row in _rows(OF_REFUSALS)
        if (row.subject_ref, row.facts["day"]) not in explained
    ]


@transaction.atomic
def explain_program_alarm(*, alarm: ProgramAlarm, explanation: str, by: User) -> None:
    """Note how a program's refused calls are explained."""
    facts = {"day": alarm.day.isoformat()}
    record(EXPLAINED, actor=actor_of(by), subject=Subject(TOKEN, alarm.ref), reason=explanation, facts=facts)


def _refusals(since: date) -> Counter[tuple[str, date]]:
    begin = timezone.make_aware(datetime.combine(since, time()))
    rows = LedgerRow.objects.filter(verb=REFUSED, actor__startswith=PROGRAM, at__gte=begin)
    return Counter(
        (actor.removeprefix(PROGRAM), timezone.localtime(at).date()) for actor, at in rows.values_list("actor", "at")
    )


def _rows(verb: str) -> list[LedgerRow]:
    since = timezone.now() - SHOWN_FOR
    return list(LedgerRow.objects.filter(subject_kind=TOKEN, verb=verb, at__gte=since).order_by("-pk"))
