"""Notices to those who were given the data (GDPR 19): written for each, sent by people, or impossible for a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.models import Disclosee
from luvalla.register.models import Contact, Permission, Source, SourceNotice
from luvalla.register.source_notices import fetch_notices, handle_notices
from luvalla.rights import finishing, keeping
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.errors import ReasonsMissing
from luvalla.rights.models import DataRequest, Letter, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right
from tests.support.pdf import is_tagged, text_of
from tests.support.requests import MAIJA, Desk, add_disclosee, answer_paper, ask, let_arrive, mails, work

YESTERDAY = timezone.localdate() - timedelta(days=1)


def carried_out(desk: Desk, right: Right, **told: object) -> DataRequest:
    """Carry a request out, as far as the notices to others."""
    request = ask(right, language="sv", **told)  # type: ignore[arg-type]  # fields of Said
    triage(request=request, rights=[right], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    if request.tasks.filter(kind=Task.Kind.PAPER).exists():
        answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    request.refresh_from_db()
    return request


def test_each_disclosee_who_has_the_data_gets_a_notice_of_a_correction(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    add_disclosee("Tulossa Oy", begins=timezone.localdate() + timedelta(days=1))
    add_disclosee("Loppunut Oy", ends=YESTERDAY)
    request = carried_out(desk, Right.RECTIFICATION, new_address="uusi.maija@esimerkki.fi")
    letter = request.letters.get(kind="disclosee")
    assert (letter.about, letter.language, letter.state, letter.by_post) == ("Vertailu Oy", "fi", "issued", True)
    pdf = pdf_of(letter)
    assert is_tagged(pdf)
    for said in ("Vertailu Oy", "Oikaiseminen", MAIJA, "uusi.maija@esimerkki.fi", "19 artiklaan", request.number):
        assert said in text_of(pdf)
    assert LedgerRow.objects.filter(verb="rights.issue_letter", facts__kind="disclosee").count() == 1
    assert MAIJA.encode() not in bytes(letter.sealed_pdf)


@pytest.mark.parametrize("right", [Right.ERASURE, Right.RESTRICTION])
def test_an_erasure_and_a_restriction_are_told_too(desk: Desk, maija: Contact, right: Right) -> None:
    add_disclosee("Vertailu Oy")
    request = carried_out(desk, right)
    assert text_of(pdf_of(request.letters.get(kind="disclosee"))).count(MAIJA) == 1


def test_a_disclosee_whose_disclosure_has_ended_is_told_too(desk: Desk, maija: Contact) -> None:
    add_disclosee("Loppunut Oy", ends=YESTERDAY)
    Permission.objects.update(created_at=timezone.now() - timedelta(days=40))
    request = carried_out(desk, Right.ERASURE)
    assert [each.about for each in request.letters.filter(kind="disclosee")] == ["Loppunut Oy"]
    assert request.tasks.filter(kind=Task.Kind.NOTICE, about="Loppunut Oy", done_at=None).exists()


def test_nobody_is_told_of_a_person_who_was_never_in_the_register(desk: Desk) -> None:
    add_disclosee("Vertailu Oy")
    request = ask(Right.ERASURE)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    request.refresh_from_db()
    assert (request.state, request.letters.filter(kind="disclosee").count()) == ("replied", 0)
    told = list(request.tasks.filter(kind=Task.Kind.NOTICE).values_list("about", flat=True))
    assert told == [Source.objects.get(key="crm").name_fi], "what the request forbids goes to the source all the same"
    assert not mails("rights_notice")


def test_a_sources_task_ends_by_itself_when_the_source_has_heard(desk: Desk, maija: Contact) -> None:
    request, crm = carried_out(desk, Right.ERASURE), Source.objects.get(key="crm")
    follow_up()
    task = request.tasks.get(kind=Task.Kind.NOTICE)
    assert (task.about, task.done_at) == (crm.name_fi, None), "it is named as people know it"
    fetch_notices(source=crm, reason="öinen siirto", actor=desk.owner)
    handle_notices(source=crm, refs=SourceNotice.objects.values_list("ref", flat=True), actor=desk.owner)
    let_arrive()
    follow_up()
    task.refresh_from_db()
    request.refresh_from_db()
    assert (task.result, task.done_by, request.state) == ("done", "system", "closed")


@pytest.mark.parametrize(("proved", "told"), [(True, ["Vertailu Oy"]), (False, [])])
def test_an_objection_is_told_as_the_erasure_that_it_brought(
    desk: Desk, maija: Contact, *, proved: bool, told: list[str]
) -> None:
    add_disclosee("Vertailu Oy")
    request = ask(Right.OBJECTION, proved=proved)
    work()
    work()
    request.refresh_from_db()
    assert [each.about for each in request.letters.filter(kind="disclosee")] == told
    assert [each.about for each in request.tasks.filter(kind=Task.Kind.NOTICE)] == told
    if told:
        notice = text_of(pdf_of(request.letters.get(kind="disclosee")))
        assert "Poistaminen" in notice
        assert "automaattinen viesti" in notice, "nobody signs what nobody wrote"
    assert (request.state, Contact.objects.exists()) == ("replied", not proved)


def test_a_copy_is_told_to_nobody(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    assert not carried_out(desk, Right.ACCESS).letters.filter(kind="disclosee").exists()


def test_the_case_stays_open_until_each_notice_is_sent_or_impossible(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    add_disclosee("Kadonnut Oy")
    request = carried_out(desk, Right.ERASURE)
    let_arrive()
    request.refresh_from_db()
    assert (request.state, request.replied_at is not None) == ("replied", True)
    tasks = {each.about: each for each in request.tasks.filter(kind=Task.Kind.NOTICE)}
    with pytest.raises(ReasonsMissing):
        finish_task(task=tasks["Kadonnut Oy"], result="impossible", actor=desk.handler)
    finish_task(task=tasks["Kadonnut Oy"], result="impossible", note="Yhtiö on purettu.", actor=desk.handler)
    for name in tasks.keys() - {"Kadonnut Oy"}:
        finish_task(task=tasks[name], result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert request.state == "closed"
    stood = {each.about: (each.state, each.sent_at is not None) for each in request.letters.filter(kind="disclosee")}
    assert stood == {"Kadonnut Oy": ("failed", False), "Vertailu Oy": ("sent", True)}
    keeping.minimise(timezone.now() + timedelta(days=31))
    kept = request.letters.exclude(sealed_pdf=b"")
    assert [each.kind for each in kept] == ["reply"]


def test_an_answer_that_has_to_go_again_by_post_tells_nobody_twice(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    request = carried_out(desk, Right.ERASURE)
    task = request.tasks.get(kind=Task.Kind.NOTICE, about="Vertailu Oy")
    finish_task(task=task, result="done", actor=desk.handler)
    DataRequest.objects.filter(pk=request.pk).update(state="notifying", by_post=True)
    request.refresh_from_db()
    finishing.carry_out(request)
    assert request.tasks.filter(kind=Task.Kind.NOTICE, about="Vertailu Oy").count() == 1
    assert Letter.objects.filter(kind="disclosee").count() == 1


def test_a_disclosee_with_an_address_is_told_by_mail_and_its_task_is_done_when_it_left(
    desk: Desk, maija: Contact
) -> None:
    Disclosee.objects.filter(pk=add_disclosee("Vertailu Oy").pk).update(notice_email="tietosuoja@vertailu.example")
    request = carried_out(desk, Right.ERASURE)
    [mail] = mails("rights_notice")
    assert MAIJA in mail
    assert request.tasks.filter(kind="notice", done_at=None).exists()
    let_arrive()
    assert request.tasks.get(kind="notice", about="Vertailu Oy").result == "done"
    request.refresh_from_db()
    assert request.letters.get(about="Vertailu Oy").state == "sent"


def test_a_notice_that_nobody_took_goes_by_post_and_the_answer_is_not_sent_again(desk: Desk, maija: Contact) -> None:
    row = add_disclosee("Vertailu Oy")
    Disclosee.objects.filter(pk=row.pk).update(
        notice_email="tietosuoja@vertailu.example", postal="PL 1\n00100 Helsinki"
    )
    request = carried_out(desk, Right.ERASURE)
    ServiceMessage.objects.filter(kind="rights_notice").update(state="failed", sealed=b"")
    let_arrive()
    request.refresh_from_db()
    notice = request.letters.get(about="Vertailu Oy")
    assert (notice.state, notice.by_post, request.by_post) == ("issued", True, False)
    assert request.tasks.filter(kind="notice", about="Vertailu Oy", done_at=None).exists()
    assert "PL 1 00100 Helsinki" in " ".join(text_of(pdf_of(notice)).split())


def test_a_notice_that_comes_back_after_the_case_was_closed_is_posted_and_the_case_waits_for_it(
    desk: Desk, maija: Contact
) -> None:
    Disclosee.objects.filter(pk=add_disclosee("Vertailu Oy").pk).update(notice_email="tietosuoja@vertailu.example")
    request = carried_out(desk, Right.RESTRICTION)
    let_arrive()
    request.refresh_from_db()
    answered_at = request.replied_at
    assert (request.state, answered_at is not None) == ("closed", True)
    notice = request.letters.get(about="Vertailu Oy")
    ServiceMessage.objects.filter(ref=notice.message_ref).update(state="failed", sealed=b"")
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at) == ("replied", answered_at)
    waiting = request.tasks.get(kind="notice", done_at=None)
    finish_task(task=waiting, result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    notice.refresh_from_db()
    assert (request.state, notice.state, notice.by_post) == ("closed", "sent", True)
