"""Destroying paper: somebody destroys it and says so, and its witness confirms it; until then it waits for its witness.

The witness is another person of the custody list, who confirms in a session of their own, or somebody from outside who
has signed a protocol, whose scan is kept. Without either nothing counts as destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.paper import days
from luvalla.paper.actions import locked_item, note_event, person_of, subject_of, undertaking_of
from luvalla.paper.columns import PROTOCOL, WITNESS
from luvalla.paper.errors import ItemHeld, ItemLost, NoSuchDestruction, ProtocolNeeded, WitnessNeeded
from luvalla.paper.models import CustodyEvent, Destruction, PaperItem
from luvalla.paper.queries import why_not_handle
from luvalla.people.models import User
from luvalla.people.undertakings import kind_of_scan
from luvalla.rules.ports import Keeping
from luvalla.rules.purposes import LookedAtFor
from luvalla.rules.retention import CASE

METHODS: Final = ("shredded", "burned", "contractor")
"""How paper is destroyed: in an own shredder, by fire, or by a contractor with a certificate."""
What = CustodyEvent.What


class Outsider(NamedTuple):
    """A witness from outside the organisation: the name as in the signed protocol, and the protocol's scan."""

    name: str
    protocol: bytes


@transaction.atomic
def begin_destruction(*, items: Iterable[PaperItem], method: str, witness: User, actor: Actor) -> Destruction:
    """Say that items were destroyed before a witness, who is asked to confirm it. Until then they are in one's hands.

    Raises WitnessNeeded when the witness is the same person or may not handle paper, ItemHeld, ItemDestroyed, ItemLost,
    and AwaitsWitness for an item that waits already.
    """
    person = person_of(actor)
    if witness.pk == person.pk or why_not_handle(witness):
        raise WitnessNeeded
    destruction = Destruction.objects.create(
        method=method, person=person, undertaking=undertaking_of(person), witness=witness
    )
    _take_in_hand(items, destruction, person, actor)
    return destruction


@transaction.atomic
def destroy_before_outsider(
    *, items: Iterable[PaperItem], method: str, outsider: Outsider, actor: Actor
) -> Destruction:
    """Say that items were destroyed before a witness from outside, whose signed protocol is kept, sealed.

    Raises ProtocolNeeded without a name or for anything but a PDF, PNG or JPEG file, and what begin_destruction raises.
    """
    person, name = person_of(actor), " ".join(outsider.name.split())
    kind = kind_of_scan(outsider.protocol)
    if not (name and kind):
        raise ProtocolNeeded
    destruction = Destruction(method=method, person=person, undertaking=undertaking_of(person), protocol_type=kind)
    bound = destruction.ref.bytes
    destruction.outsider = sealer().seal(json.dumps({"name": name}).encode(), column=WITNESS, token=bound)
    destruction.protocol = sealer().seal(outsider.protocol, column=PROTOCOL, token=bound)
    destruction.confirmed_at = timezone.now()
    destruction.save()
    _take_in_hand(items, destruction, person, actor)
    _let_go(destruction, actor, witness="outside")
    return destruction


@transaction.atomic
def confirm_destruction(*, destruction: Destruction, actor: Actor) -> int:
    """Confirm as its witness that one saw the paper destroyed; what described it goes. Tells how many items.

    Raises NotACustodian, and NoSuchDestruction for anybody but its witness or one that waits no more.
    """
    person, row = person_of(actor), _waiting_for_somebody(destruction)
    if row.witness_id != person.pk:
        raise NoSuchDestruction
    row.confirmed_at = timezone.now()
    row.save(update_fields=["confirmed_at"])
    for each in row.items.all():
        note_event(each, What.WITNESSED, person, method=row.method)
    return _let_go(row, actor, witness=str(person.ref))


