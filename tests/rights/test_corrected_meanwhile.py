"""A request goes on for its person, whatever address the register has put in the place of theirs meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact, Suppression
from luvalla.register.rectification import rectify
from luvalla.rights.actions.decisions import grant, propose_extension
from luvalla.rights.actions.steps import LITTLE, ask_for_clarification, collect, reopen, triage
from luvalla.rights.collecting import found_in
from luvalla.rights.errors import LittleKept, TooLateToExtend
from luvalla.rights.execution import carry_one_out
from luvalla.rights.models import DataRequest
from luvalla.rules.address import Address, normalise
from luvalla.rules.case_states import Right, State
from tests.rights.test_keeping import closed
from tests.support.requests import MAIJA, Desk, add_customer, add_disclosee, answer_paper, ask, mails, work
from tests.support.world import World

OLD, NEW = normalise(MAIJA), normalise("maija.uusi@esimerkki.fi")


def corrected(desk: Desk, *, is_proved: bool = True) -> None:
    """Have a case of the same mailbox correct its address."""
    case = ask(Right.RECTIFICATION, proved=is_proved, new_address=NEW.text)
    assert carry_one_out(case, Right.RECTIFICATION)


def carried_out(request: DataRequest, right: Right, desk: Desk) -> DataRequest:
    triage(request=request, rights=[right], actor=desk.clerk)
    collect(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    DataRequest.objects.filter(pk=request.pk, state=State.NO_DATA).update(state=State.DRAFTED)
    grant(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    return DataRequest.objects.get(pk=request.pk)


def erased_after(desk: Desk, correct: Callable[[], object]) -> DataRequest:
    """Ask for an erasure, have the address corrected, and then carry the erasure out."""
    request = ask(Right.ERASURE, proved=False)
    correct()
    DataRequest.objects.filter(pk=request.pk).update(identity=1)
    return carried_out(DataRequest.objects.get(pk=request.pk), Right.ERASURE, desk)


def is_suppressed(address: Address) -> bool:
    return Suppression.objects.filter(token=sealer().folded_token(address)).exists()


def test_an_erasure_reaches_who_has_named_another_address_meanwhile(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    answered = erased_after(desk, lambda: corrected(desk))
    assert not Contact.objects.exists()
    assert is_suppressed(NEW), "the right one stays away too"
    assert [each.about for each in answered.letters.filter(kind="disclosee")] == ["Vertailu Oy"]


def test_whoever_holds_a_mailbox_that_was_somebody_elses_mistake_erases_nobody(desk: Desk, maija: Contact) -> None:
    erased_after(desk, lambda: rectify(address=OLD, to=NEW, channel="desk", actor=desk.handler))
    assert Contact.objects.filter(pk=maija.pk).exists()
    assert not is_suppressed(NEW)


def test_a_correction_onto_somebody_known_leads_nowhere(desk: Desk, world: World, maija: Contact) -> None:
    theirs = add_customer(world, NEW.text)
    erased_after(desk, lambda: corrected(desk))
    assert Contact.objects.filter(pk=theirs.pk).exists(), "their row was there before"
    assert not is_suppressed(NEW)


def test_an_unproved_correction_leads_nowhere(desk: Desk, maija: Contact) -> None:
    erased_after(desk, lambda: corrected(desk, is_proved=False))
    assert Contact.objects.filter(pk=maija.pk).exists()


def test_no_copy_follows_to_another_mailbox(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    corrected(desk)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(pk=request.pk), actor=desk.handler)
    work()
    found = found_in(DataRequest.objects.get(pk=request.pk).searches.get(store="register"))
    assert "contact" not in {each["kind"] for each in found}, "what is kept under the right address is asked from there"


def test_a_month_that_was_opened_again_is_not_extended(desk: Desk, maija: Contact) -> None:
    request = closed(desk, Right.ACCESS)
    again = reopen(request=request, note="Jotakin puuttui", actor=desk.handler)
    with pytest.raises(TooLateToExtend):
        propose_extension(request=again, reasons="Kiire", actor=desk.handler)


def test_nobody_is_asked_which_of_little_is_meant(desk: Desk, maija: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    sent = len(mails())
    with pytest.raises(LittleKept):
        ask_for_clarification(request=request, question="Mitä tarkoitat?", actor=desk.handler)
    assert (DataRequest.objects.get().state, len(mails())) == (State.TRIAGED, sent), "nothing has happened"
    assert LITTLE > 1
    monkeypatch.setattr("luvalla.rights.actions.steps.LITTLE", 0)
    ask_for_clarification(request=request, question="Mitä tarkoitat?", actor=desk.handler)
    assert DataRequest.objects.get().state == State.AWAITING_CLARIFICATION


def test_what_the_right_address_is_may_be_asked_whatever_is_kept(desk: Desk, maija: Contact) -> None:
    request = ask(Right.RECTIFICATION)
    triage(request=request, rights=[Right.RECTIFICATION], actor=desk.clerk)
    ask_for_clarification(request=request, question="Mikä on oikea osoite?", actor=desk.handler)
    assert DataRequest.objects.get().paused_on is not None
