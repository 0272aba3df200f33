"""What arrives is neither lost nor mistaken for another wish, whatever fails at its door."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.register.models import Contact
from luvalla.register.queries import prohibited_kinds
from luvalla.rights import carrying_out
from luvalla.rights.actions.decisions import decide, give_opinion, propose
from luvalla.rights.actions.steps import collect, mailbox_proved, take_back, triage
from luvalla.rights.cases import said
from luvalla.rights.mail_intake import take_request
from luvalla.rights.models import DataRequest, Decision, SecureLink
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited
from tests.support.requests import MAIJA, Desk, answer_paper, ask, mails, work
from tests.support.world import World

SCAN = b"%PDF-1.7\nscan"


def test_a_correction_to_another_address_is_another_wish_with_a_link_of_its_own(world: World) -> None:
    strangers = ask(Right.RECTIFICATION, proved=False, new_address="muu@example.com")
    own = ask(Right.RECTIFICATION, proved=False, new_address="maija.uusi@esimerkki.fi")
    again = ask(Right.RECTIFICATION, proved=False, new_address="maija.uusi@esimerkki.fi")
    assert (own.pk == again.pk, own.pk == strangers.pk) == (True, False)
    assert said(own).new_address == "maija.uusi@esimerkki.fi"
    mailbox_proved(request=own, actor=SUBJECT)
    strangers.refresh_from_db()
    assert strangers.identity == 0
    assert SecureLink.objects.filter(request=strangers).count() == 1


def test_the_mail_that_proves_a_mailbox_says_which_address_would_be_put_in_its_place(world: World) -> None:
    ask(Right.RECTIFICATION, proved=False, new_address="muu@example.com")
    assert "muu@example.com" in mails("rights_acknowledgement")[0]


@pytest.mark.parametrize("rights", [[Right.OBJECTION], [Right.OBJECTION, Right.ACCESS], [Right.ERASURE]])
def test_a_ban_by_name_does_not_keep_marketing_from_stopping_at_once(
    world: World, maija: Contact, rights: list[Right]
) -> None:
    request = ask(*rights, Right.PROHIBITION, proved=False, prohibited=Prohibited.DISCLOSURE)
    kinds = prohibited_kinds(bytes(maija.folded))
    assert Prohibited.DISCLOSURE | Prohibited.DIRECT_MARKETING | Prohibited.DIRECT_ADVERTISING in kinds
    request.refresh_from_db()
    assert request.blocked_at is not None


def test_a_ban_of_one_thing_stops_that_thing_and_says_so(world: World, maija: Contact) -> None:
    request = ask(Right.PROHIBITION, proved=False, prohibited=Prohibited.RESEARCH)
    assert prohibited_kinds(bytes(maija.folded)) == Prohibited.RESEARCH
    assert request.blocked_at is None
    [mail] = mails("rights_acknowledgement")
    assert "markkinatutkimu" in mail.lower() or "markkina- ja mielipidetutkimus" in mail
    assert "Suoramarkkinointi on lopetettu" not in mail


def test_an_erasure_that_somebody_reads_out_of_words_stops_marketing_at_once(desk: Desk, maija: Contact) -> None:
    request = ask(text="Pyydän unohtamaan minut.", proved=False)
    assert not prohibited_kinds(bytes(maija.folded))
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))
    assert Contact.objects.filter(pk=maija.pk).exists()


def test_what_could_not_be_stopped_at_the_door_is_stopped_soon_after(world: World, maija: Contact) -> None:
    with patch.object(carrying_out, "forbid", side_effect=ErasuresUnwritable):
        request = ask(Right.OBJECTION, proved=False)
        follow_up()
    request.refresh_from_db()
    assert (request.state, request.blocked_at) == ("received", None)
    assert "Suoramarkkinointi" not in mails("rights_acknowledgement")[0]
    follow_up()
    request.refresh_from_db()
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))
    assert (request.state, request.to_stop) == ("executing", 0)
    work()
    request.refresh_from_db()
    assert request.state == "replied"


def test_whoever_had_enough_mails_today_is_answered_tomorrow(world: World) -> None:
    for right in (Right.ACCESS, Right.PORTABILITY, Right.RESTRICTION):
        ask(right, proved=False)
    late = ask(Right.ERASURE, proved=False)
    follow_up()
    assert not late.letters.exists()
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        follow_up()
        follow_up()
    assert late.letters.count() == 1
    assert len(mails("rights_acknowledgement")) == 4


def mail_with(*files: bytes, text: str = "Älkää enää lähettäkö minulle kirjeitä.") -> bytes:
    """Write a mail to the rights mailbox with files."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = MAIJA, "tietosuojavastaava@esimerkki.fi", "Pyyntö"
    message.set_content(text)
    for number, each in enumerate(files):
        message.add_attachment(each, maintype="application", subtype="octet-stream", filename=f"{number}.pdf")
    return message.as_bytes()


def test_files_beyond_the_tenth_and_programs_do_not_keep_a_stop_from_being_taken(world: World, maija: Contact) -> None:
    to = world.controller.dpo_email
    assert take_request(mail_with(*[SCAN] * 10, text="Mitä tietoja minusta on?"), to)
    assert take_request(mail_with(SCAN, b"MZ\x90"), to)
    request = DataRequest.objects.get()
    assert request.attachments.count() == 10
    assert request.events.get(kind="files_left_out").after == "2"
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))
    assert "ei voitu säilyttää" in mails("rights_acknowledgement")[-1]


def test_a_link_pressed_after_the_request_was_taken_back_erases_nothing(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ERASURE, proved=False)
    request = triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    take_back(request=request, note="Soitti", actor=desk.clerk)
    mailbox_proved(request=request, actor=SUBJECT)
    assert Contact.objects.filter(pk=maija.pk).exists()


def test_a_link_pressed_while_a_refusal_is_weighed_erases_nothing(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ERASURE, Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    DataRequest.objects.update(rights="erasure", identity=0)
    propose(
        request=DataRequest.objects.get(),
        outcome=Decision.Outcome.REFUSE,
        ground="legal_claims",
        facts="Riita on kesken.",
        reasons="Tieto tarvitaan siinä.",
        actor=desk.handler,
    )
    mailbox_proved(request=DataRequest.objects.get(), actor=SUBJECT)
    give_opinion(request=DataRequest.objects.get(), opinion="Puollan.", actor=desk.officer)
    decide(request=DataRequest.objects.get(), actor=desk.owner)
    mailbox_proved(request=DataRequest.objects.get(), actor=SUBJECT)
    assert Contact.objects.filter(pk=maija.pk).exists()
