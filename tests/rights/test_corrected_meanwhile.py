"""A request goes on for its person, whatever address the register has put in the place of theirs meanwhile."""

from __future__ import annotations

import pytest

from luvalla.ledger.vault import sealer
from luvalla.register.models import Contact, Suppression
from luvalla.register.rectification import rectify
from luvalla.rights.actions.decisions import grant, propose_extension
from luvalla.rights.actions.steps import LITTLE, ask_for_clarification, collect, reopen, triage
from luvalla.rights.cases import mailbox_now
from luvalla.rights.collecting import found_in
from luvalla.rights.errors import LittleKept, TooLateToExtend
from luvalla.rights.models import DataRequest
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from tests.rights.test_keeping import closed
from tests.support.requests import MAIJA, Desk, add_customer, add_disclosee, answer_paper, ask, mails, work
from tests.support.world import World

OLD, NEW = normalise(MAIJA), normalise("maija.uusi@esimerkki.fi")


def corrected(desk: Desk) -> None:
    """Have another correction of the mailbox carried out."""
    assert rectify(address=OLD, to=NEW, channel="desk", actor=desk.handler).finished


def carried_out(request: DataRequest, right: Right, desk: Desk) -> DataRequest:
    triage(request=request, rights=[right], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    return DataRequest.objects.get()


@pytest.mark.parametrize("is_known_there", [False, True], ids=["moved", "merged"])
def test_an_erasure_reaches_who_has_another_address_by_then(
    desk: Desk, world: World, maija: Contact, *, is_known_there: bool
) -> None:
    if is_known_there:
        add_customer(world, NEW.text)
    add_disclosee("Vertailu Oy")
    request = ask(Right.ERASURE, proved=False)
    corrected(desk)
    DataRequest.objects.update(identity=1)
    answered = carried_out(request, Right.ERASURE, desk)
    assert not Contact.objects.exists()
    assert Suppression.objects.filter(token=sealer().folded_token(NEW)).exists(), "the right one stays away too"
    assert [each.about for each in answered.letters.filter(kind="disclosee")] == ["Vertailu Oy"]


def test_a_copy_tells_what_is_kept_under_the_right_address(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    corrected(desk)
    assert mailbox_now(request) == NEW
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    found = found_in(DataRequest.objects.get().searches.get(store="register"))
    assert NEW.text in {each["content"].get("address") for each in found}


def test_somebody_new_at_the_old_address_is_not_taken_for_who_left_it(desk: Desk, world: World, maija: Contact) -> None:
    ask(Right.ACCESS, address="pekka@esimerkki.fi")
    stranger = DataRequest.objects.get()
    corrected(desk)
    assert mailbox_now(stranger) == normalise("pekka@esimerkki.fi")


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
