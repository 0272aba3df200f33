"""What the desk learns of a wish after it has arrived: what is corrected, and where a letter reaches its person."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.organisation.authorities import authority
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


@transaction.atomic
def note_authority(*, request: DataRequest, country: str, actor: Actor) -> DataRequest:
    """Note to which authority a complainer would turn: of residence, of work, or where it happened (GDPR 77).

    The letters from then on tell how it is reached. Raises StepRefused, and NoAuthority for a state outside the EEA.
    """
    authority(country)
    if not has_role(actor, Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    row.sealed = sealed_said(replace(said(row), authority=country), bytes(row.folded))
    row.save(update_fields=["sealed"])
    note_event(row, "authority_noted", after=country, actor=actor)
    record("rights.note_authority", actor=actor, subject=subject_of(row), facts={"authority": country})
    return row


@transaction.atomic
def note_postal(*, request: DataRequest, name: str, postal: str, actor: Actor) -> DataRequest:
    """Note where a letter reaches the requester; a name that isn't given stays. StepRefused, ReasonsMissing."""
    if not postal.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    told = said(row)
    row.sealed = sealed_said(replace(told, name=name.strip() or told.name, postal=postal.strip()), bytes(row.folded))
    row.save(update_fields=["sealed"])
    note_event(row, "postal_noted", actor=actor)
    record("rights.note_postal", actor=actor, subject=subject_of(row))
    return row
