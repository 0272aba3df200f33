"""The desk's steps with a request: sorted, asked about, collected, taken back, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.paper.changes import drop_changes
from luvalla.paper.searches import ask_custodian, drop_question
from luvalla.rights import carrying_out
from luvalla.rights.actions.intake import kinds_stopped, stop_at_once
from luvalla.rights.actions.letters import issue_letter
from luvalla.rights.actions.moving import drop_tasks, move, note_event, subject_of
from luvalla.rights.actions.restrictions import write_of_lifting
from luvalla.rights.actions.tasks import give_task
from luvalla.rights.cases import address_of_requester, person_of, said, sealed_said
from luvalla.rights.doers import has_role
from luvalla.rights.errors import IdentityMissing, LittleKept, ReasonsMissing, RightsMissing, StepRefused
from luvalla.rights.execution import COPIES, carry_out_at_once
from luvalla.rights.identity import HIGHEST, needed_level
from luvalla.rights.letters.writing import Kind
from luvalla.rights.links import drop_links
from luvalla.rights.meanwhile import begin_meanwhile, is_restricted_meanwhile, tell_meanwhile
from luvalla.rights.models import DataRequest, SecureLink, Task
from luvalla.rules.case_states import Right, State, Who
from luvalla.rules.ports import holdings
from luvalla.rules.purposes import Prohibited

AT_ONCE = frozenset({Right.OBJECTION, Right.PROHIBITION})
"""Rights that are carried out without anybody's judgement (GDPR 21(2)-(3))."""
ON_PAPER_TOO = frozenset(
    {Right.ACCESS, Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION, Right.FORGETTING, Right.ANONYMISATION}
)
BEFORE_A_DECISION = frozenset({
    State.TRIAGED, State.AWAITING_ID, State.AWAITING_CLARIFICATION, State.COLLECTING, State.NO_DATA, State.DRAFTED,
})  # fmt: skip
"""States in which the mailbox's yes has something done: one that was taken back, refused or ended stays as it is."""
TO_DISAGREE = timedelta(days=7)
"""Between the letter of a lifting that follows from the person's own word and its day."""
LITTLE = 50
"""How many things are kept of a person at most where all of them are given without a question."""
MAILBOX = "mailbox"
"""How it is noted that the registered mailbox has opened its link."""


def begin_at_once(*, request: DataRequest) -> bool:
    """Carry an objection or prohibition out by itself; tell whether the request was one."""
    chosen = set(request.chosen)
    if not chosen or not chosen <= AT_ONCE or request.to_stop or address_of_requester(request) is None:
        return False
    with transaction.atomic():
        move(request, State.EXECUTING, code="objection", actor=SYSTEM)
        enqueue("rights.carry_out", ref=request.ref)
    return True


def triage(
    *, request: DataRequest, rights: Sequence[Right], prohibited: Prohibited = Prohibited.NOTHING, actor: Actor
) -> DataRequest:
    """Say what is asked for; at least one right. The processing is restricted meanwhile where the law says so.

    What can be carried out without judgement is.
    """
    if not rights:
        raise RightsMissing
    with transaction.atomic():
        row = move(request, State.TRIAGED, actor=actor)
        wished_before = Right.FORGETTING in row.chosen  # then the person has chosen what becomes of the token
        row.rights = " ".join(each.value for each in rights)
        row.prohibited = int(prohibited)
        if Right.FORGETTING in rights and not wished_before:
            row.sealed = sealed_said(replace(said(row), keep_token=False), bytes(row.folded))
        row.handler = row.handler or (str(actor) if has_role(actor, Who.HANDLER) else "")
        row.save(update_fields=["rights", "prohibited", "handler", "sealed"])
        note_event(row, "rights_chosen", after="", note=row.rights, actor=actor)
    address = address_of_requester(row)
    if address is not None:
        row.to_stop |= int(kinds_stopped(rights, prohibited))
        row.save(update_fields=["to_stop"])
        with suppress(ErasuresUnwritable):  # tried again by itself
            stop_at_once(request=row, actor=actor)
    begin_meanwhile(row, actor=actor)
    carry_out_at_once(row)
    return row


