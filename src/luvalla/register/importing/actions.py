r"""Bringing, deciding and releasing imports. Each write has its ledger row in the same transaction; figures only.

    READING --> STAGED ------------------------------> APPLIED --> SETTLED
       |          |  \--> AWAITING_RELEASE --> STAGED
       v          v
    FAILED     DISCARDED

Nothing is visible before APPLIED, which is one flip.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.register.admission import admit
from luvalla.register.importing.clearing import clear_batch, drop_stopped
from luvalla.register.importing.comparing import Group, Note
from luvalla.register.importing.errors import (
    Lost,
    NotDecidable,
    NotReadable,
    ReleaseMissing,
    SamePerson,
    Undecided,
)
from luvalla.register.importing.evidence import uses_kind
from luvalla.register.importing.export import Export, Opener, Options
from luvalla.register.importing.faults import FileFault
from luvalla.register.importing.prohibiting import forbid_staged
from luvalla.register.importing.staging import Progress, Reading, Staging
from luvalla.register.models import Audience, Batch, Source
from luvalla.rules.purposes import PermissionKind
from luvalla.rules.retention import UNDECIDED_IMPORT

LOSS_TO_RELEASE: Final = 10
"""An import in which more than one in so many of the source's addresses is gone needs a second person."""
LONGEST_NAME: Final = 120
OPENING: Final = timedelta(minutes=2)
"""How long a reader may look at a file before it stages the first rows."""
State = Batch.State


def begin_batch(
    *,
    source: Source,
    audience: Audience | None = None,
    permission: PermissionKind,
    purposes: Collection[str] = (),
    file_name: str = "",
    upload: str = "",
    actor: Actor,
) -> Batch:
    """Open a batch for an export of a source; Undecided when the source has another one on its way.

    `purposes` are the keys a consent was given for. A batch whose reader died is discarded and doesn't count.
    """
    discard_abandoned(source)
    try:
        with transaction.atomic(durable=True):
            return Batch.objects.create(
                source=source,
                audience=audience or source.default_audience,
                permission=permission.value,
                reading={"purposes": list(purposes)},
                file_name=_harmless(file_name),
                upload=upload,
                brought_by=str(actor),
                lease_until=timezone.now() + OPENING,
            )
    except IntegrityError:
        waiting = Batch.objects.filter(source=source, state__in=Batch.PENDING).first()
        raise Undecided(waiting.pk if waiting else 0) from None


def stage_batch(
    *, batch: Batch, opener: Opener, options: Options, on_progress: Progress | None = None, actor: Actor
) -> Staging:
    """Read the file of a batch that is being read, and stage what it would change; the batch is STAGED afterwards.

    It is AWAITING_RELEASE instead where over a tenth of the source's addresses is gone. Raises NotReadable, and
    Lost when another process gave the batch up; whatever is raised, nothing is visible and what was staged is cleared.
    """
    try:
        export = open_export(opener, options, permission=PermissionKind(batch.permission))
        _note_form(batch, export)
        staging = Staging(batch, export, on_progress=on_progress)
        staging.run()
        _check(staging)
        drop_stopped(batch)
        _finish_staging(batch, staging, actor)
    except Lost:
        clear_batch(batch)
        raise
    except BaseException as fault:
        _fail(batch, fault.fault if isinstance(fault, NotReadable) else FileFault.INTERRUPTED, actor)
        raise
    return staging


def compare_export(
    *,
    source: Source,
    audience: Audience | None = None,
    permission: PermissionKind,
    purposes: Collection[str] = (),
    opener: Opener,
    options: Options,
    on_progress: Progress | None = None,
) -> Reading:
    """Tell what an export would change, and write nothing at all."""
    batch = Batch(
        source=source,
        audience=audience or source.default_audience,
        permission=permission.value,
        reading={"purposes": list(purposes)},
    )
    export = open_export(opener, options, permission=permission)
    reading = Reading(batch, export, on_progress=on_progress)
    reading.run()
    _check(reading)
    return reading


def open_export(opener: Opener, options: Options, *, permission: PermissionKind) -> Export:
    """Open a file as an export for permissions of a kind; NotReadable says what is wrong."""
    return Export(opener, replace(options, uses_kind=uses_kind(permission)))


@transaction.atomic(durable=True)
def release_batch(*, batch: Batch, by: Actor, actor: Actor) -> Batch:
    """Let an import that loses many addresses be decided; SamePerson when `by` brought it."""
    fresh = _locked(batch, State.AWAITING_RELEASE)
    if str(by) == fresh.brought_by:
        raise SamePerson
    _change(fresh, state=State.STAGED, released_by=str(by))
    _note("register.release_batch", fresh, actor, {"released_by": str(by), **_counts(fresh)})
    return fresh


def apply_batch(*, batch: Batch, actor: Actor) -> Batch:
    """Make everything that was staged count, by one flip; settling follows as a job.

    Raises ReleaseMissing, SamePerson when the decider is who released it, and NotDecidable in any other state; and
    ErasuresUnwritable, with nothing done, where what it forbids can't be put outside the backups.
    """
    drop_stopped(batch)
    with transaction.atomic(durable=True):
        admit()
        fresh = _locked(batch, State.STAGED, State.AWAITING_RELEASE)
        if needs_release(fresh) and not fresh.released_by:
            raise ReleaseMissing
        if str(actor) == fresh.released_by:
            raise SamePerson
        counts, now = {**fresh.counts, Note.FORBIDDEN.value: forbid_staged(fresh)}, timezone.now()
        _change(fresh, state=State.APPLIED, counts=counts, decided_by=str(actor), applied_at=now, decide_by=None)
        _note("register.apply_batch", fresh, actor, {"released_by": fresh.released_by, **_counts(fresh)})
        enqueue("register.settle_batch", batch_id=fresh.pk)
    return fresh


