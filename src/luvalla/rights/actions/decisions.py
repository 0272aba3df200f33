"""Decisions: a handler grants; a refusal, wholly or in part, is proposed, seen by the officer, and the owner's."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.rights.actions.fees import ask_fee
from luvalla.rights.actions.letters import draft_letter, issue_letter, preview
from luvalla.rights.actions.moving import drop_tasks, move, note_event, subject_of
from luvalla.rights.actions.tasks import finish_opinion, give_task
from luvalla.rights.cases import address_of_requester, open_json, said, seal_json
from luvalla.rights.clocks import may_be_extended
from luvalla.rights.collecting import note_paper
from luvalla.rights.columns import DECISION
from luvalla.rights.doers import has_role, roles_of_actor
from luvalla.rights.errors import (
    CarriedOutAlready,
    FeeUnfounded,
    GroundUnfit,
    IdentityMissing,
    NeverRefused,
    NothingToCorrect,
    OpinionMissing,
    PartlyWithheld,
    ReasonsMissing,
    SamePerson,
    StepRefused,
    TooLateToExtend,
)
from luvalla.rights.execution import COPIES
from luvalla.rights.grounds import ABSOLUTE, SECTION_34, limits
from luvalla.rights.identity import needed_level
from luvalla.rights.letters.writing import UNTOLD, Kind
from luvalla.rights.meanwhile import is_restricted_meanwhile
from luvalla.rights.models import DataRequest, Decision, Hold, Task
from luvalla.rights.queries import (
    NOT_IDENTIFIED,
    awaits_fee,
    current_decision,
    events_now,
    is_corrected_elsewhere,
    is_ending_unidentified,
)
from luvalla.rights.rulings import Ruling, as_one, written
from luvalla.rules.case_states import DECIDED, SHUT, Right, State, Who, may_move

EXTENSION: Final = "extension"
REFUSAL: Final = "refusal"
FEE: Final = "fee"
EXCESSIVE: Final = "excessive"
"""Code of the ground of GDPR 12(5), the only one on which a fee may be asked."""
STATES: Final = {
    Decision.Outcome.PARTIAL: (State.DECIDED_PARTIAL, Kind.PARTIAL),
    Decision.Outcome.REFUSE: (State.DECIDED_REFUSE, Kind.CERTIFICATE),
}


@transaction.atomic
def grant(*, request: DataRequest, actor: Actor) -> Decision:
    """Grant a request; it is carried out and answered at once. IdentityMissing, TasksOpen, StepRefused.

    The officer's opinion on an extension is waited for no more: nobody needs one. Raises PartlyWithheld where something
    is left out of the copy, since that is granted in part: the register owner's; and NothingToCorrect where nobody has
    written down what the right address is.
    """
    note_paper(request)
    _require_identity(request)
    if request.searches.filter(withheld__gt=0).exists():
        raise PartlyWithheld
    if Right.RECTIFICATION in request.chosen:
        _require_correction(request)
    _let_extension_go(request, actor)
    row = move(request, State.DECIDED_GRANT, code="grant", actor=actor)
    decision = Decision.objects.create(
        request=row,
        outcome=Decision.Outcome.GRANT,
        proposed_by=str(actor),
        decided_by=str(actor),
        decided_at=timezone.now(),
        sealed=seal_json({}, column=DECISION, folded=bytes(row.folded)),
    )
    enqueue("rights.carry_out", ref=row.ref)
    return decision


@transaction.atomic
def propose(  # noqa: PLR0913  # the parts that the law asks for of a refusal, and those of a fee
    *,
    request: DataRequest,
    outcome: Decision.Outcome = Decision.Outcome.PARTIAL,
    ground: str = "",
    rulings: Mapping[Right, Ruling] | None = None,
    facts: str,
    reasons: str,
    instead: str = "",
    fee: Decimal | None = None,
    payment: str = "",
    tell_reasons: bool = True,
    actor: Actor,
) -> Decision:
    """Propose to refuse, wholly or in part, or to ask a fee: with facts, ground and reasons (GDPR 12(4)-(5)).

    The data protection officer is asked for an opinion. rulings say what becomes of each right; without them all are
    decided as one: refused on the ground, or in part those it limits. A fee goes with the outcome partial: all of the
    request is carried out for it, once it is paid; payment says how. The facts and reasons are always written down;
    with tell_reasons false the certificate leaves them out, which only a limit of section 34 of the Data Protection
    Act allows, where telling them would defeat its purpose. Raises ReasonsMissing, GroundUnfit, NeverRefused,
    FeeUnfounded, CarriedOutAlready, PartlyWithheld, NothingToCorrect, StepRefused.
    """
    if fee is not None and (fee <= 0 or ground != EXCESSIVE or outcome != Decision.Outcome.PARTIAL):
        raise FeeUnfounded
    if not (facts.strip() and reasons.strip() and (ground.strip() or rulings) and (payment.strip() or fee is None)):
        raise ReasonsMissing
    ruled = dict(rulings or as_one(request.chosen, outcome, ground)) if fee is None else {}
    if fee is None:
        outcome, ground = _summed_up(ruled)
        _require_rulings(request, ruled, tell_reasons=tell_reasons)
    note_paper(request)
    row = move(request, State.DPO_REVIEW, code=outcome.value if fee is None else FEE, actor=actor)
    told = {"facts": facts, "reasons": reasons, "instead": instead, "payment": payment}
    told |= {} if tell_reasons or fee is not None else {UNTOLD: UNTOLD}
    give_task(row, Task.Kind.OPINION, role=Who.DATA_PROTECTION_OFFICER, about=REFUSAL, actor=actor)
    return Decision.objects.create(
        request=row,
        outcome=outcome,
        ground=ground,
        rulings=written(ruled),
        fee=fee,
        proposed_by=str(actor),
        sealed=seal_json(told, column=DECISION, folded=bytes(row.folded)),
    )


@transaction.atomic
def give_opinion(*, request: DataRequest, opinion: str, actor: Actor) -> None:
    """Give the data protection officer's opinion; it decides nothing (GDPR 38(6), 39(1)(a))."""
    if not opinion.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.DATA_PROTECTION_OFFICER):
        raise StepRefused
    task = request.tasks.filter(kind=Task.Kind.OPINION, done_at=None).first()
    if task is None:
        raise StepRefused
    decision = current_decision(request)
    if decision is not None and task.about == REFUSAL and decision.proposed_by == str(actor):
        raise SamePerson
    finish_opinion(task=task, opinion=opinion, actor=actor)
    if decision is not None and task.about == REFUSAL:
        folded = bytes(request.folded)
        told = {**told_of(decision), "opinion": opinion}
        decision.sealed = seal_json(told, column=DECISION, folded=folded)
        decision.opinion_by, decision.opinion_at = str(actor), timezone.now()
        decision.save(update_fields=["sealed", "opinion_by", "opinion_at"])


