"""Staging as background work: a person chooses how a sealed upload is read, a job reads it.

The choices stay with the batch, the job knows only its number. A batch that waits for its job has no lease, so that it
isn't taken for one whose reader died.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue, task
from luvalla.ledger.actors import Actor
from luvalla.register.importing.actions import stage_batch
from luvalla.register.importing.columns import Role
from luvalla.register.importing.errors import Lost, NotReadable
from luvalla.register.importing.evidence import uses_kind
from luvalla.register.importing.export import Options
from luvalla.register.models import Batch
from luvalla.register.uploads import open_upload
from luvalla.rules.purposes import PermissionKind

FIRST_WORD: Final = timedelta(minutes=2)
"""How long a reader may look at the file before it stages its first rows."""
State = Batch.State


def stage_later(batch: Batch, options: Options) -> None:
    """Leave the reading of a batch that has just begun to a job."""
    chosen = {
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "sheet": options.sheet,
        "columns": {role.value: name for role, name in options.columns.items()},
    }
    batch.reading, batch.lease_until = {**batch.reading, "chosen": chosen}, None
    with transaction.atomic():
        batch.save(update_fields=["reading", "lease_until"])
        enqueue("register.stage_batch", batch_id=batch.pk)


@task("register.stage_batch")
def stage(*, batch_id: int) -> None:
    """Read and stage an upload. Run again after a crash it does nothing: the dead reader's batch is failed instead."""
    waiting = Batch.objects.filter(pk=batch_id, state=State.READING, lease_until=None)
    if not waiting.update(lease_until=timezone.now() + FIRST_WORD):
        return
    batch = Batch.objects.select_related("source", "audience").get(pk=batch_id)
    kind, _, ref = batch.brought_by.partition(":")
    with suppress(NotReadable, Lost):  # the batch says it
        stage_batch(
            batch=batch,
            opener=partial(open_upload, batch.upload),
            options=chosen_options(batch.reading.get("chosen", {}), PermissionKind(batch.permission)),
            actor=Actor(kind, ref),
        )


def chosen_options(chosen: Mapping[str, Any], permission: PermissionKind) -> Options:
    """Give what a person chose as options of reading."""
    return Options(
        encoding=chosen.get("encoding", ""),
        delimiter=chosen.get("delimiter", ""),
        sheet=chosen.get("sheet", ""),
        columns={Role(role): name for role, name in chosen.get("columns", {}).items()},
        uses_kind=uses_kind(permission),
    )
