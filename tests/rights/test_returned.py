"""A reply counts as answered once it has left, and no longer when a mail server reports that it did not arrive."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.vault import keyring
from luvalla.mailroom.bounces import take_report
from luvalla.mailroom.identity import Identities
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import NO_CAMPAIGN, _opened
from luvalla.register.errors import LiftingNotAnnounced
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import extend, give_opinion, grant, propose_extension
from luvalla.rights.actions.letters import draft_letter, paragraphs_of, pdf_of
from luvalla.rights.actions.restrictions import announce_lifting, lift_restriction, lifted_from
from luvalla.rights.actions.steps import ask_about_identity, begin_at_once, collect, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import LiftingTooEarly, StepRefused
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest, Letter
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right, State
from tests.support.pdf import text_of
from tests.support.requests import Desk, answer_paper, ask, let_arrive, mails, work
from tests.support.world import World

OWN_WORDS = "Hei Maija, tässä on kaikki."


def report(message: ServiceMessage, *, action: str = "failed") -> tuple[bytes, str]:
    """Write what a mail server reports of a message, and the return path it goes to."""
    whole = EmailMessage()
    whole["From"], whole["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered"
    whole.set_content("-")
    raw = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; x@example.com\r\nAction: " + action.encode() + b"\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    path = Identities(keyring()).identify(contact_id=message.pk, campaign_id=NO_CAMPAIGN).return_path
    return raw, path.decode() + "@uutiskirje.esimerkki.fi"


def answered(desk: Desk) -> DataRequest:
    """Have a request answered in the handler's own words, and its case closed."""
    request = ask(Right.ACCESS)
    triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    draft_letter(request=DataRequest.objects.get(), kind=Kind.REPLY, paragraphs=[OWN_WORDS], actor=desk.handler)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    let_arrive()
    return DataRequest.objects.get()


def message_of(request: DataRequest, kind: str) -> ServiceMessage:
    return ServiceMessage.objects.get(ref=request.letters.filter(kind=kind).latest("pk").message_ref)


def test_a_message_leaves_with_a_return_path_of_its_own(world: World) -> None:
    ask(Right.ACCESS)
    row = ServiceMessage.objects.get()
    assert _opened(row).envelope_sender.decode().partition("@")[0] == report(row)[1].partition("@")[0]


def test_a_reply_that_comes_back_puts_the_closed_case_back_and_goes_by_post(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    assert (request.state, request.replied_at is not None) == (State.CLOSED, True)
    assert take_report(*report(message_of(request, "reply")))
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at, request.closed_at, request.by_post) == ("notifying", None, None, True)
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        assert clocks_of(request).is_overdue
    work()
    request.refresh_from_db()
    letters = request.letters.filter(kind="reply").order_by("pk")
    assert [(each.state, each.by_post) for each in letters] == [("failed", False), ("issued", True)]
    assert paragraphs_of(letters[1]) == [OWN_WORDS]
    assert request.state == State.REPLIED
    assert "Jäljennös tiedoistasi on liitteenä paperilla" in text_of(pdf_of(letters[1]))
    finish_task(task=request.tasks.get(kind="post", about="reply"), result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at) == (State.REPLIED, None)
    finish_task(task=request.tasks.get(kind="post", about="copy"), result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.replied_at is not None) == (State.CLOSED, True)


