"""Reminders of paper by mail: to whoever has it in hand, to the custodians, and of losses to who sees to breaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.jobs.port import periodic
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.actions import post_service_message
from luvalla.paper.changes import open_changes
from luvalla.paper.queries import (
    items,
    items_awaiting_witness,
    items_in_the_open,
    items_missing,
    items_past_their_time,
    lost_items,
    open_searches,
    stock_take_due,
)
from luvalla.people.models import User
from luvalla.people.queries import accounts_standing_open, may
from luvalla.people.roles import Capability
from luvalla.rules.address import normalise
from luvalla.staff import formats

VERB: Final = "paper.remind"
STOCK_TAKE_BEFORE: Final = (7, 30)
"""Days before a stock-take is late on which it is recalled."""
SEARCH_BEFORE: Final = timedelta(days=3)
MORNING: Final = 7
"""Nobody is reminded in the night."""
REMEMBERED: Final = timedelta(days=365)


class What(StrEnum):
    """What a reminder is about."""

    LOCK = "lock"
    OPEN = "open"
    MISSING = "missing"
    LOST = "lost"
    SEARCH = "search"
    CHANGE = "change"
    STOCK_TAKE = "stock_take"
    OVER = "over"
    WITNESS = "witness"
    UNCONFIRMED = "unconfirmed"


WORDS: Final[dict[What, Promise]] = {
    What.LOCK: pgettext_lazy("paper reminder", "Lock away what you have in hand by %(day)s: %(items)s."),
    What.OPEN: pgettext_lazy(
        "paper reminder", "Should have been locked away by %(day)s, and printing is closed until it is: %(items)s."
    ),
    What.MISSING: pgettext_lazy(
        "paper reminder", "Not found in the stock-take, and printing is closed until it is: %(items)s."
    ),
    What.LOST: pgettext_lazy(
        "paper reminder",
        "Given up as lost on %(day)s: %(items)s. Write the breach down and assess its risk: the authority is told "
        "within 72 hours unless a risk is unlikely.",
    ),
    What.SEARCH: pgettext_lazy(
        "paper reminder", "Somebody has asked what is kept about them. Search the cabinets and answer by %(day)s."
    ),
    What.CHANGE: pgettext_lazy("paper reminder", "Correct or mark by %(day)s, for a request: %(items)s."),
    What.STOCK_TAKE: pgettext_lazy("paper reminder", "The stock-take has to be finished by %(day)s."),
    What.WITNESS: pgettext_lazy(
        "paper reminder", "You were named as witness of a destruction. Confirm by %(day)s what you saw: %(items)s."
    ),
    What.UNCONFIRMED: pgettext_lazy(
        "paper reminder",
        "Written down as destroyed, and not confirmed by its witness by %(day)s: %(items)s. Printing is closed after "
        "that day until it is confirmed or taken back.",
    ),
    What.OVER: pgettext_lazy("paper reminder", "Past its time, to be destroyed before a witness: %(items)s."),
}


class Reminder(NamedTuple):
    """Something to recall to people: the day it is about, and the number of the item or search, or days before."""

    what: What
    on: date
    number: int
    label: str = ""

    def facts(self) -> dict[str, object]:
        """Say it as the ledger does; one that has the same facts was told."""
        return {"what": self.what.value, "on": self.on.isoformat(), "number": self.number}


@periodic("paper.remind", seconds=3600)
def remind_of_paper(now: datetime | None = None) -> int:
    """Recall everything that is due now and that a person hasn't been told; tells how many mails were written."""
    moment = timezone.localtime(now)
    if moment.hour < MORNING:
        return 0
    told = _told_since(moment - REMEMBERED)
    return sum(_remind(user, fresh) for user, fresh in _by_person(moment.date(), told))


def _by_person(today: date, told: dict[str, list[object]]) -> Iterator[tuple[User, list[Reminder]]]:
    """Give each person who has something new to hear, with it."""
    of_custodians, of_losses = list(_of_custodians(today)), list(_of_losses())
    for user in accounts_standing_open().order_by("pk"):
        due = [*_in_hand(user, today), *_of_destructions(user, today)]
        due += of_custodians if may(user, Capability.KEEP_PAPER) else []
        due += of_losses if may(user, Capability.HANDLE_REQUESTS) else []
        fresh = [each for each in dict.fromkeys(due) if each.facts() not in told[str(user.ref)]]
        if fresh:
            yield user, fresh


