"""The negative controls of the rights desk's claims: each breaks the system and sees its check turn broken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from luvalla.people.models import Role, User
from luvalla.register.models import Contact
from luvalla.rights import canary, claims
from luvalla.rights.actions.decisions import add_hold, decide, give_opinion, grant, propose
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.cases import seal_json
from luvalla.rights.collecting import found_in
from luvalla.rights.columns import SEARCH
from luvalla.rights.copies import portability
from luvalla.rights.letters.texts import texts
from luvalla.rights.mail_intake import take_request
from luvalla.rights.models import DataRequest, Decision, Hold, StoreSearch, Task
from luvalla.rules.case_states import Right
from luvalla.rules.ports import Finding, Verdict
from tests.support.requests import (
    MAIJA,
    Desk,
    add_disclosee,
    answer_paper,
    ask,
    let_arrive,
    mails,
    make_staff,
    raw_mails,
    work,
)
from tests.support.world import World


def verdict(check: Callable[[], Finding]) -> Verdict:
    return check().verdict


def test_a_message_to_ourselves_that_comes_back_holds_s4(world: World) -> None:
    assert verdict(claims.rights_mailbox_lives) is Verdict.UNKNOWN
    assert canary.send_if_due()
    assert not canary.send_if_due()
    mail = f"Subject: canary\n\n{mails('rights_canary')[0]}".encode()
    assert take_request(mail, world.controller.dpo_email)
    assert verdict(claims.rights_mailbox_lives) is Verdict.HOLDS
    assert DataRequest.objects.get().is_canary


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "viikoittainen koeviesti"),
        ("sv", "testmeddelande för veckan"),
        ("en", "weekly test message"),
    ],
)
def test_the_message_to_ourselves_tells_the_officer_what_it_is(world: World, language: str, said: str) -> None:
    make_staff("Oili Koe", Role.DATA_PROTECTION_OFFICER)
    User.objects.filter(groups__name=Role.DATA_PROTECTION_OFFICER).update(language=language)
    assert canary.send_if_due()
    assert said in " ".join(mails("rights_canary")[0].split())
    head = raw_mails("rights_canary")[0].partition(b"\r\n\r\n")[0]
    assert canary.is_canary(head), "the mark is in the head too, whatever becomes of the text on the way"


def test_a_mailbox_that_died_breaks_s4(world: World) -> None:
    canary.send_if_due()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert verdict(claims.rights_mailbox_lives) is Verdict.BROKEN


def test_a_forged_message_to_ourselves_does_not_hold_s4(world: World) -> None:
    canary.send_if_due()
    forged = b"Subject: x\n\ncanary-1700000000-0123456789abcdef01234567"
    assert take_request(forged, world.controller.dpo_email)
    assert not DataRequest.objects.filter(is_canary=True).exists()


@pytest.mark.parametrize("channel", ["form", "mail", "letter", "phone", "visit", "stop_link"])
def test_an_unsigned_request_by_any_channel_holds_s37(world: World, channel: str) -> None:
    ask(Right.ACCESS, channel=channel)
    assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.HOLDS


def test_a_signature_that_is_required_breaks_s37(world: World) -> None:
    assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.HOLDS
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rights_datarequest ADD COLUMN signature varchar(9) NULL")
    assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.BROKEN


def test_a_clock_that_was_moved_breaks_s37(world: World) -> None:
    ask(Right.ACCESS)
    DataRequest.objects.update(due_on=timezone.localdate() + timedelta(days=90))
    assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.BROKEN


def test_a_letter_that_nobody_acknowledged_breaks_s37_however_many_others_were(world: World) -> None:
    for _ in range(2):
        ask(Right.ACCESS, address="", channel="letter", postal="Mallikuja 3")
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.HOLDS
        DataRequest.objects.earliest("pk").letters.all().delete()
        assert verdict(claims.anybody_may_ask_in_any_way) is Verdict.BROKEN


def test_a_broken_schema_breaks_s39(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(claims.data_can_be_taken_along) is Verdict.HOLDS
    monkeypatch.setattr(portability, "FIELDS", ("kind",))
    assert verdict(claims.data_can_be_taken_along) is Verdict.BROKEN


def test_a_person_s_document_that_does_not_come_back_breaks_s39(desk: Desk, maija: Contact) -> None:
    request = ask(Right.PORTABILITY)
    triage(request=request, rights=[Right.PORTABILITY], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    found = claims.data_can_be_taken_along()
    assert (found.verdict, found.figures["requests"]) == (Verdict.HOLDS, 1)
    search = StoreSearch.objects.get(store="register")
    rows = found_in(search)
    for each in rows:
        each["content"] |= {"kind": "prospect"} if each["kind"] == "permission" else {}
    search.sealed = seal_json(rows, column=SEARCH, folded=bytes(search.request.folded))
    search.save()
    found = claims.data_can_be_taken_along()
    assert (found.verdict, found.figures["not_read_back"]) == (Verdict.BROKEN, 1)


def a_correction(desk: Desk) -> DataRequest:
    """Carry a correction out, as far as the notices to others."""
    request = ask(Right.RECTIFICATION, new_address="uusi.maija@esimerkki.fi")
    triage(request=request, rights=[Right.RECTIFICATION], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    let_arrive()
    request.refresh_from_db()
    return request


def test_a_correction_nobody_was_told_of_breaks_s40(desk: Desk, maija: Contact) -> None:
    request = a_correction(desk)
    assert request.tasks.filter(kind=Task.Kind.NOTICE).count() == 1
    assert verdict(claims.corrections_are_told) is Verdict.HOLDS
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert verdict(claims.corrections_are_told) is Verdict.BROKEN
    request.tasks.filter(kind=Task.Kind.NOTICE).delete()
    assert verdict(claims.corrections_are_told) is Verdict.BROKEN


def test_a_disclosee_without_its_notice_breaks_s40(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    request = a_correction(desk)
    assert verdict(claims.corrections_are_told) is Verdict.HOLDS
    request.letters.filter(kind="disclosee").update(kind="reply")
    request.tasks.filter(kind=Task.Kind.NOTICE, about="Vertailu Oy").update(about="crm")
    assert verdict(claims.corrections_are_told) is Verdict.BROKEN


def a_refusal(desk: Desk) -> DataRequest:
    """Refuse a request, as far as its certificate."""
    request = ask(Right.PORTABILITY)
    triage(request=request, rights=[Right.PORTABILITY], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    propose(
        request=request, outcome=Decision.Outcome.REFUSE, ground="excessive", facts="Sata pyyntöä päivässä.",
        reasons="Tarkoitus on haitata.", actor=desk.handler,
    )  # fmt: skip
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()
    let_arrive()
    request.refresh_from_db()
    return request


def test_a_ground_without_its_words_breaks_s41(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(claims.refusals_have_their_certificate) is Verdict.HOLDS
    monkeypatch.delitem(texts("sv")["grounds"], "national_security")
    assert verdict(claims.refusals_have_their_certificate) is Verdict.BROKEN


def test_a_certificate_without_its_remedy_breaks_s41(
    desk: Desk, maija: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert a_refusal(desk).state == "closed"
    assert verdict(claims.refusals_have_their_certificate) is Verdict.HOLDS
    monkeypatch.setitem(texts("sv")["certificate"], "fixed", ["free", "complaint"])
    assert verdict(claims.refusals_have_their_certificate) is Verdict.BROKEN


def test_a_refusal_whose_certificate_is_gone_breaks_s41(desk: Desk, maija: Contact) -> None:
    request = a_refusal(desk)
    request.letters.filter(kind="certificate").delete()
    assert verdict(claims.refusals_have_their_certificate) is Verdict.BROKEN


def test_a_hold_that_keeps_the_row_here_breaks_s44(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ERASURE)
    add_hold(
        request=request, system="CRM", ground=Hold.Ground.CONTRACT_CONTACT, ends=Hold.Ends.END_OF_ROLE,
        actor=desk.handler,
    )  # fmt: skip
    assert verdict(claims.holds_have_ground_and_end) is Verdict.BROKEN
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    assert verdict(claims.holds_have_ground_and_end) is Verdict.HOLDS
    assert not Contact.objects.exists()


def test_a_hold_without_an_end_breaks_s44(desk: Desk) -> None:
    request = ask(Right.ACCESS, address=MAIJA)
    add_hold(
        request=request, system="CRM", ground=Hold.Ground.LEGAL_CLAIMS, ends=Hold.Ends.END_OF_LIMITATION,
        actor=desk.handler,
    )  # fmt: skip
    assert verdict(claims.holds_have_ground_and_end) is Verdict.HOLDS
    Hold.objects.update(ends="")
    assert verdict(claims.holds_have_ground_and_end) is Verdict.BROKEN


def test_a_notice_to_a_disclosee_that_was_never_written_breaks_s40(desk: Desk, maija: Contact) -> None:
    add_disclosee("Vertailu Oy")
    request = a_correction(desk)
    assert request.tasks.filter(kind=Task.Kind.NOTICE).count() == 2
    assert verdict(claims.corrections_are_told) is Verdict.HOLDS
    request.letters.filter(kind="disclosee").delete()
    assert verdict(claims.corrections_are_told) is Verdict.BROKEN