def discard_batch(*, batch: Batch, actor: Actor, reason: str = "") -> Batch:
    """Let an undecided import go; what was staged is cleared away in small transactions."""
    with transaction.atomic(durable=True):
        fresh = _locked(batch, *Batch.PENDING)
        _change(fresh, state=State.DISCARDED, decided_by=str(actor), decide_by=None, lease_until=None)
        _note("register.discard_batch", fresh, actor, _counts(fresh), reason=reason)
        enqueue("register.clear_batch", batch_id=fresh.pk)
    return fresh


def discard_abandoned(source: Source | None = None, now: datetime | None = None) -> int:
    """Fail the batches whose reader died, and clear them away; tell how many there were."""
    dead = Batch.objects.filter(state=State.READING, lease_until__lt=now or timezone.now())
    found = list(dead if source is None else dead.filter(source=source))
    for batch in found:
        _fail(batch, FileFault.INTERRUPTED, SYSTEM)
    return len(found)


def discard_undecided(now: datetime | None = None) -> int:
    """Discard the imports that nobody has decided in time; tell how many there were."""
    late = late_batches(now or timezone.now())
    return len([discard_batch(batch=batch, actor=SYSTEM, reason="undecided") for batch in late])


def late_batches(now: datetime) -> QuerySet[Batch]:
    """Give the imports that nobody has decided in time."""
    return Batch.objects.filter(state__in=(State.STAGED, State.AWAITING_RELEASE), decide_by__lt=now)


def needs_release(batch: Batch) -> bool:
    """Tell whether more than a tenth of the source's addresses is gone from the export."""
    return loses_many(batch.counts.get(Note.GONE, 0), batch.counts.get(Note.BEFORE, 0))


def loses_many(gone: int, before: int) -> bool:
    """Tell whether losing so many out of so many needs a second person."""
    return gone * LOSS_TO_RELEASE > before


def _check(reading: Reading) -> None:
    """Raise NotReadable when the file had no address, or changed while it was read."""
    reading.export.check_unchanged()
    if reading.rows == reading.counts[Group.REFUSED]:
        raise NotReadable(FileFault.NO_ADDRESSES)


def _note_form(batch: Batch, export: Export) -> None:
    form = export.form
    batch.reading = {**batch.reading, **form.to_json()}
    batch.digest, batch.rows_expected = form.digest, form.rows_expected
    Batch.objects.filter(pk=batch.pk, state=State.READING).update(
        reading=batch.reading, digest=batch.digest, rows_expected=batch.rows_expected
    )


@transaction.atomic(durable=True)
def _finish_staging(batch: Batch, staging: Staging, actor: Actor) -> None:
    fresh = _locked(batch, State.READING, otherwise=Lost)
    fresh.counts = {str(name): count for name, count in staging.counts.items()}
    state = State.AWAITING_RELEASE if needs_release(fresh) else State.STAGED
    now = timezone.now()
    _change(
        fresh,
        state=state,
        counts=fresh.counts,
        rows_read=staging.rows,
        lease_until=None,
        decide_by=now + UNDECIDED_IMPORT,
    )
    _note("register.stage_batch", fresh, actor, _counts(fresh))
    batch.refresh_from_db()


def _fail(batch: Batch, fault: FileFault, actor: Actor) -> None:
    """Note that a file was not taken; what was staged of it goes."""
    with transaction.atomic(durable=True):
        failed = Batch.objects.filter(pk=batch.pk, state=State.READING).update(
            state=State.FAILED, fault=fault.value, lease_until=None
        )
        if failed:
            _note("register.fail_batch", batch, actor, {"fault": fault.value})
    clear_batch(batch)
    batch.refresh_from_db()


def _locked(batch: Batch, *states: str, otherwise: type[Exception] = NotDecidable) -> Batch:
    """Read the batch anew, for this transaction alone, in one of these states."""
    fresh = Batch.objects.select_for_update(of=("self",)).select_related("source").filter(pk=batch.pk).first()
    if fresh is None or fresh.state not in states:
        raise otherwise
    return fresh


def _change(batch: Batch, **values: object) -> None:
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=list(values))


def _note(verb: str, batch: Batch, actor: Actor, facts: dict[str, object], *, reason: str = "") -> None:
    told = {"source": batch.source.key, "permission": batch.permission, **facts}
    record(verb, actor=actor, subject=Subject("batch", str(batch.ref)), reason=reason, facts=told)


def _counts(batch: Batch) -> dict[str, object]:
    return {"rows": batch.rows_read, "counts": batch.counts}


def _harmless(name: str) -> str:
    """Keep a file's name without its folders, unless it might name a person."""
    last = re.split(r"[/\\]", name)[-1][-LONGEST_NAME:]
    return "" if "@" in last else last