@transaction.atomic
def deny_destruction(*, destruction: Destruction, actor: Actor) -> None:
    """Say as its witness that one did not see it, or take one's own word back: the paper is in its person's hands.

    Raises NotACustodian, and NoSuchDestruction for anybody else or one that waits no more.
    """
    person, row = person_of(actor), _waiting_for_somebody(destruction)
    if person.pk not in {row.witness_id, row.person_id}:
        raise NoSuchDestruction
    for each in row.items.all():
        note_event(each, What.UNCONFIRMED, person)
        by_witness = int(person.pk == row.witness_id)
        record("paper.deny_destruction", actor=actor, subject=subject_of(each), facts={"by_witness": by_witness})
    row.items.update(destruction=None)
    row.delete()


@transaction.atomic
def open_protocol(*, destruction: Destruction, actor: Actor) -> bytes:
    """Open the scan of an outside witness's protocol, with its row in the ledger; NoSuchDestruction without one."""
    if not destruction.protocol:
        raise NoSuchDestruction
    subject = Subject("destruction", str(destruction.ref))
    record_look("paper.open_protocol", actor=actor, purpose=LookedAtFor.SUPERVISION, subject=subject)
    return sealer().open(bytes(destruction.protocol), column=PROTOCOL, token=destruction.ref.bytes)


def outsider_of(destruction: Destruction) -> str:
    """Open the name of an outside witness; empty where there is none, or its time is over."""
    sealed = bytes(destruction.outsider)
    if not sealed:
        return ""
    name: str = json.loads(sealer().open(sealed, column=WITNESS, token=destruction.ref.bytes))["name"]
    return name


def destructions_waiting() -> QuerySet[Destruction]:
    """Give the destructions that wait for their witness, the oldest first."""
    waiting = Destruction.objects.filter(confirmed_at=None).select_related("person", "witness")
    return waiting.prefetch_related("items").order_by("at")


def destructions_to_witness(user: User) -> QuerySet[Destruction]:
    """Give those that wait for this person."""
    return destructions_waiting().filter(witness=user)


def _take_in_hand(items: Iterable[PaperItem], destruction: Destruction, person: User, actor: Actor) -> None:
    for each in [locked_item(item) for item in items]:
        if each.lost_at is not None:
            raise ItemLost
        if each.holder_id not in {None, person.pk}:
            raise ItemHeld
        each.place, each.holder, each.destruction = None, person, destruction
        each.lock_by = days.lock_by(timezone.localdate(), 0)
        each.save(update_fields=["place", "holder", "destruction", "lock_by"])
        note_event(each, What.DESTROYED, person, method=destruction.method)
        facts = {"method": destruction.method, "destruction": str(destruction.ref)}
        record("paper.begin_destruction", actor=actor, subject=subject_of(each), facts=facts)


def _let_go(destruction: Destruction, actor: Actor, *, witness: str) -> int:
    gone: Sequence[PaperItem] = list(destruction.items.select_for_update())
    for each in gone:
        each.destroyed_at, each.holder, each.place = timezone.now(), None, None
        each.folded, each.sealed = b"", b""
        each.save(update_fields=["destroyed_at", "holder", "place", "folded", "sealed"])
        facts = {"method": destruction.method, "witness": witness, "destruction": str(destruction.ref)}
        record("paper.destroy_item", actor=actor, subject=subject_of(each), facts=facts)
    return len(gone)


def _waiting_for_somebody(destruction: Destruction) -> Destruction:
    row = Destruction.objects.select_for_update().filter(pk=destruction.pk, confirmed_at=None).first()
    if row is None:
        raise NoSuchDestruction
    return row


def _with_old_protocol(now: datetime) -> QuerySet[Destruction]:
    return Destruction.objects.filter(confirmed_at__lt=now - CASE).exclude(protocol=b"")


KEEPING: Final = Keeping(
    "destruction_protocols",
    lambda now: _with_old_protocol(now).count(),
    lambda now: _with_old_protocol(now).update(outsider=b"", protocol=b"", protocol_type=""),
    kept=CASE,
)
"""As long as it can be asked how a request was answered, it can be shown that its paper is gone."""
