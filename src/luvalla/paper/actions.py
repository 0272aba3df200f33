"""Writing paper: items come in, move, are described and destroyed; each step with its custody event and ledger row.

Whoever acts is a person of the custody list: NotACustodian otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import NOBODY, Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.paper import days
from luvalla.paper.claims import broken_claims
from luvalla.paper.columns import DESCRIPTION
from luvalla.paper.errors import (
    AwaitsWitness,
    ItemDestroyed,
    ItemHeld,
    ItemLost,
    ItemPosted,
    NotACustodian,
    PlaceUnfit,
    PrintingClosed,
    ReasonMissing,
)
from luvalla.paper.models import CustodyEvent, PaperItem, Place
from luvalla.paper.queries import description_of, why_not_handle
from luvalla.people.models import Undertaking, User
from luvalla.people.queries import user_of_ref
from luvalla.rules.ports import Door, closed_by

What = CustodyEvent.What
Origin = PaperItem.Origin


@transaction.atomic
def record_print(
    *,
    kind: str,
    about: Subject,
    actor: Actor,
    purpose: str,
    reason: str,
    pages: int = 1,
    description: str = "",
    folded: bytes = b"",
) -> PaperItem:
    """Make the item of something that is printed now; paper.printing puts its label on the page.

    kind is one of PaperItem.Kind; about names what is printed as the ledger does; purpose and reason say why it leaves
    the screen; folded is the token of the data subject's mailbox. Raises PrintingClosed while a promise about paper is
    broken.
    """
    broken = broken_claims() or closed_by(Door.PRINT)
    if broken:
        raise PrintingClosed(broken)
    item = _make(
        PaperItem(
            kind=kind,
            origin=Origin.PRINTED,
            about_kind=about.kind,
            about_ref=about.ref,
            pages=pages,
            keep_until=days.keep_until(Origin.PRINTED, about.kind, timezone.localdate()),
        ),
        description=description,
        folded=folded,
        person=person_of(actor),
    )
    # Whoever prints somebody's paper has opened it first, in a row that counts the address: this one counts none.
    facts = {"kind": kind, "about": about.kind, "addresses": 0}
    record_look(
        "paper.record_print", actor=actor, subject=subject_of(item), purpose=purpose, reason=reason, facts=facts
    )
    return item


@transaction.atomic
def enter_item(
    *,
    kind: str,
    origin: str,
    actor: Actor,
    pages: int = 1,
    description: str = "",
    folded: bytes = b"",
    arrived_on: date | None = None,
    about: Subject = NOBODY,
) -> PaperItem:
    """Enter a letter that came on paper, or a print that another program made; about names the case it belongs to."""
    today = timezone.localdate()
    item = _make(
        PaperItem(
            kind=kind,
            origin=origin,
            about_kind=about.kind,
            about_ref=about.ref,
            pages=pages,
            arrived_on=arrived_on or today,
            keep_until=days.keep_until(origin, about.kind, today),
        ),
        description=description,
        folded=folded,
        person=person_of(actor),
    )
    record("paper.enter_item", actor=actor, subject=subject_of(item), facts={"kind": kind, "origin": origin})
    return item


@transaction.atomic
def lock_away(*, item: PaperItem, place: Place, actor: Actor) -> PaperItem:
    """Check an item in: put it into a locked place, which ends its handling.

    An item that was lost has turned up by it. Raises PlaceUnfit for a place that isn't locked or in use, ItemDestroyed,
    and ItemHeld when another person has it.
    """
    person, kept = person_of(actor), locked_item(item)
    if kept.holder_id not in {None, person.pk}:
        raise ItemHeld
    where = Place.objects.select_for_update().get(pk=place.pk)
    if not (where.is_locked and where.is_in_use):
        raise PlaceUnfit
    kept.place, kept.holder, kept.custodian, kept.lost_at = where, None, person, None
    kept.save(update_fields=["place", "holder", "custodian", "lost_at"])
    note_event(kept, What.LOCKED_AWAY, person, place=where)
    record("paper.lock_away", actor=actor, subject=subject_of(kept), facts={"place": where.pk})
    return kept


@transaction.atomic
def check_out(*, item: PaperItem, actor: Actor, reason: str = "") -> PaperItem:
    """Take an item out of its place. It is back in a locked place a working day later at the latest.

    Raises ItemHeld when another person has it in hand, ItemDestroyed, and ItemLost.
    """
    person, kept = person_of(actor), item_there(item)
    if kept.holder_id is not None:
        raise ItemHeld
    kept.place, kept.holder, kept.lock_by = None, person, days.lock_by(timezone.localdate(), 0)
    kept.save(update_fields=["place", "holder", "lock_by"])
    note_event(kept, What.CHECKED_OUT, person)
    record("paper.check_out", actor=actor, subject=subject_of(kept), reason=reason)
    return kept


@transaction.atomic
def take_over(*, item: PaperItem, actor: Actor) -> PaperItem:
    """Take an item over from the person who holds it: it is in one's own hands now. ItemDestroyed, ItemLost."""
    person, kept = person_of(actor), item_there(item)
    kept.place, kept.holder, kept.custodian = None, person, person
    kept.save(update_fields=["place", "holder", "custodian"])
    note_event(kept, What.CHECKED_OUT, person)
    record("paper.take_over", actor=actor, subject=subject_of(kept))
    return kept


