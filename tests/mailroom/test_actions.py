from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone
from pytest_django import Settings

from luvalla.jobs.testing import run_due, run_periodic
from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.actions import post_service_message, send_test
from luvalla.mailroom.errors import AttachmentsTooLarge, NotStaff, RelayUnusable, TestNotTaken
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import GIVEN_UP_AFTER, LARGEST_ATTACHMENTS, PAUSES, AttachedFile
from luvalla.register.models import Suppression
from luvalla.rules.address import Address, normalise
from luvalla.sending.errors import LetterError
from luvalla.sending.testing import Receiver
from tests.mailroom.world import World, freeze, make_campaign


def post(
    text: str = "maija@esimerkki.fi",
    *,
    is_answer: bool = False,
    html: str = "",
    attachments: Sequence[AttachedFile] = (),
) -> ServiceMessage:
    return post_service_message(
        kind="acknowledgement",
        address=normalise(text),
        subject="Pyyntösi on tullut perille",
        text="Hei,\npyyntösi on tullut perille.\n",
        html=html,
        language="fi",
        is_answer=is_answer,
        attachments=attachments,
        actor=SUBJECT,
    )


def test_a_service_message_is_sealed_until_it_is_sent_and_then_emptied(world: World, receiver: Receiver) -> None:
    row = post()
    assert b"esimerkki" not in bytes(row.sealed)
    run_due()
    row.refresh_from_db()
    assert (row.state, row.attempts, bytes(row.sealed)) == ("sent", 1, b"")
    (received,) = receiver.messages
    assert received.recipients == [b"maija@esimerkki.fi"]
    assert re.fullmatch(rb"bounce\+[0-9a-f]+@esimerkki\.fi", received.sender), "no way back for reports"
    message = message_from_bytes(received.data, policy=default)
    assert (message["To"], message["Auto-Submitted"]) == ("maija@esimerkki.fi", "auto-generated")
    assert message["Subject"] == "Pyyntösi on tullut perille"
    assert message["List-Unsubscribe"] is None
    assert message.get_content().splitlines() == ["Hei,", "pyyntösi on tullut perille."]


def test_a_file_goes_with_its_message_sealed_until_it_is_sent(world: World, receiver: Receiver) -> None:
    file = AttachedFile("sitoumus – ä.pdf", "application/pdf", b"%PDF-1.7 Maija Esimerkki")
    row = post(attachments=[file])
    assert b"%PDF" not in bytes(row.sealed)
    assert b64encode(file.data)[:12] not in bytes(row.sealed)
    run_due()
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed)) == ("sent", b"")
    message = message_from_bytes(receiver.messages[0].data, policy=default)
    assert message.get_content_type() == "multipart/mixed"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (file.name, "application/pdf")
    assert attached.get_content() == file.data
    assert LedgerRow.objects.get(verb="mailroom.post_service_message").facts["attachments"] == 1


