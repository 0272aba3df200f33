"""Clearing away what was staged and won't count, in small transactions: after a discarded, failed or dead batch.

None of it was ever visible, so nothing but space hangs on how soon it is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db.models import Exists, OuterRef, QuerySet

from luvalla.register.importing.pace import Pace
from luvalla.register.models import Batch, BatchLine, Contact, Permission, Restriction, SourceNotice, StagedProhibition
from luvalla.register.queries import IN_FORCE, live_suppressions

CLOCKS_DIFFER: Final = timedelta(hours=1)
"""How far the clocks of two machines may be apart."""
AT_ONCE: Final = 500
Item = TypeVar("Item")


def clear_batch(batch: Batch) -> Pace:
    """Take away all that a batch staged; nothing when the batch is applied. Safe to run again."""
    pace = Pace()
    if Batch.objects.filter(pk=batch.pk, state__in=(*IN_FORCE, *Batch.PENDING)).exists():
        return pace
    steps = (_go_on_living, _take_back, _forget_signals, forget_prohibitions)
    while any(step(batch, pace) for step in steps):
        pass
    return pace


def forget_prohibitions(batch: Batch, pace: Pace) -> int:
    """Delete some prohibitions that were staged with a batch; tell how many."""
    some = list(StagedProhibition.objects.filter(batch=batch).values_list("pk", flat=True)[: pace.size])
    if some:
        with pace.transaction(len(some)):
            StagedProhibition.objects.filter(pk__in=some).delete()
    return len(some)


def drop_stopped(batch: Batch) -> int:
    """Take away what was staged for mailboxes and domains stopped since the batch began; tell how many permissions.

    A stop that commits while its mailbox is being staged has erased before the row was seen. Whoever is restricted
    since then is left untouched too (GDPR 18).
    """
    since, pace, dropped = batch.created_at - CLOCKS_DIFFER, Pace(), 0
    for contacts in _in_pieces([*_stopped_since(since), *(restricted := _restricted_since(since))]):
        staged = Permission.objects.filter(batch=batch, contact__in=contacts)
        if pairs := list(staged.values_list("pk", "contact_id")):
            with pace.transaction(len(pairs)):
                _delete_staged(pairs)
            dropped += len(pairs)
        _drop_prohibitions(batch, contacts, pace)
    for contacts in _in_pieces(restricted):
        spared = Permission.objects.filter(ending_batch=batch, ended_at=None, contact__in=contacts)
        if spared.exists():
            with pace.transaction(len(contacts)):
                spared.update(ending_batch=None)
    return dropped


def _drop_prohibitions(batch: Batch, contacts: Sequence[int], pace: Pace) -> None:
    mailboxes = Contact.objects.filter(pk__in=contacts).values("folded")
    staged = StagedProhibition.objects.filter(batch=batch, folded__in=mailboxes)
    if staged.exists():
        with pace.transaction(len(contacts)):
            staged.delete()


def _stopped_since(since: datetime) -> Iterator[int]:
    """Go through the contacts of mailboxes and domains stopped since then: there are few."""
    tokens = live_suppressions().filter(since__gt=since).values_list("token", flat=True)
    for some in _in_pieces([bytes(each) for each in tokens]):
        for of in ("folded", "domain"):
            yield from Contact.objects.filter(**{f"{of}__in": some}).values_list("pk", flat=True)


def _restricted_since(since: datetime) -> list[int]:
    now = Restriction.objects.filter(since__gt=since, lifted_at=None)
    return list(now.values_list("contact_id", flat=True))


def _in_pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + AT_ONCE] for at in range(0, len(items), AT_ONCE))


def clear_leftovers() -> int:
    """Clear what processes that died while clearing have left; tell of how many batches."""
    left = Batch.objects.exclude(state__in=(*IN_FORCE, *Batch.PENDING)).filter(
        Exists(Permission.objects.filter(batch=OuterRef("pk")))
        | Exists(Permission.objects.filter(ending_batch=OuterRef("pk")))
        | Exists(SourceNotice.objects.filter(batch=OuterRef("pk")))
        | Exists(StagedProhibition.objects.filter(batch=OuterRef("pk")))
    )
    return len([clear_batch(each) for each in left])


def late_lines(before: datetime) -> QuerySet[BatchLine]:
    """Give the refused lines of imports brought before then and decided since."""
    return BatchLine.objects.filter(batch__created_at__lt=before).exclude(batch__state__in=Batch.PENDING)


def forget_lines(before: datetime) -> int:
    """Delete the lists of refused lines of imports brought before then and decided since; tell how many lines went."""
    pace, gone, late = Pace(), 0, late_lines(before)
    while some := list(late.values_list("pk", flat=True)[: pace.size]):
        with pace.transaction(len(some)):
            BatchLine.objects.filter(pk__in=some).delete()
        gone += len(some)
    return gone


def _without_permission(contacts: Sequence[int]) -> list[int]:
    """Pick, under lock, the contacts on which neither a permission nor a restriction hangs."""
    free = Contact.objects.select_for_update().filter(pk__in=contacts, restricted_at=None)
    ids = list(free.order_by("pk").values_list("pk", flat=True))
    alone = Contact.objects.filter(~Exists(Permission.objects.filter(contact=OuterRef("pk"))), pk__in=ids)
    return list(alone.values_list("pk", flat=True))


def _go_on_living(batch: Batch, pace: Pace) -> int:
    """Let permissions that the batch was to end go on."""
    some = list(Permission.objects.filter(ending_batch=batch).values_list("pk", flat=True)[: pace.size])
    if some:
        with pace.transaction(len(some)):
            Permission.objects.filter(pk__in=some, ending_batch=batch).update(ending_batch=None)
    return len(some)


def _take_back(batch: Batch, pace: Pace) -> int:
    """Delete staged permissions with the contacts that came with them."""
    staged = Permission.objects.filter(batch=batch).order_by("pk")
    pairs = list(staged.values_list("pk", "contact_id")[: pace.size])
    if pairs:
        with pace.transaction(len(pairs)):
            _delete_staged(pairs)
    return len(pairs)


def _delete_staged(pairs: Sequence[tuple[int, int]]) -> None:
    Permission.objects.filter(pk__in=[permission for permission, _ in pairs]).delete()
    Contact.objects.filter(pk__in=_without_permission([contact for _, contact in pairs])).delete()


def _forget_signals(batch: Batch, pace: Pace) -> int:
    """Delete the notices to the source; the list of refused lines stays a while for whoever corrects the file."""
    signals = list(SourceNotice.objects.filter(batch=batch).values_list("pk", flat=True)[: pace.size])
    if signals:
        with pace.transaction(len(signals)):
            SourceNotice.objects.filter(pk__in=signals).delete()
    return len(signals)