@transaction.atomic
def post_items(*, items: Iterable[PaperItem], at: datetime, actor: Actor) -> int:
    """Note that prints have left for the person they are about; what described them goes, number and custody stay.

    Tells how many. Raises ItemHeld when another person has one in hand, ItemPosted, ItemDestroyed, ItemLost.
    """
    person = person_of(actor)
    gone = [item_there(each) for each in items]
    if any(each.holder_id not in {None, person.pk} for each in gone):
        raise ItemHeld
    for each in gone:
        each.posted_at, each.holder, each.place = at, None, None
        each.folded, each.sealed = b"", b""
        each.save(update_fields=["posted_at", "holder", "place", "folded", "sealed"])
        note_event(each, What.POSTED, person)
        record("paper.post_item", actor=actor, subject=subject_of(each), facts={"about": each.about_kind})
    return len(gone)


@transaction.atomic
def give_up_as_lost(*, item: PaperItem, reason: str, actor: Actor) -> PaperItem:
    """Write down that an item can't be found; its description stays, so that it can be said whom the loss concerns.

    Raises ReasonMissing without the reason (how it was looked for), ItemHeld, ItemDestroyed, and ItemLost.
    """
    person, kept = person_of(actor), item_there(item)
    if not reason.strip():
        raise ReasonMissing
    if kept.holder_id not in {None, person.pk}:
        raise ItemHeld
    kept.lost_at, kept.holder, kept.place = timezone.now(), None, None
    kept.save(update_fields=["lost_at", "holder", "place"])
    note_event(kept, What.LOST, person)
    record("paper.give_up_as_lost", actor=actor, subject=subject_of(kept), reason=reason)
    return kept


@transaction.atomic
def let_paper_of_cases_go(case_refs: Iterable[str]) -> int:
    """Tell that the time of the paper of these cases is over: it is to be destroyed. Tells how much there is."""
    kept = PaperItem.objects.filter(
        about_kind=days.OF_A_CASE, about_ref__in=case_refs, destroyed_at=None, posted_at=None
    )
    return kept.filter(keep_until=None).update(keep_until=timezone.localdate() - timedelta(days=1))


@transaction.atomic
def have_destroyed(items: Iterable[PaperItem]) -> int:
    """Tell that an erasure ends the time of these items: custodians are asked to destroy them. Tells how many."""
    yesterday = timezone.localdate() - timedelta(days=1)
    there = PaperItem.objects.filter(pk__in=[each.pk for each in items], destroyed_at=None)
    return there.exclude(keep_until__lte=yesterday).update(keep_until=yesterday)


