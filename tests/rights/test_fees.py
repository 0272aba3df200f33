"""A fee holds the request until it is paid, let off, thought over or the request taken back; no clock stands still."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import decide, give_opinion, propose, send_back
from luvalla.rights.actions.fees import let_fee_off, record_payment
from luvalla.rights.actions.steps import collect, take_back, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import NoFeeOpen, ReasonsMissing, StepRefused, TaskUnknown
from luvalla.rights.models import DataRequest, Decision
from luvalla.rights.reminding import remind
from luvalla.rules.case_states import Right
from tests.support.requests import Desk, answer_paper, ask, let_arrive, mails, work

PAID = date(2026, 1, 2)


@pytest.fixture
def asked(desk: Desk, maija: Contact) -> DataRequest:
    """Give a request of access for which a fee was decided."""
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    request.refresh_from_db()
    propose(
        request=request, outcome=Decision.Outcome.PARTIAL, ground="excessive", facts="Sata pyyntöä.",
        reasons="Haitanteko.", fee=Decimal("35.50"), payment="Tili FI12, viite 117.", actor=desk.handler,
    )  # fmt: skip
    request.refresh_from_db()
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    request.refresh_from_db()
    return request


def test_a_fee_is_told_at_once_and_nothing_is_done_before_it_is_paid(asked: DataRequest, desk: Desk) -> None:
    assert asked.state == "decided_partial"
    [mail] = mails("rights_letter")
    assert "35,50 euroa" in mail
    assert "Tili FI12, viite 117." in mail
    assert not asked.links.filter(kind="deliver").exists()
    work()
    asked.refresh_from_db()
    assert asked.state == "decided_partial"

    with pytest.raises(StepRefused):
        record_payment(request=asked, paid_on=PAID, actor=desk.custodian)
    record_payment(request=asked, paid_on=PAID, actor=desk.clerk)
    work()
    asked.refresh_from_db()
    assert asked.state == "replied"
    assert asked.decisions.get().fee_paid_on == PAID
    reply = mails("rights_letter")[1]
    assert "Maksu 35,50 euroa on suoritettu 2.1.2026" in reply
    assert "/r/d/" in reply
    let_arrive()
    asked.refresh_from_db()
    assert asked.state == "closed"
    with pytest.raises(NoFeeOpen):
        record_payment(request=asked, paid_on=PAID, actor=desk.clerk)


def test_a_fee_that_is_let_off_leaves_a_request_free_of_charge(asked: DataRequest, desk: Desk) -> None:
    with pytest.raises(StepRefused):
        let_fee_off(request=asked, note="Hyvä tahto.", actor=desk.handler)
    with pytest.raises(ReasonsMissing):
        let_fee_off(request=asked, note="", actor=desk.owner)
    let_fee_off(request=asked, note="Hyvä tahto.", actor=desk.owner)
    work()
    assert "maksutta" in mails("rights_letter")[1]


def test_a_tick_does_not_stand_for_the_payment(asked: DataRequest, desk: Desk) -> None:
    task = asked.tasks.get(kind="fee")
    with pytest.raises(TaskUnknown):
        finish_task(task=task, result="done", actor=desk.owner)


def test_a_request_taken_back_because_of_its_fee_costs_nothing_and_ends(asked: DataRequest, desk: Desk) -> None:
    closed = take_back(request=asked, note="Ei maksa.", actor=desk.clerk)
    assert closed.state == "closed"
    assert not closed.tasks.filter(done_at=None).exists()
    work()
    assert not asked.links.filter(kind="deliver").exists()


def test_an_unpaid_fee_can_be_thought_over_by_the_owner_only(asked: DataRequest, desk: Desk) -> None:
    with pytest.raises(StepRefused):
        send_back(request=asked, note="Ei maksettu.", actor=desk.handler)
    row = send_back(request=asked, note="Ei maksettu.", actor=desk.owner)
    assert row.state == "drafted"
    assert not row.tasks.filter(done_at=None).exists()


def test_the_clock_runs_on_while_a_fee_is_waited_for(asked: DataRequest) -> None:
    clocks = clocks_of(asked, asked.due_on)
    assert (clocks.first, clocks.second, clocks.is_paused) == (asked.due_on, asked.due_on, False)
    assert remind(asked.due_on) == 1
