"""Complaints to a supervisory authority (GDPR 77): which authority, its reference, its clock, and the papers for it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.organisation.authorities import authority
from luvalla.rights.actions.moving import move, subject_of
from luvalla.rights.cases import seal_text
from luvalla.rights.columns import COMPLAINT
from luvalla.rights.models import Complaint, DataRequest
from luvalla.rules.case_states import State


@transaction.atomic
def record_complaint(
    *,
    request: DataRequest,
    country: str,
    reference: str,
    received_on: date,
    answer_by: date | None,
    note: str = "",
    actor: Actor,
) -> Complaint:
    """Note that an authority asks about an answered request, and until when it wants to hear.

    The authority is that of the state of residence, of work or of the infringement; NoAuthority for none of the EEA.
    """
    authority(country)
    row = move(request, State.COMPLAINT, note=note, code="complaint", actor=actor)
    complaint = Complaint.objects.create(
        request=row,
        authority=country,
        reference=reference[:60],
        received_on=received_on,
        answer_by=answer_by,
        sealed=seal_text(note, column=COMPLAINT, folded=bytes(row.folded)),
    )
    facts = {"authority": country, "answer_by": answer_by.isoformat() if answer_by else None}
    record("rights.record_complaint", actor=actor, subject=subject_of(row), facts=facts)
    return complaint


@transaction.atomic
def answer_complaint(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """Note that the authority was answered; the case is closed again."""
    row = move(request, State.CLOSED, note=note, code="complaint_answered", actor=actor)
    row.complaints.filter(answered_on=None).update(answered_on=timezone.localdate())
    return row
