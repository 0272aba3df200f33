"""The fee for a manifestly unfounded or excessive request (GDPR 12(5)(a)): told first, carried out once it is settled.

The requester hears the amount before anything is done, and may take the request back and pay nothing (EDPB guidelines
01/2022). No clock stands still meanwhile.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.rights.actions.letters import issue_letter
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.actions.tasks import finish_task, give_task
from luvalla.rights.doers import has_role
from luvalla.rights.errors import NoFeeOpen, ReasonsMissing, StepRefused
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest, Decision, Task
from luvalla.rights.queries import awaits_fee, current_decision
from luvalla.rules.case_states import Who


def ask_fee(*, request: DataRequest, actor: Actor) -> None:
    """Tell the requester of a fee that was decided, in the caller's transaction, and wait for it."""
    issue_letter(request=request, kind=Kind.PARTIAL, signer=Who.REGISTER_OWNER, actor=actor)
    give_task(request, Task.Kind.FEE, role=Who.CLERK, due_on=request.due_on, actor=SYSTEM)


@transaction.atomic
def record_payment(*, request: DataRequest, paid_on: date, actor: Actor) -> DataRequest:
    """Note that the fee was paid, and on which day; the request is carried out now. StepRefused, NoFeeOpen."""
    if not has_role(actor, Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row, decision = _waiting(request)
    decision.fee_paid_on = paid_on
    decision.save(update_fields=["fee_paid_on"])
    return _settled(row, "fee_paid", paid_on.isoformat(), actor)


@transaction.atomic
def let_fee_off(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """Carry the request out without its fee after all, with a reason. StepRefused, NoFeeOpen.

    The register owner's, and nobody's who is data protection officer besides: it is a decision (GDPR 38(6)).
    """
    if not note.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.REGISTER_OWNER) or has_role(actor, Who.DATA_PROTECTION_OFFICER):
        raise StepRefused
    row, decision = _waiting(request)
    decision.fee_let_off_at = timezone.now()
    decision.save(update_fields=["fee_let_off_at"])
    return _settled(row, "fee_let_off", note, actor)


def _waiting(request: DataRequest) -> tuple[DataRequest, Decision]:
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    decision = current_decision(row)
    if decision is None or not awaits_fee(row):
        raise NoFeeOpen
    return row, decision


def _settled(row: DataRequest, how: str, note: str, actor: Actor) -> DataRequest:
    for task in row.tasks.filter(kind=Task.Kind.FEE, done_at=None):
        finish_task(task=task, result="done", actor=SYSTEM)
    note_event(row, how, note=note, actor=actor)
    record("rights.settle_fee", actor=actor, subject=subject_of(row), reason=how)
    enqueue("rights.carry_out", ref=row.ref)
    return row
