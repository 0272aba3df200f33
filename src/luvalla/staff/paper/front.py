"""What of this desk waits for somebody: paper in the open, searches, a stock-take, paper past its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import npgettext, pgettext

from luvalla.paper.changes import open_changes
from luvalla.paper.days import STOCK_TAKE_DAYS
from luvalla.paper.destruction import destructions_to_witness
from luvalla.paper.queries import (
    items,
    items_in_the_open,
    items_missing,
    items_past_their_time,
    last_stock_take,
    open_searches,
    running_stock_take,
    stock_take_due,
)
from luvalla.people.models import User
from luvalla.people.queries import may
from luvalla.staff.formats import number
from luvalla.staff.paper.words import CHANGES
from luvalla.staff.parts import Clock, Waiting

SOON_FOUND: Final = timedelta(days=3)
"""Missing paper is found by then, or given up as lost: a breach has 72 hours (GDPR 33(1))."""
REMIND_DAYS: Final = 30
"""A stock-take is asked for a month before it is late."""


def waiting(user: User) -> list[Waiting]:
    """Tell what waits for a custodian, and what a person holds in their own hands."""
    keeps = may(user, "keep_paper")
    found = (_in_the_open, _unconfirmed, _missing, _searches, _changes, _stock_take, _over)
    return [*chain(_to_witness(user), _in_hand(user), *(each(keeps) for each in found))]


def paper_waiting(user: User) -> int:
    """Count what waits for the person at this desk."""
    return len(waiting(user))


def _to_witness(user: User) -> Iterator[Waiting]:
    for each in destructions_to_witness(user):
        do = pgettext("paper", "Confirm as witness that paper was destroyed")
        about = pgettext("paper", "%(who)s has named you.") % {"who": each.person.full_name}
        by = min(item.lock_by for item in each.items.all())
        yield Waiting(do, about, reverse("staff_paper:witness", args=[each.ref]), Clock.until(by, since=each.at))


def _in_hand(user: User) -> Iterator[Waiting]:
    mine = items().filter(holder=user, destruction=None).order_by("lock_by")
    first = mine.first()
    if first is not None:
        about = npgettext(
            "paper", "%(count)s item is in your hands.", "%(count)s items are in your hands.", mine.count()
        )
        do = pgettext("paper", "Lock away the paper in your hands")
        clock = Clock.until(first.lock_by, since=first.made_at)
        yield Waiting(do, about % {"count": number(mine.count())}, reverse("staff_paper:list"), clock)


def _in_the_open(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    late = items_in_the_open().filter(destruction=None).order_by("lock_by").first() if keeps else None
    if late is not None:
        count = items_in_the_open().filter(destruction=None).count()
        about = npgettext(
            "paper",
            "%(count)s item should lie in a locked place. Printing is closed.",
            "%(count)s items should lie in a locked place. Printing is closed.",
            count,
        )
        do = pgettext("paper", "Find the paper that lies in the open")
        yield Waiting(do, about % {"count": number(count)}, reverse("staff_paper:list"), Clock.until(late.lock_by))


def _unconfirmed(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    late = items_in_the_open().exclude(destruction=None).order_by("lock_by").first() if keeps else None
    if late is not None:
        do = pgettext("paper", "Have a destruction confirmed")
        about = pgettext("paper", "Its witness is late. Printing is closed.")
        yield Waiting(do, about, reverse("staff_paper:list"), Clock.until(late.lock_by))


def _missing(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    count = items_missing().count() if keeps else 0
    last = last_stock_take()
    if count and last is not None and last.finished_at is not None:
        about = npgettext(
            "paper",
            "%(count)s item was not found in the last stock-take. Printing is closed.",
            "%(count)s items were not found in the last stock-take. Printing is closed.",
            count,
        )
        do = pgettext("paper", "Find the paper that is missing")
        clock = Clock.until(last.finished_at + SOON_FOUND, since=last.finished_at)
        yield Waiting(do, about % {"count": number(count)}, reverse("staff_paper:list"), clock)


def _searches(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    for each in open_searches() if keeps else ():
        do = pgettext("paper", "Search the cabinets for a request")
        about = pgettext("paper", "Somebody has asked what is kept about them.")
        clock = Clock.until(each.due_on, since=each.asked_at)
        yield Waiting(do, about, reverse("staff_paper:search", args=[each.ref]), clock)


def _changes(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    for each in open_changes() if keeps else ():
        clock = Clock.until(each.due_on, since=each.asked_at)
        url = reverse("staff_paper:change", args=[each.ref])
        yield Waiting(str(CHANGES[each.what]), str(each.item), url, clock)


def _stock_take(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    due = stock_take_due() if keeps else None
    if due is None or not (running_stock_take() or _is_near(due)):
        return
    do = pgettext("paper", "Make the stock-take of paper")
    about = pgettext("paper", "It is made every six months.")
    yield Waiting(do, about, reverse("staff_paper:stock"), Clock.until(due, since=due - timedelta(STOCK_TAKE_DAYS)))


def _over(keeps: bool) -> Iterator[Waiting]:  # noqa: FBT001  # whether the person is a custodian
    first = items_past_their_time().first() if keeps else None
    if first is not None:
        count = items_past_their_time().count()
        about = npgettext("paper", "%(count)s item is past its time.", "%(count)s items are past their time.", count)
        do = pgettext("paper", "Destroy paper before a witness")
        assert first.keep_until is not None  # it is past
        clock = Clock.until(first.keep_until, since=first.made_at)
        yield Waiting(do, about % {"count": number(count)}, reverse("staff_paper:destroy_several"), clock)


def _is_near(due: date) -> bool:
    return due <= timezone.localdate() + timedelta(days=REMIND_DAYS)