def prohibit_for_company(*, request: DataRequest, actor: Actor) -> DataRequest:
    """Carry out a legal entity's own prohibition for its whole domain (act 917/2014, section 202)."""
    address = address_of_requester(request)
    if address is None or not has_role(actor, Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    carrying_out.stop_company(address.domain, channel=request.channel, actor=actor)
    with transaction.atomic():
        note_event(request, "company_stopped", actor=actor)
    return request


@transaction.atomic
def ask_about_identity(*, request: DataRequest, doubt: str, question: str, actor: Actor) -> DataRequest:
    """Ask one question because of a reasonable doubt that is written down (GDPR 12(6)); the first clock runs on."""
    if not (doubt.strip() and question.strip()):
        raise ReasonsMissing
    row = move(request, State.AWAITING_ID, note=doubt, code="identity", actor=actor)
    issue_letter(request=row, kind=Kind.QUESTION, paragraphs=[question], signer=Who.HANDLER, actor=actor)
    return row


@transaction.atomic
def ask_for_clarification(*, request: DataRequest, question: str, actor: Actor) -> DataRequest:
    """Ask which data is meant, where there is a great deal of it (recital 63), or what else is to be done.

    LittleKept where a copy of little is asked for: all of it is given then, and nobody waits.
    """
    if not question.strip():
        raise ReasonsMissing
    if COPIES.issuperset(request.chosen) and _kept_of(request) <= LITTLE:
        raise LittleKept
    row = move(request, State.AWAITING_CLARIFICATION, note=question, code="clarification", actor=actor)
    issue_letter(request=row, kind=Kind.QUESTION, paragraphs=[question], signer=Who.HANDLER, actor=actor)
    return row


@transaction.atomic
def note_identity(*, request: DataRequest, level: int, how: str, actor: Actor) -> DataRequest:
    """Note how far up the ladder the requester is known, and by what; never lower than before."""
    if not how.strip():
        raise ReasonsMissing
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER, Who.SYSTEM, Who.SUBJECT):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    row.identity = min(max(row.identity, level), HIGHEST)
    row.save(update_fields=["identity"])
    note_event(row, "identity", after=f"L{row.identity}", note=how, actor=actor)
    tell_meanwhile(row)
    record("rights.note_identity", actor=actor, subject=subject_of(row), facts={"level": row.identity})
    return row


def mailbox_proved(*, request: DataRequest, actor: Actor) -> DataRequest:
    """The registered mailbox has opened its link: level 1, and what waited for it goes on."""
    with transaction.atomic():
        row = note_identity(request=request, level=1, how=MAILBOX, actor=actor)
        if row.state == State.AWAITING_ID and row.identity >= needed_level(row):
            row = collect(request=row, actor=SYSTEM)
    if row.state in BEFORE_A_DECISION:
        carry_out_at_once(row)
    return row


@transaction.atomic
def collect(*, request: DataRequest, actor: Actor) -> DataRequest:
    """Search all stores, and ask the custodian about paper. IdentityMissing before it is known enough who asks."""
    if request.identity < needed_level(request) and address_of_requester(request) is not None:
        raise IdentityMissing
    row = move(request, State.COLLECTING, actor=actor)
    # Of a request that was opened again what is kept now counts.
    row.searches.all().delete()
    drop_links(row, SecureLink.Kind.DELIVER)
    if ON_PAPER_TOO & set(row.chosen):
        _ask_custodian(row, actor)
    enqueue("rights.collect", ref=row.ref)
    return row


@transaction.atomic
def take_over(*, request: DataRequest, actor: Actor) -> DataRequest:
    """Make a request one's own work."""
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    DataRequest.objects.filter(pk=request.pk).update(handler=str(actor))
    request.refresh_from_db()
    note_event(request, "taken_over", actor=actor)
    record("rights.take_over", actor=actor, subject=subject_of(request))
    return request


@transaction.atomic
def take_back(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """The data subject takes the request back: what was still to be done falls away, what was stopped stays stopped.

    A restriction during its examination has lost its ground: the person is told, and on the day that the letter names
    it is lifted and the case closes (GDPR 18(3)).
    """
    row = move(request, State.WITHDRAWN_BY_SUBJECT, note=note, code="withdrawn", actor=actor)
    drop_tasks(row, actor)
    drop_question(case_ref=str(row.ref), actor=actor)
    drop_changes(case_ref=str(row.ref), actor=actor)
    drop_links(row)
    if is_restricted_meanwhile(row):
        write_of_lifting(row, timezone.localdate() + TO_DISAGREE, actor=SYSTEM)
        return row
    return move(row, State.CLOSED, code="withdrawn", actor=SYSTEM)


@transaction.atomic
def reopen(*, request: DataRequest, note: str, actor: Actor) -> DataRequest:
    """Open an answered request again, because something was missing or has changed."""
    if not note.strip():
        raise ReasonsMissing
    return move(request, State.REOPENED, note=note, code="reopened", actor=actor)


@transaction.atomic
def answer_without_data(*, request: DataRequest, actor: Actor) -> DataRequest:
    """Go on to the reply that says that there is no data."""
    return move(request, State.DRAFTED, code="no_data", actor=actor)


def _kept_of(request: DataRequest) -> int:
    """Count the things that all stores keep of the requester."""
    person = person_of(request)
    return sum(len(each.find(person)) for each in holdings) if person is not None else 0


def _ask_custodian(request: DataRequest, actor: Actor) -> None:
    """Have the cabinets searched: a question in the paper room, and a task that keeps the case open until then."""
    task = give_task(request, Task.Kind.PAPER, role=Who.CUSTODIAN, actor=actor)
    told, folded = said(request), bytes(request.folded)
    sought = "\n".join(each for each in (told.name, told.address, told.postal) if each) or request.number
    assert task.due_on is not None
    ask_custodian(case_ref=str(request.ref), sought=sought, due_on=task.due_on, folded=folded, actor=actor)