@transaction.atomic
def decide(*, request: DataRequest, actor: Actor) -> Decision:
    """Decide a refusal as it was proposed: the register owner's, after the opinion, never the proposer's own.

    A decision on a fee is told at once, and carried out when the fee is settled. Raises OpinionMissing, SamePerson,
    StepRefused, and LetterIncomplete where the certificate would lack a part.
    """
    decision = current_decision(request)
    if decision is None or decision.decided_at or decision.outcome not in STATES:
        raise StepRefused
    if decision.opinion_at is None:
        raise OpinionMissing
    if str(actor) in {decision.proposed_by, decision.opinion_by, _triaged_by(request)}:
        raise SamePerson
    state, kind = STATES[Decision.Outcome(decision.outcome)]
    preview(request, kind, ["…"], signer=Who.REGISTER_OWNER)
    code = decision.outcome if decision.fee is None else FEE
    row = move(request, state, code=code, actor=actor)
    decision.decided_by, decision.decided_at = str(actor), timezone.now()
    decision.save(update_fields=["decided_by", "decided_at"])
    if decision.fee is not None:
        ask_fee(request=row, actor=actor)
    else:
        draft_letter(request=row, kind=kind, actor=actor)
        enqueue("rights.carry_out", ref=row.ref)
    return decision


