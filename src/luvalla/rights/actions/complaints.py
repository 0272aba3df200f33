"""Complaints to a supervisory authority (GDPR 77): which authority, its reference, its clock, and the papers for it.

An answered case stands in the state COMPLAINT until the authority has decided. A case that is still open goes on to its
answer meanwhile, and stands there afterwards.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.authorities import authority
from luvalla.rights.actions.moving import move, note_event, subject_of
from luvalla.rights.cases import seal_text
from luvalla.rights.columns import COMPLAINT, PACK
from luvalla.rights.doers import has_role
from luvalla.rights.errors import StepRefused
from luvalla.rights.models import Complaint, DataRequest
from luvalla.rights.queries import open_complaints
from luvalla.rules.case_states import SHUT, State, Who

DESK: Final = (Who.REGISTER_OWNER, Who.DATA_PROTECTION_OFFICER)
"""Who deals with an authority; the officer is its contact (GDPR 39(1)(e))."""


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
    """Note that an authority asks about a request, answered or late, and until when it wants to hear.

    The authority is that of the state of residence, of work or of the infringement; NoAuthority for none of the EEA.
    """
    authority(country)
    _require(actor)
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    if row.state in SHUT:
        row = move(row, State.COMPLAINT, note=note, code="complaint", actor=actor)
    else:
        note_event(row, "complaint_noted", note=note, actor=actor)
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
def set_deadline(*, request: DataRequest, answer_by: date, note: str, actor: Actor) -> None:
    """Note that the authority has named another day, or asks for more; its clock runs anew until then."""
    _require(actor)
    complaint = _open_one(request)
    complaint.answer_by, complaint.answered_on, complaint.escalated = answer_by, None, 0
    complaint.save(update_fields=["answer_by", "answered_on", "escalated"])
    note_event(request, "complaint_deadline", note=note, actor=actor)
    facts = {"answer_by": answer_by.isoformat()}
    record("rights.set_authority_deadline", actor=actor, subject=subject_of(request), facts=facts)


@transaction.atomic
def answer_complaint(*, request: DataRequest, answered_on: date, note: str, actor: Actor) -> None:
    """Note that the authority was given its explanation; the case waits for its decision."""
    _require(actor)
    complaint = _open_one(request)
    complaint.answered_on = answered_on
    complaint.save(update_fields=["answered_on"])
    note_event(request, "complaint_answered", note=note, actor=actor)
    facts = {"answered_on": answered_on.isoformat()}
    record("rights.answer_complaint", actor=actor, subject=subject_of(request), facts=facts)


@transaction.atomic
def end_complaint(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """Note what the authority has decided: the answered case closes, an open one goes on. The register owner's."""
    if not has_role(actor, Who.REGISTER_OWNER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    _open_one(row)
    open_complaints(row).update(ended_on=timezone.localdate())
    record("rights.end_complaint", actor=actor, subject=subject_of(row))
    if row.state != State.COMPLAINT:
        note_event(row, "complaint_ended", note=note, actor=actor)
        return row
    return move(row, State.CLOSED, note=note, code="complaint_ended", actor=actor)


@transaction.atomic
def keep_pack(*, complaint: Complaint, content: bytes, actor: Actor) -> Complaint:
    """Seal the documents for the authority into the complaint, in the place of earlier ones; their hash is recorded."""
    _require(actor)
    complaint.sealed_pack = sealer().seal(content, column=PACK, token=bytes(complaint.request.folded))
    complaint.pack_made_at, complaint.pack_hash = timezone.now(), hashlib.sha256(content).hexdigest()
    complaint.save(update_fields=["sealed_pack", "pack_made_at", "pack_hash"])
    facts = {"sha256": complaint.pack_hash}
    record("rights.make_authority_pack", actor=actor, subject=subject_of(complaint.request), facts=facts)
    return complaint


def stand_as_complaint(request: DataRequest) -> DataRequest:
    """Let a case that has just closed stand as a complaint where an authority has not decided on it yet."""
    if not open_complaints(request).exists():
        return request
    return move(request, State.COMPLAINT, code="complaint", actor=SYSTEM)


def _require(actor: Actor) -> None:
    if not has_role(actor, *DESK):
        raise StepRefused


def _open_one(request: DataRequest) -> Complaint:
    """Take the newest complaint that isn't decided; StepRefused where there is none."""
    complaint = open_complaints(request).select_for_update().order_by("-pk").first()
    if complaint is None:
        raise StepRefused
    return complaint