def test_files_that_are_more_than_mailboxes_take_are_refused_and_nothing_is_kept(world: World) -> None:
    half = AttachedFile("a.pdf", "application/pdf", bytes(LARGEST_ATTACHMENTS // 2))
    with pytest.raises(AttachmentsTooLarge):
        post(attachments=[half, half, AttachedFile("b.pdf", "application/pdf", b"x")])
    assert not ServiceMessage.objects.exists()


def test_an_answer_to_a_mail_says_that_it_is_one(world: World, receiver: Receiver) -> None:
    post(is_answer=True, html="<p>Hei</p>")
    run_due()
    message = message_from_bytes(receiver.messages[0].data, policy=default)
    assert message["Auto-Submitted"] == "auto-replied"
    assert message.get_content_type() == "multipart/alternative"


def test_the_suppressed_get_the_answer_they_asked_for(world: World, receiver: Receiver) -> None:
    row = post()
    Suppression.objects.create(token=bytes(row.folded), reason="withdrawal")
    run_due()
    assert receiver.counters.messages == 1


def test_a_message_beyond_ascii_is_sent_as_utf8(world: World, receiver: Receiver) -> None:
    post("älyk@esimerkki.fi")
    run_due()
    assert b"SMTPUTF8" in receiver.messages[0].parameters


def test_a_relay_that_is_away_is_tried_again_with_patience(world: World, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:1"
    row = post()
    run_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert timedelta(0) < row.next_try_at - timezone.now() <= PAUSES[0]
    run_periodic("mailroom.send_waiting_messages")
    row.refresh_from_db()
    assert row.attempts == 1
    with Receiver() as receiver:
        settings.LUVALLA_SMTP_URL = receiver.url
        ServiceMessage.objects.update(next_try_at=timezone.now())
        run_periodic("mailroom.send_waiting_messages")
        assert receiver.counters.messages == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)


def test_a_message_that_was_refused_is_given_up_and_emptied(world: World, receiver: Receiver) -> None:
    row = post("refuse@esimerkki.fi")
    run_due()
    row.refresh_from_db()
    assert (row.state, row.code, bytes(row.sealed)) == ("failed", "550 5.1.1", b"")


def test_a_message_that_nobody_takes_is_given_up_at_last(world: World, receiver: Receiver) -> None:
    row = post("defer@esimerkki.fi")
    ServiceMessage.objects.update(created_at=timezone.now() - GIVEN_UP_AFTER - timedelta(minutes=1))
    run_due()
    row.refresh_from_db()
    assert (row.state, bytes(row.sealed)) == ("failed", b"")


def test_a_sent_message_s_mailbox_is_forgotten_after_a_day(world: World, receiver: Receiver) -> None:
    row = post()
    run_due()
    run_periodic("mailroom.purge")
    row.refresh_from_db()
    assert len(bytes(row.folded)) == 32
    ServiceMessage.objects.update(created_at=timezone.now() - timedelta(hours=25))
    run_periodic("mailroom.purge")
    row.refresh_from_db()
    assert bytes(row.folded) == b""


def test_a_message_is_sent_once_by_two_who_try(world: World, receiver: Receiver) -> None:
    post()
    run_due()
    run_periodic("mailroom.send_waiting_messages")
    assert receiver.counters.messages == 1


def test_a_line_break_in_a_subject_goes_nowhere(world: World, receiver: Receiver) -> None:
    with pytest.raises(LetterError):
        post_service_message(
            kind="x",
            address=Address("maija", "esimerkki.fi"),
            subject="Hei\r\nBcc: kaikki@esimerkki.fi",
            text="x",
            html="",
            language="fi",
            actor=SUBJECT,
        )
    assert ServiceMessage.objects.count() == 0


def test_the_ledger_tells_of_a_message_by_its_reference_only(world: World, receiver: Receiver) -> None:
    row = post()
    run_due()
    rows = LedgerRow.objects.filter(subject_kind="message").order_by("pk")
    assert [each.verb for each in rows] == ["mailroom.post_service_message", "mailroom.send_service_message"]
    assert {each.subject_ref for each in rows} == {str(row.ref)}
    assert "esimerkki" not in str([each.facts for each in rows])


@pytest.fixture
def campaign(world: World) -> Iterator[object]:
    made = make_campaign(world, state="approved")
    freeze(made)
    return made


def test_a_test_letter_is_marked_and_its_stop_link_is_nobody_s(
    world: World, receiver: Receiver, campaign: object
) -> None:
    send_test(campaign=campaign, to=normalise("author@esimerkki.fi"), actor=SUBJECT)
    (received,) = receiver.messages
    message = message_from_bytes(received.data, policy=default)
    assert message["Subject"] == "[Testi] Syksyn uutiset"
    assert message["To"] == "author@esimerkki.fi"
    assert message["Date"]
    row = LedgerRow.objects.get(verb="mailroom.send_test")
    assert row.facts == {"outcome": "accepted", "code": "250 2.0.0"}


def test_a_test_letter_goes_to_nobody_but_the_staff(world: World, receiver: Receiver, campaign: object) -> None:
    with pytest.raises(NotStaff):
        send_test(campaign=campaign, to=normalise("asiakas@example.com"), actor=SUBJECT)
    assert receiver.counters.connections == 0


def test_a_test_letter_that_was_refused_is_said_to_be(world: World, receiver: Receiver, campaign: object) -> None:
    with pytest.raises(TestNotTaken) as fault:
        send_test(campaign=campaign, to=normalise("refuse@esimerkki.fi"), actor=SUBJECT)
    assert fault.value.answer == "550 5.1.1"
    assert "550 5.1.1" in str(fault.value)


def test_without_a_relay_a_test_letter_says_what_to_do(world: World, settings: Settings, campaign: object) -> None:
    settings.LUVALLA_SMTP_URL = ""
    with pytest.raises(RelayUnusable) as fault:
        send_test(campaign=campaign, to=normalise("author@esimerkki.fi"), actor=SUBJECT)
    assert "LUVALLA_SMTP_URL" in str(fault.value)
