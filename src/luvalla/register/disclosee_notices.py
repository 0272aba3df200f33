"""Telling those who were given the data of a change outside a case (GDPR 19): stopped, corrected or restricted.

A stop waits for none of it. In its own transaction it keeps what tells who has the data, sealed; where no disclosee is
recorded, nothing. Who it is, is worked out a moment later, and each of them gets a notice, sealed until it was told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.register.columns import CHANGE_TO_TELL, DISCLOSEE_NOTICE, WHY_UNTOLD
from luvalla.register.disclosures import Known, disclosed_together, known_of
from luvalla.register.errors import ReasonMissing
from luvalla.register.models import ChangeToTell, Contact, DiscloseeNotice, Stop
from luvalla.register.queries import whole_address

Kind = DiscloseeNotice.Kind
Result = DiscloseeNotice.Result
AT_ONCE: Final = 200
"""How many changes are worked out in one go."""
ERASING: Final = frozenset({
    Stop.Kind.WITHDRAWAL, Stop.Kind.OBJECTION, Stop.Kind.ERASURE, Stop.Kind.COMPANY, Stop.Kind.ANONYMISED,
})  # fmt: skip
"""Stops that erase at somebody's wish; what ends by itself, such as a mailbox that is gone, is told to nobody."""


class Change(NamedTuple):
    """What a disclosee is told: whose data has changed, and the right address of a correction."""

    address: str
    corrected: str = ""


def note_changes(contacts: Sequence[Contact], *, kind: Kind, corrected: str = "") -> int:
    """Keep, in the caller's transaction and before anything goes, what tells who was given these contacts' data.

    One change a mailbox, by each of its addresses; none where no disclosee is recorded, or for an address that nobody
    can read. Tells how many.
    """
    if not contacts or not Disclosee.objects.exists():
        return 0
    addresses: dict[bytes, list[str]] = {}
    for each in contacts:
        if (address := whole_address(each)) is not None:
            addresses.setdefault(bytes(each.folded), []).append(address)
    known = known_of(list(addresses))
    rows = [
        ChangeToTell(kind=kind, folded=folded, sealed=_sealed_change(Change(address, corrected), known[folded], folded))
        for folded, each in addresses.items()
        for address in dict.fromkeys(each)
    ]
    return len(ChangeToTell.objects.bulk_create(rows))


@transaction.atomic
def find_disclosees() -> int:
    """Work out who was given the data of the oldest changes, and write each of them a notice; tell how many notices."""
    changes = list(ChangeToTell.objects.select_for_update().order_by("pk")[:AT_ONCE])
    if not changes:
        return 0
    opened = {each.pk: _opened_change(each) for each in changes}
    given = disclosed_together({pk: known for pk, (_, known) in opened.items()})
    made = DiscloseeNotice.objects.bulk_create(
        _notice(to, each, opened[each.pk][0]) for each in changes for to in given[each.pk]
    )
    ChangeToTell.objects.filter(pk__in=list(opened)).delete()
    facts = {"changes": len(changes), "notices": len(made)}
    record("register.find_disclosees", actor=SYSTEM, subject=Subject("disclosures"), facts=facts)
    return len(made)


def untold(to: Disclosee | None = None) -> QuerySet[DiscloseeNotice]:
    """Give the notices that their disclosee has not been told, the oldest first."""
    waiting = DiscloseeNotice.objects.filter(told_at=None).select_related("to").order_by("pk")
    return waiting if to is None else waiting.filter(to=to)


def change_of(notice: DiscloseeNotice) -> Change:
    """Open what a notice says; nothing once it was told."""
    sealed = bytes(notice.sealed)
    if not sealed:
        return Change("")
    return Change(*json.loads(sealer().open(sealed, column=DISCLOSEE_NOTICE, token=bytes(notice.folded))))


@transaction.atomic
def note_told(
    *, notices: Collection[DiscloseeNotice], result: Result, why: str = "", on: date | None = None, actor: Actor
) -> int:
    """Note that a disclosee was told, or that it is impossible and why; the addresses go. Tells how many were noted.

    Raises ReasonMissing for an impossibility without a reason (GDPR 19: "impossible or disproportionate effort").
    """
    if result == Result.IMPOSSIBLE and not why.strip():
        raise ReasonMissing
    rows = list(untold().select_for_update(of=("self",)).filter(pk__in=[each.pk for each in notices]))
    for each in rows:
        each.told_at, each.told_by, each.result = timezone.now(), str(actor), result
        each.folded, each.sealed = b"", b""
        each.why = sealer().seal(why.encode(), column=WHY_UNTOLD, token=each.ref.bytes) if why.strip() else b""
    DiscloseeNotice.objects.bulk_update(rows, ["told_at", "told_by", "result", "folded", "sealed", "why"])
    for to, count in _counted(rows).items():
        facts = {"notices": count, "result": result.value, "on": on.isoformat() if on else None}
        record("register.note_told", actor=actor, subject=Subject("disclosee", str(to)), facts=facts)
    return len(rows)


def _counted(rows: Sequence[DiscloseeNotice]) -> Mapping[int, int]:
    counts: dict[int, int] = {}
    for each in rows:
        counts[each.to_id] = counts.get(each.to_id, 0) + 1
    return counts


def _notice(to: Disclosee, of: ChangeToTell, change: Change) -> DiscloseeNotice:
    folded = bytes(of.folded)
    sealed = sealer().seal(json.dumps(change).encode(), column=DISCLOSEE_NOTICE, token=folded)
    return DiscloseeNotice(
        to=to, kind=of.kind, folded=folded, sealed=sealed, created_at=of.at, by_post=not to.notice_email
    )


def _sealed_change(change: Change, known: Known, folded: bytes) -> bytes:
    said = json.dumps([change, known.to_json()]).encode()
    return sealer().seal(said, column=CHANGE_TO_TELL, token=folded)


def _opened_change(row: ChangeToTell) -> tuple[Change, Known]:
    opened = sealer().open(bytes(row.sealed), column=CHANGE_TO_TELL, token=bytes(row.folded))
    change, known = json.loads(opened)
    return Change(*change), Known.from_json(known)