@transaction.atomic
def send_back(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """Give a proposal back to its handler, or a decision whose fee nobody has paid."""
    if not note.strip():
        raise ReasonsMissing
    if request.state in DECIDED:
        if not awaits_fee(request):
            raise StepRefused
        drop_tasks(request, actor)
    return move(request, State.DRAFTED, note=note, code="sent_back", actor=actor)


@transaction.atomic
def propose_extension(*, request: DataRequest, reasons: str, actor: Actor) -> None:
    """Ask the data protection officer about extending the time (GDPR 12(3)); the request goes on meanwhile."""
    if not reasons.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    if not may_be_extended(request):
        raise TooLateToExtend
    note_event(request, "extension_proposed", note=reasons, actor=actor)
    last = request.due_on
    give_task(
        request, Task.Kind.OPINION, role=Who.DATA_PROTECTION_OFFICER, about=EXTENSION, due_on=last, actor=actor
    )  # fmt: skip


@transaction.atomic
def extend(*, request: DataRequest, reasons: str, actor: Actor) -> DataRequest:
    """Extend the time by two months, counted from the receipt, and tell the requester why (GDPR 12(3)).

    The register owner's, after the opinion, and inside the first month: TooLateToExtend after the due date, and in a
    request that was opened again.
    """
    if not reasons.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.REGISTER_OWNER) or has_role(actor, Who.DATA_PROTECTION_OFFICER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    if row.extended_at or row.state in SHUT:
        raise StepRefused
    if not may_be_extended(row):
        raise TooLateToExtend
    if not row.tasks.filter(kind=Task.Kind.OPINION, about=EXTENSION, result="done").exists():
        raise OpinionMissing
    issue_letter(request=row, kind=Kind.EXTENSION, paragraphs=[reasons], signer=Who.REGISTER_OWNER, actor=actor)
    row.extended_at = timezone.now()
    row.save(update_fields=["extended_at"])
    note_event(row, "extended", note=reasons, actor=actor)
    facts = {"due": row.due_on.isoformat(), "extended_due": row.extended_due_on.isoformat()}
    record("rights.extend_request", actor=actor, subject=subject_of(row), facts=facts)
    return row


@transaction.atomic
def close_unidentified(*, request: DataRequest, facts: str, reasons: str, actor: Actor) -> DataRequest:
    """End a request whose sender could not be identified, with the certificate (GDPR 12(2), 12(4), 11(2)).

    The register owner's, and nobody's who sorted it or asked who it is. The case closes once the certificate has left.
    """
    if not (facts.strip() and reasons.strip()):
        raise ReasonsMissing
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    if not may_move(State(row.state), State.CLOSED_UNIDENTIFIED, roles_of_actor(actor)):
        raise StepRefused
    if str(actor) in {_triaged_by(row), _asked_by(row)}:
        raise SamePerson
    if is_ending_unidentified(row):
        raise StepRefused
    Decision.objects.create(
        request=row,
        outcome=Decision.Outcome.REFUSE,
        ground=NOT_IDENTIFIED,
        proposed_by=str(actor),
        decided_by=str(actor),
        decided_at=timezone.now(),
        sealed=seal_json({"facts": facts, "reasons": reasons}, column=DECISION, folded=bytes(row.folded)),
    )
    record("rights.end_unidentified", actor=actor, subject=subject_of(row), reason=NOT_IDENTIFIED)
    if address_of_requester(row) is not None or said(row).postal:
        parts = ["meanwhile"] if is_restricted_meanwhile(row) else []
        issue_letter(request=row, kind=Kind.CERTIFICATE, more_parts=parts, signer=Who.REGISTER_OWNER, actor=actor)
    return row


@transaction.atomic
def add_hold(*, request: DataRequest, system: str, ground: Hold.Ground, ends: Hold.Ends, actor: Actor) -> Hold:
    """Record that another system keeps the data for now, on which ground and until when (GDPR 17(3)).

    It holds nothing of this register: its row goes at once.
    """
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    hold = Hold.objects.create(request=request, system=system[:80], ground=ground, ends=ends)
    note_event(request, "hold", after=ground.value, actor=actor)
    facts = {"ground": ground.value, "ends": ends.value}
    record("rights.add_hold", actor=actor, subject=subject_of(request), facts=facts)
    return hold


@transaction.atomic
def end_hold(*, hold: Hold, note: str, actor: Actor) -> DataRequest:
    """Note that another system's hold has ended: the case opens again, so that it is completed there too."""
    hold.ended_at = timezone.now()
    hold.save(update_fields=["ended_at"])
    row = move(hold.request, State.REOPENED, note=note, code="hold_ended", actor=actor)
    give_task(row, Task.Kind.HOLD, role=Who.HANDLER, about=hold.system, actor=SYSTEM)
    return row


def told_of(decision: Decision) -> dict[str, str]:
    """Open what a decision rests on."""
    opened: Mapping[str, str] = open_json(
        bytes(decision.sealed), column=DECISION, folded=bytes(decision.request.folded)
    )
    return dict(opened)


def _summed_up(rulings: Mapping[Right, Ruling]) -> tuple[Decision.Outcome, str]:
    """Give what rulings come to as a whole, and the first ground of them."""
    outcomes = {each.outcome for each in rulings.values()}
    grounds = [each.ground for each in rulings.values() if each.ground]
    outcome = Decision.Outcome.REFUSE if outcomes == {Decision.Outcome.REFUSE} else Decision.Outcome.PARTIAL
    return outcome, grounds[0] if grounds else ""


def _require_rulings(request: DataRequest, rulings: Mapping[Right, Ruling], *, tell_reasons: bool) -> None:
    """See that each ground limits its right, that nothing is refused that can't be, and that the rest can be done."""
    limited = {right: each for right, each in rulings.items() if each.outcome != Decision.Outcome.GRANT}
    refused = {right for right, each in limited.items() if each.outcome == Decision.Outcome.REFUSE}
    if ABSOLUTE & refused:
        raise NeverRefused
    if not limited or set(rulings) != set(request.chosen):
        raise GroundUnfit
    if not all(limits(each.ground, {right}) for right, each in limited.items()):
        raise GroundUnfit
    if not tell_reasons and not all(each.ground in SECTION_34 for each in limited.values()):
        raise GroundUnfit
    if refused & _carried_out(request):
        raise CarriedOutAlready
    granted = set(rulings) - set(limited)
    if COPIES & granted and not COPIES & set(limited) and request.searches.filter(withheld__gt=0).exists():
        raise PartlyWithheld
    if Right.RECTIFICATION in granted:
        _require_correction(request)


def _let_extension_go(request: DataRequest, actor: Actor) -> None:
    asked = request.tasks.filter(kind=Task.Kind.OPINION, about=EXTENSION, done_at=None)
    asked.update(done_at=timezone.now(), done_by=str(actor), result="not_needed")


def _carried_out(request: DataRequest) -> set[str]:
    return set(events_now(request).filter(kind="carried_out").values_list("after", flat=True))


def _require_correction(request: DataRequest) -> None:
    if not (said(request).new_address or is_corrected_elsewhere(request)):
        raise NothingToCorrect


def _require_identity(request: DataRequest) -> None:
    if request.identity < needed_level(request):
        raise IdentityMissing


def _asked_by(request: DataRequest) -> str:
    asked = request.events.filter(after=State.AWAITING_ID).order_by("-pk")
    return asked.values_list("actor", flat=True).first() or ""


def _triaged_by(request: DataRequest) -> str:
    """Tell who sorted the request: a clerk's choice of rights and the owner's refusal are two people's."""
    return request.events.filter(after=State.TRIAGED).order_by("-pk").values_list("actor", flat=True).first() or ""