@transaction.atomic
def uncover_description(*, item: PaperItem, purpose: str, actor: Actor) -> str:
    """Open an item's description for a person to read; the look is a row in the ledger."""
    person_of(actor)
    record_look("paper.uncover_description", actor=actor, subject=subject_of(item), purpose=purpose)
    return description_of(item)


@transaction.atomic
def add_place(*, site: str, room: str, cabinet: str, is_locked: bool, actor: Actor) -> Place:
    """Write a place down; one that was given up is taken into use again."""
    person_of(actor)
    site, room, cabinet = (" ".join(each.split()) for each in (site, room, cabinet))
    place, _ = Place.objects.update_or_create(
        site=site, room=room, cabinet=cabinet, defaults={"is_locked": is_locked, "is_in_use": True}
    )
    record("paper.add_place", actor=actor, subject=Subject("place", str(place.pk)), facts={"locked": is_locked})
    return place


@transaction.atomic
def set_lock(*, place: Place, is_locked: bool, actor: Actor) -> None:
    """Write down that a place can be locked, or no longer can: what lies there lies open then."""
    person_of(actor)
    Place.objects.filter(pk=place.pk).update(is_locked=is_locked)
    record("paper.set_lock", actor=actor, subject=Subject("place", str(place.pk)), facts={"locked": is_locked})


@transaction.atomic
def give_up_place(*, place: Place, actor: Actor) -> None:
    """Take a place out of use; PlaceUnfit while paper lies there."""
    person_of(actor)
    kept = Place.objects.select_for_update().get(pk=place.pk)
    if kept.items.exists():
        raise PlaceUnfit
    kept.is_in_use = False
    kept.save(update_fields=["is_in_use"])
    record("paper.give_up_place", actor=actor, subject=Subject("place", str(place.pk)))


def person_of(actor: Actor) -> User:
    """Give the person behind an actor who may handle paper; NotACustodian with the reason otherwise."""
    person = user_of_ref(actor.ref) if actor.kind == "person" else None
    why = why_not_handle(person)
    if person is None or why:
        raise NotACustodian(why)
    return person


def note_event(item: PaperItem, what: str, person: User, *, place: Place | None = None, method: str = "") -> None:
    """Write in the caller's transaction who handled an item, and under which undertaking."""
    CustodyEvent.objects.create(
        item=item, what=what, person=person, undertaking=undertaking_of(person), place=place, method=method
    )


def undertaking_of(person: User) -> Undertaking:
    """Give the undertaking of secrecy under which somebody handles paper; NotACustodian without one."""
    if person.undertaking is None:
        raise NotACustodian(why_not_handle(person))
    return person.undertaking


def subject_of(item: PaperItem) -> Subject:
    """Name an item as the ledger does."""
    return Subject("paper item", str(item.ref))


def _make(item: PaperItem, *, description: str, folded: bytes, person: User) -> PaperItem:
    item.custodian = item.holder = person
    item.lock_by = days.lock_by(timezone.localdate())
    item.folded = folded
    text = description.strip()
    item.sealed = sealer().seal(text.encode(), column=DESCRIPTION, token=folded) if text else b""
    item.save()
    note_event(item, What.MADE, person)
    return item


def item_there(item: PaperItem) -> PaperItem:
    """Take the row of an item that can be handled; ItemLost for one that nobody has found."""
    kept = locked_item(item)
    if kept.lost_at is not None:
        raise ItemLost
    return kept


def locked_item(item: PaperItem) -> PaperItem:
    """Take the item's row for this transaction; ItemDestroyed when there is no paper any more, as far as is known.

    AwaitsWitness for one that was destroyed without its witness having confirmed it yet, ItemPosted for one that left.
    """
    kept = PaperItem.objects.select_for_update().get(pk=item.pk)
    if kept.destroyed_at is not None:
        raise ItemDestroyed
    if kept.posted_at is not None:
        raise ItemPosted
    if kept.destruction_id is not None:
        raise AwaitsWitness
    return kept
