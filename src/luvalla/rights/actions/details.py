"""What the desk learns of a wish after it has arrived: the right address, or what else is to be corrected."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.cases import said, sealed_said
from luvalla.rights.doers import has_role
from luvalla.rights.errors import ReasonsMissing, StepRefused
from luvalla.rights.models import DataRequest
from luvalla.rights.queries import CORRECTION_NOTED
from luvalla.rules.address import Address
from luvalla.rules.case_states import Who


@transaction.atomic
def note_correction(*, request: DataRequest, to: Address | None, what: str, actor: Actor) -> DataRequest:
    """Note the right address, or in words what else was corrected and where (GDPR 16). ReasonsMissing for neither."""
    if to is None and not what.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    if to is not None:
        row.sealed = sealed_said(replace(said(row), new_address=to.text), bytes(row.folded))
        row.save(update_fields=["sealed"])
    note_event(row, CORRECTION_NOTED, note=what, actor=actor)
    record("rights.note_correction", actor=actor, subject=subject_of(row))
    return row