def _told_since(moment: datetime) -> dict[str, list[object]]:
    told: dict[str, list[object]] = defaultdict(list)
    for ref, facts in LedgerRow.objects.filter(verb=VERB, at__gte=moment).values_list("subject_ref", "facts"):
        told[ref] += facts["told"]
    return told


def _in_hand(user: User, today: date) -> Iterator[Reminder]:
    for each in items().filter(holder=user, lock_by__lte=today, destruction=None).order_by("lock_by", "pk"):
        yield Reminder(What.LOCK, each.lock_by, each.pk, str(each))


def _of_destructions(user: User, today: date) -> Iterator[Reminder]:
    """Ask a witness at once, and whoever wrote the destruction down on the last day."""
    waiting = items_awaiting_witness()
    for each in waiting.filter(destruction__witness=user):
        yield Reminder(What.WITNESS, each.lock_by, each.pk, str(each))
    for each in waiting.filter(holder=user, lock_by__lte=today):
        yield Reminder(What.UNCONFIRMED, each.lock_by, each.pk, str(each))


def _of_custodians(today: date) -> Iterator[Reminder]:
    """Give what custodians see to: paper in the open, missing and past its time, searches, the stock-take."""
    monday = today - timedelta(days=today.weekday())  # what goes on is said once a week
    for each in items_in_the_open(today).order_by("lock_by", "pk"):
        yield Reminder(What.UNCONFIRMED if each.destruction_id else What.OPEN, each.lock_by, each.pk, str(each))
    for what, found in ((What.MISSING, items_missing()), (What.OVER, items_past_their_time(today))):
        for each in found:
            yield Reminder(what, monday, each.pk, str(each))
    for search in open_searches().filter(due_on__lte=today + SEARCH_BEFORE):
        yield Reminder(What.SEARCH, search.due_on, search.pk)
    for change in open_changes().filter(due_on__lte=today + SEARCH_BEFORE):
        yield Reminder(What.CHANGE, change.due_on, change.pk, str(change.item))
    yield from _of_stock_take(today)


def _of_stock_take(today: date) -> Iterator[Reminder]:
    due = stock_take_due()
    if due is not None:
        before = [each for each in STOCK_TAKE_BEFORE if (due - today).days <= each]
        yield from (Reminder(What.STOCK_TAKE, due, each) for each in before[:1])


def _of_losses() -> Iterator[Reminder]:
    """Give what was lost, for those who write breaches down."""
    for each in lost_items().order_by("lost_at"):
        assert each.lost_at is not None  # it is lost
        yield Reminder(What.LOST, timezone.localdate(each.lost_at), each.pk, str(each))


@transaction.atomic
def _remind(user: User, due: list[Reminder]) -> int:
    with translation.override(user.language):
        lead = pgettext("paper reminder", "This waits for you in the ledger of paper:")
        said = "\n".join(f"- {each}" for each in _sentences(due))
        place = reverse("staff_paper:list")
        post_service_message(
            kind="reminder_of_paper",
            address=normalise(user.email),
            subject=pgettext("paper reminder", "Paper waits for you"),
            text=f"{lead}\n\n{said}\n\n{settings.BASE_URL}{place}\n",
            html="",
            language=user.language,
            actor=SYSTEM,
        )
    record(VERB, actor=SYSTEM, subject=Subject("user", str(user.ref)), facts={"told": [each.facts() for each in due]})
    return 1


def _sentences(due: Iterable[Reminder]) -> Iterator[str]:
    """Say in a sentence what is about the same day."""
    together: dict[tuple[What, date], list[str]] = defaultdict(list)
    for each in due:
        together[each.what, each.on].append(each.label)
    for (what, on), labels in together.items():
        yield str(WORDS[what]) % {"day": formats.day(on), "items": ", ".join(labels)}