def test_the_same_report_again_a_delay_and_a_forged_one_change_nothing(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    message = message_of(request, "reply")
    raw, path = report(message, action="delayed")
    assert take_report(raw, path)
    raw, path = report(message)
    assert not take_report(raw, "bounce+" + "0" * 40 + path[path.index("@") :])
    follow_up()
    request.refresh_from_db()
    assert request.state == State.CLOSED


def test_an_answered_stop_whose_mailbox_takes_nothing_closes(desk: Desk) -> None:
    request = ask(Right.OBJECTION, proved=False)
    begin_at_once(request=request)
    work()
    ServiceMessage.objects.update(state="failed", sealed=b"")
    follow_up()
    request.refresh_from_db()
    assert (request.state, request.tasks.count()) == (State.CLOSED, 0)


def test_a_question_and_an_extension_that_nobody_took_are_posted(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, proved=False)
    request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    request = ask_about_identity(request=request, doubt="Eri nimi.", question="Kuka?", actor=desk.handler)
    propose_extension(request=request, reasons="Paljon.", actor=desk.handler)
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    extend(request=request, reasons="Paljon kirjeitä.", actor=desk.owner)
    ServiceMessage.objects.update(state="failed", sealed=b"")
    follow_up()
    assert sorted(request.tasks.filter(kind="post", done_at=None).values_list("about", flat=True)) == [
        "extension", "question",
    ]  # fmt: skip
    assert set(request.letters.filter(by_post=True).values_list("state", flat=True)) == {Letter.State.ISSUED}


def test_an_acknowledgement_that_nobody_took_goes_by_post_without_its_link(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, proved=False, name="Maija Malli", postal="Mallikuja 1")
    assert "/r/p/" in mails()[0]
    ServiceMessage.objects.update(state="failed", sealed=b"")
    follow_up()
    letter = request.letters.latest("pk")
    assert (letter.kind, letter.by_post) == ("acknowledgement", True)
    said = text_of(pdf_of(letter))
    assert "/r/" not in said
    assert "linkki" not in said.lower()
    assert request.tasks.get(kind="post").about == "acknowledgement"
    follow_up()
    assert request.letters.count() == 2


def test_a_letter_that_is_posted_instead_holds_no_link_and_reads_as_a_letter(desk: Desk, maija: Contact) -> None:
    request = answered(desk)
    ServiceMessage.objects.filter(ref=request.letters.get(kind="reply").message_ref).update(state="failed")
    follow_up()
    work()
    posted = text_of(pdf_of(request.letters.filter(kind="reply").latest("pk")))
    for absent in ("/r/d/", "linkki", "Linkki"):
        assert absent not in posted
    assert "Jäljennös tiedoistasi on liitteenä paperilla" in posted


def test_a_restriction_is_lifted_only_once_its_notice_has_left(desk: Desk, maija: Contact) -> None:
    request = ask(Right.RESTRICTION)
    triage(request=request, rights=[Right.RESTRICTION], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    let_arrive()
    announce_lifting(request=DataRequest.objects.get(), lift_on=timezone.localdate(), actor=desk.handler)
    with pytest.raises(LiftingNotAnnounced):
        lift_restriction(request=DataRequest.objects.get(), actor=desk.handler)
    let_arrive()
    lift_restriction(request=DataRequest.objects.get(), actor=desk.handler)
    maija.refresh_from_db()
    assert maija.restricted_at is None


def test_a_restriction_stays_until_the_day_its_letter_names(desk: Desk, maija: Contact) -> None:
    request = ask(Right.RESTRICTION)
    triage(request=request, rights=[Right.RESTRICTION], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    let_arrive()
    day = timezone.localdate() + timedelta(days=14)
    request = DataRequest.objects.get()
    with pytest.raises(StepRefused):
        announce_lifting(request=request, lift_on=timezone.localdate() - timedelta(days=1), actor=desk.handler)
    announce_lifting(request=request, lift_on=day, actor=desk.handler)
    said = f"Rajoitus puretaan {day.day}.{day.month}.{day.year}, ei aikaisemmin."
    assert said in mails("rights_letter")[-1]
    assert said in text_of(pdf_of(request.letters.get(kind="lifting")))
    let_arrive()
    with pytest.raises(LiftingTooEarly):
        lift_restriction(request=request, actor=desk.handler)
    assert lifted_from(request) == day
    with time_machine.travel(timezone.now() + timedelta(days=14), tick=False):
        lift_restriction(request=request, actor=desk.handler)
    maija.refresh_from_db()
    assert maija.restricted_at is None


def test_the_restriction_during_a_correction_ends_with_its_answer_at_the_right_address(
    desk: Desk, maija: Contact
) -> None:
    request = ask(Right.RECTIFICATION, new_address="maija.uusi@esimerkki.fi")
    triage(request=request, rights=[Right.RECTIFICATION], actor=desk.clerk)
    maija.refresh_from_db()
    assert maija.restricted_at is not None
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    maija.refresh_from_db()
    assert maija.restricted_at is not None
    assert "Rajoitus päättyy tähän kirjeeseen" in mails("rights_letter")[-1]
    assert "Rajoitus päättyy" in text_of(pdf_of(request.letters.get(kind="reply")))
    let_arrive()
    maija.refresh_from_db()
    assert maija.restricted_at is None
