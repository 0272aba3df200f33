"""Settling an applied import: what ended is marked as ended, and whoever has no permission left is erased.

The relationship has ended, nobody has objected: the address goes without a suppression, so that the next contract
brings it back, and a proof of what permitted its letters is kept for its time (GDPR 17(3)(e)).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.erasures import Entry, Operation
from luvalla.register.importing.clearing import drop_stopped, forget_prohibitions
from luvalla.register.importing.pace import Pace
from luvalla.register.models import Batch, Contact, Permission, StagedProhibition
from luvalla.register.proofs import keep_proofs
from luvalla.register.queries import IN_FORCE
from luvalla.register.uploads import delete_upload

GONE: Final = "gone_from_source"
State = Batch.State


def settle_batch(batch: Batch) -> Pace:
    """Clear up after the flip, in small transactions. Safe to run again, and by two processes at once."""
    pace = Pace(size=20)
    if batch.state != State.APPLIED:
        return pace
    drop_stopped(batch)
    while forget_prohibitions(batch, pace):
        pass
    erased = 0
    while some := _ended(batch, pace.size):
        with pace.transaction(len(some)):
            erased += _end(batch, some)
    with transaction.atomic(durable=True):
        if Batch.objects.filter(pk=batch.pk, state=State.APPLIED).update(state=State.SETTLED):
            facts = {"source": batch.source.key, "erased": erased}
            record("register.settle_batch", actor=SYSTEM, subject=Subject("batch", str(batch.ref)), facts=facts)
    delete_upload(batch.upload)
    batch.refresh_from_db()
    return pace


def _ended(batch: Batch, limit: int) -> list[tuple[int, int]]:
    waiting = Permission.objects.filter(ending_batch=batch, ended_at=None).order_by("pk")
    return list(waiting.values_list("pk", "contact_id")[:limit])


def _end(batch: Batch, pairs: Sequence[tuple[int, int]]) -> int:
    """End some permissions and erase the contacts that have none left; tell how many contacts went."""
    permissions = Permission.objects.filter(pk__in=[permission for permission, _ in pairs])
    permissions.update(ended_at=batch.applied_at or timezone.now())
    return erase_leaving([contact for _, contact in pairs])


def erase_leaving(contacts: Sequence[int]) -> int:
    """Erase those of the contacts that have no permission left, in the caller's transaction; tell how many went."""
    leaving = list(_leaving(contacts))
    if not leaving:
        return 0
    keep_proofs(leaving, why=GONE)
    ids, mailboxes = [each.pk for each in leaving], {bytes(each.folded) for each in leaving}
    Contact.objects.filter(pk__in=ids).delete()
    still_here = Contact.objects.filter(folded__in=mailboxes).values_list("folded", flat=True)
    gone = mailboxes.difference(bytes(each) for each in still_here)
    if gone:
        StagedProhibition.objects.filter(folded__in=gone).delete()
        erasures.append([Entry(Operation.ERASE, tuple(sorted(gone)))])
    return len(ids)


def _leaving(contacts: Sequence[int]) -> list[Contact]:
    """Pick, under lock, the contacts without any permission that lives or is about to."""
    held = Contact.objects.select_for_update().filter(pk__in=contacts, restricted_at=None).order_by("pk")
    found = {each.pk: each for each in held}
    counting = Permission.objects.filter(contact__in=list(found), ended_at=None).select_related("batch")
    for each in counting:
        if each.batch is None or each.batch.state in {*IN_FORCE, *Batch.PENDING}:
            found.pop(each.contact_id, None)
    return list(found.values())
