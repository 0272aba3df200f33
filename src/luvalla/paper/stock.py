"""Stock-takes: everything that should lie in its place is looked for, and what differs is written down."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.paper.actions import note_event, person_of
from luvalla.paper.errors import ItemDestroyed, ItemPosted, PlaceUnfit, StockTakeNeeded
from luvalla.paper.models import Count, CustodyEvent, PaperItem, Place, StockTake
from luvalla.paper.queries import items, running_stock_take


@dataclass(frozen=True, slots=True)
class Differences:
    """How a stock-take stands: how much lies in its place, was found elsewhere, hasn't been seen, is in hand."""

    in_place: int
    misplaced: int
    missing: int
    in_hand: int


def differences(stock_take: StockTake) -> Differences:
    """Count how a stock-take stands, or how it ended."""
    seen = stock_take.counts.count()
    in_place = stock_take.counts.filter(place=F("written_place")).count()
    missing = stock_take.missed.count() if stock_take.finished_at else unseen_items(stock_take).count()
    in_hand = 0 if stock_take.finished_at else items().exclude(holder=None).count()
    return Differences(in_place, seen - in_place, missing, in_hand)


def unseen_items(stock_take: StockTake) -> QuerySet[PaperItem]:
    """Give the items that should lie in a place and haven't been seen in the stock-take, place by place."""
    seen = stock_take.counts.values("item")
    order = ("place__site", "place__room", "place__cabinet", "pk")
    return items().exclude(place=None).exclude(pk__in=seen).order_by(*order)


@transaction.atomic
def start_stock_take(*, actor: Actor) -> StockTake:
    """Start a stock-take, or give the one that runs."""
    person = person_of(actor)
    running = running_stock_take()
    if running is not None:
        return running
    stock_take = StockTake.objects.create(started_by=person)
    record("paper.start_stock_take", actor=actor, subject=_subject(stock_take))
    return stock_take


@transaction.atomic
def count_item(*, item: PaperItem, place: Place, actor: Actor) -> Count:
    """Note that an item lies in a place; from now on that is where it is written to lie.

    Raises StockTakeNeeded while none runs, ItemDestroyed and ItemPosted for a thing that shouldn't be there any more,
    and PlaceUnfit.
    """
    person, stock_take = person_of(actor), running_stock_take()
    if stock_take is None:
        raise StockTakeNeeded
    kept = PaperItem.objects.select_for_update().get(pk=item.pk)
    if kept.destroyed_at is not None:
        raise ItemDestroyed
    if kept.posted_at is not None:
        raise ItemPosted
    if not (place.is_locked and place.is_in_use):
        raise PlaceUnfit
    written = {"place": place, "written_place": kept.place}
    count, is_new = Count.objects.get_or_create(stock_take=stock_take, item=kept, defaults=written)
    if is_new:
        kept.place, kept.holder, kept.lost_at = place, None, None
        kept.save(update_fields=["place", "holder", "lost_at"])
        note_event(kept, CustodyEvent.What.COUNTED, person, place=place)
    return count


@transaction.atomic
def finish_stock_take(*, actor: Actor) -> StockTake:
    """End the stock-take and write down what wasn't seen. StockTakeNeeded while none runs."""
    person_of(actor)
    stock_take = running_stock_take()
    if stock_take is None:
        raise StockTakeNeeded
    stock_take.missed.set(unseen_items(stock_take))
    stock_take.finished_at = timezone.now()
    stock_take.save(update_fields=["finished_at"])
    ended = differences(stock_take)
    facts = {"in_place": ended.in_place, "misplaced": ended.misplaced, "missing": ended.missing}
    record("paper.finish_stock_take", actor=actor, subject=_subject(stock_take), facts=facts)
    return stock_take


def _subject(stock_take: StockTake) -> Subject:
    return Subject("stock-take", str(stock_take.ref))
