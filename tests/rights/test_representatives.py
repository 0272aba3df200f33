"""Somebody asks for another: it is a request like any other, and its answer goes to the mailbox it is about alone."""

from __future__ import annotations

from django.test import Client

from luvalla.mailroom.models import ServiceMessage
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.steps import collect, mailbox_proved, triage
from luvalla.rights.cases import said
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from tests.support.requests import MAIJA, Desk, answer_paper, ask, mails, raw_mails, work

FORM = "/en/your-data/"
WHO = "Pekka Puolesta, asianajaja, pekka.puolesta@asiamies.example, 010190-123A"


def test_a_representatives_request_is_answered_to_the_registered_mailbox_alone(desk: Desk, maija: Contact) -> None:
    answer = Client().post(FORM, {"email": MAIJA, "rights": ["access"], "representative": WHO})
    request = DataRequest.objects.get()
    assert (answer.status_code, request.by_representative, request.identity) == (200, True, 0)
    assert said(request).representative == WHO.replace("010190-123A", "[…]"), "the name is kept, the code is not"
    mailbox_proved(request=request, actor=desk.handler)
    triage(request=DataRequest.objects.get(), rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    assert DataRequest.objects.get().state == "replied"
    assert {bytes(each.folded) for each in ServiceMessage.objects.filter(kind__startswith="rights_")} == {
        bytes(maija.folded)
    }
    assert len(mails()) == 2
    assert not any("asiamies.example" in str(each) for each in raw_mails())


def test_nobody_is_refused_for_asking_through_somebody_or_asked_for_a_signature(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ERASURE, proved=False, representative=WHO)
    assert request.by_representative
    assert request.blocked_at is not None, "marketing ends at once, whoever asks"
    [acknowledged] = mails()
    assert "/r/p/" in acknowledged, "the mailbox itself says whether it was asked for in its name"
    for word in ("allekirjoit", "valtakirja"):
        assert word not in acknowledged.lower()


def test_two_wishes_of_which_one_came_through_somebody_are_two_cases(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS)
    ask(Right.ACCESS, representative=WHO)
    assert DataRequest.objects.filter(folded=bytes(maija.folded)).count() == 2
