"""Reading paper: who may handle it, what lies where, and what is late."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from luvalla.ledger.vault import sealer
from luvalla.paper.columns import DESCRIPTION, SOUGHT
from luvalla.paper.days import OF_A_CASE, STOCK_TAKE_DAYS
from luvalla.paper.models import CustodyEvent, PaperItem, PaperSearch, Place, StockTake
from luvalla.people.models import User
from luvalla.people.queries import accounts, may, why_closed
from luvalla.people.roles import Capability
from luvalla.register.models import Contact

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
    there = PaperItem.objects.filter(destroyed_at=None, lost_at=None, posted_at=None)
    return there.select_related("place", "custodian", "holder", "destruction__witness").order_by("-pk")


def gone_items() -> QuerySet[PaperItem]:
    """Give the items that were destroyed, lost or posted, the last first."""
    gone = PaperItem.objects.exclude(destroyed_at=None, lost_at=None, posted_at=None)
    return gone.order_by(Coalesce("destroyed_at", "lost_at", "posted_at").desc())


def lost_items() -> QuerySet[PaperItem]:
    """Give the items that were given up as lost."""
    return PaperItem.objects.exclude(lost_at=None)


def items_in_wrong_hands() -> QuerySet[PaperItem]:
    """Give the items that somebody has in hand who may not handle paper today (S22)."""
    holders = User.objects.filter(pk__in=items().exclude(holder=None).values("holder"))
    shut = [each.pk for each in holders.select_related("undertaking", "employer") if why_not_handle(each)]
    return items().filter(holder__in=shut).order_by("pk")


def items_missing() -> QuerySet[PaperItem]:
    """Give the items that the last stock-take didn't see in their places, and that nobody has handled since (S21)."""
    last = last_stock_take()
    if last is None:
        return items().none()
    handled = CustodyEvent.objects.filter(at__gt=last.finished_at).values("item")
    return items().filter(pk__in=last.missed.values("pk")).exclude(pk__in=handled).order_by("pk")


def items_in_the_open(today: date | None = None) -> QuerySet[PaperItem]:
    """Give the items that should lie in a locked place by now and don't (S21)."""
    locked = Q(place__is_locked=True, place__is_in_use=True)
    return items().filter(lock_by__lt=today or timezone.localdate()).exclude(locked)


def items_awaiting_witness() -> QuerySet[PaperItem]:
    """Give the items that were destroyed and whose witness has not confirmed it yet."""
    return items().exclude(destruction=None).select_related("destruction__person", "destruction__witness")


def items_to_lock() -> QuerySet[PaperItem]:
    """Give the items that lie in no locked place, late or not, the most pressing first."""
    return items().exclude(place__is_locked=True, place__is_in_use=True).order_by("lock_by", "pk")


def items_past_their_time(today: date | None = None) -> QuerySet[PaperItem]:
    """Give the items whose retention is over: they are to be destroyed, those about restricted people not (GDPR 18)."""
    over = items().filter(keep_until__lt=today or timezone.localdate(), destruction=None).exclude(_of_restricted())
    return over.order_by("keep_until", "pk")


def lost_items_past_their_time(today: date | None = None) -> QuerySet[PaperItem]:
    """Give the lost items whose retention is over and that are still described, those about restricted people not."""
    described = lost_items().exclude(folded=b"", sealed=b"").exclude(_of_restricted())
    return described.filter(keep_until__lt=today or timezone.localdate())


def _of_restricted() -> Q:
    """Tell of an item whether it is about somebody whose processing is restricted."""
    return Q(folded__in=Contact.objects.exclude(restricted_at=None).values("folded"))


def items_of_mailbox(folded: bytes) -> QuerySet[PaperItem]:
    """Give the items about the person behind a mailbox, also those nobody finds; destroyed ones not."""
    there = PaperItem.objects.filter(folded=folded, destroyed_at=None, posted_at=None)
    return there.select_related("place", "custodian", "holder").order_by("-pk")


def items_of_case(case_ref: str) -> QuerySet[PaperItem]:
    """Give the paper that belongs to a case, destroyed or not."""
    return PaperItem.objects.filter(about_kind=OF_A_CASE, about_ref=case_ref).order_by("pk")


def items_to_erase(folded: bytes) -> QuerySet[PaperItem]:
    """Give the paper that an erasure takes: all about the person's mailbox but what belongs to a request."""
    there = PaperItem.objects.filter(folded=folded) if folded else PaperItem.objects.none()
    return there.filter(destroyed_at=None, posted_at=None).exclude(about_kind=OF_A_CASE).order_by("pk")


def items_found_for(case_ref: str) -> QuerySet[PaperItem]:
    """Give what custodians found by hand for a case and is still there, but what belongs to a request."""
    found = PaperItem.objects.filter(searches__case_ref=case_ref, destroyed_at=None, posted_at=None).exclude(
        about_kind=OF_A_CASE
    )
    return found.distinct().order_by("pk")


def prints_of_case(case_ref: str) -> QuerySet[PaperItem]:
    """Give what was printed of a case and is still in the house: what can go into an envelope."""
    return items().filter(about_kind=OF_A_CASE, about_ref=case_ref, origin=PaperItem.Origin.PRINTED).order_by("pk")


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


def last_stock_take() -> StockTake | None:
    """Give the stock-take that ended last."""
    return StockTake.objects.exclude(finished_at=None).order_by("-finished_at").first()


def stock_take_due() -> date | None:
    """Tell by when the next stock-take has to be finished: six months after the last one, or after the first item.

    None while there is no paper.
    """
    oldest = items().order_by("made_at").first()
    if oldest is None:
        return None
    last = last_stock_take()
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
