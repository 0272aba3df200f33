"""Reading paper: who may handle it, what lies where, and what is late."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from luvalla.ledger.vault import sealer
from luvalla.paper.columns import DESCRIPTION, SOUGHT
from luvalla.paper.days import STOCK_TAKE_DAYS
from luvalla.paper.models import PaperItem, PaperSearch, Place, StockTake
from luvalla.people.models import User
from luvalla.people.queries import accounts, may, why_closed
from luvalla.people.roles import Capability

HANDLES_PAPER = (Capability.KEEP_PAPER, Capability.HANDLE_REQUESTS)
"""Custodians keep paper; whoever handles requests prints a case and reads the letters that came."""
NOT_NAMED = "not_named"


def why_not_handle(person: User | None) -> str:
    """Tell why a person may not handle paper, or "" when they may: the one rule of the custody list (S22)."""
    if person is None:
        return NOT_NAMED
    closed = why_closed(person)
    if closed is not None:
        return closed.value
    return "" if any(may(person, each) for each in HANDLES_PAPER) else NOT_NAMED


def custody_list() -> list[User]:
    """Give the people who may handle paper now, by name."""
    return [each for each in accounts() if not why_not_handle(each)]


def items() -> QuerySet[PaperItem]:
    """Give the items that are there, the newest first."""
    return PaperItem.objects.filter(destroyed_at=None).select_related("place", "custodian", "holder").order_by("-pk")


def destroyed_items() -> QuerySet[PaperItem]:
    """Give the items that were destroyed, the last first."""
    return PaperItem.objects.exclude(destroyed_at=None).select_related("custodian").order_by("-destroyed_at")


def items_in_the_open(today: date | None = None) -> QuerySet[PaperItem]:
    """Give the items that should lie in a locked place by now and don't (S21)."""
    locked = Q(place__is_locked=True, place__is_in_use=True)
    return items().filter(lock_by__lt=today or timezone.localdate()).exclude(locked)


def items_to_lock() -> QuerySet[PaperItem]:
    """Give the items that lie in no locked place, late or not, the most pressing first."""
    return items().exclude(place__is_locked=True, place__is_in_use=True).order_by("lock_by", "pk")


def items_past_their_time(today: date | None = None) -> QuerySet[PaperItem]:
    """Give the items whose retention is over: they are to be destroyed."""
    return items().filter(keep_until__lt=today or timezone.localdate()).order_by("keep_until", "pk")


def items_of_mailbox(folded: bytes) -> QuerySet[PaperItem]:
    """Give the items about the person behind a mailbox, destroyed ones not."""
    return items().filter(folded=folded)


def description_of(item: PaperItem) -> str:
    """Open an item's description. Whoever shows it to a person calls actions.uncover_description instead."""
    sealed = bytes(item.sealed)
    return sealer().open(sealed, column=DESCRIPTION, token=bytes(item.folded)).decode() if sealed else ""


def places() -> QuerySet[Place]:
    """Give the places in use, by their way."""
    return Place.objects.filter(is_in_use=True).order_by("site", "room", "cabinet")


def running_stock_take() -> StockTake | None:
    """Give the stock-take that runs now."""
    return StockTake.objects.filter(finished_at=None).select_related("started_by").first()


def stock_take_due() -> date | None:
    """Tell by when the next stock-take has to be finished: six months after the last one, or after the first item.

    None while there is no paper.
    """
    oldest = items().order_by("made_at").first()
    if oldest is None:
        return None
    last = StockTake.objects.exclude(finished_at=None).order_by("-finished_at").first()
    begins = last.finished_at if last and last.finished_at else oldest.made_at
    return timezone.localtime(begins).date() + timedelta(days=STOCK_TAKE_DAYS)


def open_searches() -> QuerySet[PaperSearch]:
    """Give the questions of the rights desk that no custodian has answered, the most pressing first."""
    return PaperSearch.objects.filter(answered_at=None).order_by("due_on", "pk")


def searches_of_case(case_ref: str) -> QuerySet[PaperSearch]:
    """Give the searches that were asked for a case, with what was found."""
    return PaperSearch.objects.filter(case_ref=case_ref).prefetch_related("found").order_by("pk")


def sought_of(search: PaperSearch) -> str:
    """Open what a search looks for; empty once it was answered."""
    sealed = bytes(search.sealed)
    return sealer().open(sealed, column=SOUGHT, token=bytes(search.folded)).decode() if sealed else ""
