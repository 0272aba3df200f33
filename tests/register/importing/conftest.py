from __future__ import annotations

import io
from collections.abc import Callable
from typing import Protocol

import pytest

from luvalla.ledger.actors import OPERATOR, Actor
from luvalla.register.importing.actions import apply_batch, begin_batch, stage_batch
from luvalla.register.importing.export import Options
from luvalla.register.importing.settling import settle_batch
from luvalla.register.importing.staging import Progress
from luvalla.register.models import Audience, Batch, Source
from luvalla.rules.purposes import PermissionKind


class Stage(Protocol):
    """Brings a text as an export of the source and stages it."""

    def __call__(
        self,
        text: str | bytes,
        *,
        source: Source | None = None,
        audience: Audience | None = None,
        permission: PermissionKind = PermissionKind.CUSTOMER,
        purposes: tuple[str, ...] = (),
        on_progress: Progress | None = None,
        actor: Actor = OPERATOR,
    ) -> Batch:
        """Stage it."""


Bring = Callable[..., Batch]


@pytest.fixture
def stage(transactional_db: None, crm: Source) -> Stage:
    """Stage exports."""

    def run(
        text: str | bytes,
        *,
        source: Source | None = None,
        audience: Audience | None = None,
        permission: PermissionKind = PermissionKind.CUSTOMER,
        purposes: tuple[str, ...] = (),
        on_progress: Progress | None = None,
        actor: Actor = OPERATOR,
    ) -> Batch:
        content = text.encode() if isinstance(text, str) else text
        batch = begin_batch(
            source=source or crm, audience=audience, permission=permission, purposes=purposes, actor=actor
        )
        stage_batch(
            batch=batch, opener=lambda: io.BytesIO(content), options=Options(), on_progress=on_progress, actor=actor
        )
        return batch

    return run


@pytest.fixture
def bring(stage: Stage) -> Bring:
    """Stage, apply and settle exports."""

    def run(text: str | bytes, **given: object) -> Batch:
        batch = apply_batch(batch=stage(text, **given), actor=OPERATOR)  # type: ignore[arg-type]  # as stage takes it
        settle_batch(batch)
        return batch

    return run
