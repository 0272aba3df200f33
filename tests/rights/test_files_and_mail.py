"""What comes with a request: scans are kept, programs and giants are not; and plain mails become cases."""

from __future__ import annotations

import io
import time
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.register.models import Contact
from luvalla.register.queries import prohibited_kinds
from luvalla.rights.cases import said
from luvalla.rights.errors import FileFault, FileInfected, FileRefused, FileUnscanned
from luvalla.rights.files import LARGEST, check_file, open_file
from luvalla.rights.mail_intake import LONGEST, LONGEST_HEADER, take_request
from luvalla.rights.models import DataRequest
from luvalla.rights.reading import further_words, show_file
from luvalla.rules.purposes import Prohibited
from tests.support.clamd import MARK, clamd
from tests.support.requests import MAIJA, mails
from tests.support.world import World

SCAN = b"%PDF-1.7\nscan"
MILLION = 1_000_000


def zipped(*names: str, size: int = 1) -> bytes:
    """Make a ZIP file with these names in it, each of so many bytes of nothing."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED, compresslevel=9) as opened:
        for name in names:
            with opened.open(name, "w") as entry:
                for begun in range(0, size, MILLION):
                    entry.write(bytes(min(MILLION, size - begun)))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b"%PDF-" + b"0" * LARGEST, FileFault.TOO_LARGE),
        (b"MZ\x90\x00", FileFault.EXECUTABLE),
        (b"#!/bin/sh\n", FileFault.EXECUTABLE),
        (zipped("word/document.xml", "word/vbaProject.bin"), FileFault.EXECUTABLE),
        (zipped("setup.exe"), FileFault.EXECUTABLE),
        (zipped("else.xml"), FileFault.UNKNOWN_KIND),
        (b"PK\x03\x04broken", FileFault.UNKNOWN_KIND),
        (b"\x00\x01\x02\xff", FileFault.UNKNOWN_KIND),
        (b"\xef\xbb\xbf#!/bin/sh\n", FileFault.EXECUTABLE),
        (zipped("word/document.xml", "word/embeddings/oleObject1.bin"), FileFault.EXECUTABLE),
        (zipped("word/document.xml", "evil.exe"), FileFault.EXECUTABLE),
        (zipped("word/document.xml", "more.zip"), FileFault.EXECUTABLE),
        (zipped("content.xml", "Scripts/python/evil.py"), FileFault.EXECUTABLE),
        (zipped("content.xml", "classes.dex"), FileFault.EXECUTABLE),
        (zipped("word/document.xml", *map(str, range(6000))), FileFault.TOO_LARGE),
        (zipped("word/document.xml", size=310_000_000), FileFault.TOO_LARGE),
    ],
)
def test_what_is_no_document_is_refused_whatever_its_name(content: bytes, fault: FileFault) -> None:
    with pytest.raises(FileRefused) as refused:
        check_file("letter.pdf", content)
    assert refused.value.fault is fault


@pytest.mark.parametrize("content", [SCAN, b"\x89PNG\r\n\x1a\nx", zipped("word/document.xml"), "Hyvää päivää".encode()])
def test_documents_are_kept_by_what_they_are(content: bytes) -> None:
    assert check_file("evil.exe", content).content == content


def mail(text: str, *, subject: str = "Pyyntö", sender: str = MAIJA, **headers: str) -> EmailMessage:
    """Write a mail to the rights mailbox."""
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def received(world: World, message: EmailMessage) -> DataRequest | None:
    """Hand a mail in and give the newest case."""
    assert take_request(message.as_bytes(), world.controller.dpo_email)
    return DataRequest.objects.order_by("-pk").first()


def test_a_plain_mail_is_a_case_in_its_own_language_and_is_acknowledged(world: World) -> None:
    request = received(world, mail("Vad har ni för uppgifter om mig och var har ni fått dem?"))
    assert request is not None
    assert (request.channel, request.language, request.identity) == ("mail", "sv", 0)
    assert "Din begäran har kommit in" in str(request.letters.get().kind) or "Vi fick din begäran" in mails()[0]


@pytest.mark.parametrize(
    "words",
    [
        "Ich möchte wissen, welche Daten Sie über mich haben.",
        "Millised andmed teil minu kohta on?",
        "Какие данные обо мне у вас есть?",  # noqa: RUF001  # Russian
        "Quelles données avez-vous sur moi, je vous prie ?",
    ],
)
def test_somebody_who_writes_in_a_fourth_language_is_answered_in_english(world: World, words: str) -> None:
    request = received(world, mail(words, subject=""))
    assert request is not None
    assert (request.language, request.state) == ("en", "received")
    assert "We received your request" in mails()[0]


def test_a_mail_for_somebody_else_is_no_request_to_the_desk(world: World) -> None:
    assert not take_request(mail("Hei").as_bytes(), "joku@esimerkki.fi")
    assert not DataRequest.objects.exists()


def test_a_mail_that_asks_to_stop_stops_at_once_but_quoted_words_do_not(world: World, maija: Contact) -> None:
    received(world, mail("Kiitos hyvästä kirjeestä!\n\n> peruutan tilauksen\n> älkää lähettäkö"))
    assert not prohibited_kinds(bytes(maija.folded))
    received(world, mail("Älkää enää lähettäkö minulle kirjeitä."))
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))
    assert Contact.objects.filter(pk=maija.pk).exists()


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}])
def test_what_programs_send_by_themselves_opens_no_case(world: World, headers: dict[str, str]) -> None:
    assert received(world, mail("Olen lomalla.", **headers)) is None


def test_a_scan_is_kept_sealed_and_a_program_left_out(world: World) -> None:
    message = mail("Liitteenä pyyntöni.")
    message.add_attachment(SCAN, maintype="application", subtype="pdf", filename="Maijan pyyntö.pdf")
    message.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="lasku.pdf")
    request = received(world, message)
    assert request is not None
    kept = request.attachments.get()
    assert SCAN not in bytes(kept.sealed)
    assert (open_file(kept).name, open_file(kept).content) == ("Maijan pyyntö.pdf", SCAN)


def html_alone(words: str, *, plain: str | None = None) -> EmailMessage:
    """Write a mail as programs do that write HTML: alone, or beside a plain part."""
    message = mail("")
    message.set_content(words, subtype="html") if plain is None else message.set_content(plain)
    if plain is not None:
        message.add_alternative(words, subtype="html")
    return message


STOP_IN_HTML = (
    "<html><head><style>p{}</style></head><p>&Auml;lk&auml;&auml; en&auml;&auml; <b>l&auml;hett&auml;k&ouml;</b> "
    "kirjeit&auml;.</p>"
)


@pytest.mark.parametrize("plain", [None, "", "  \n"])
def test_a_stop_written_in_html_alone_stops_at_once_and_is_read_as_words(
    world: World, maija: Contact, plain: str | None
) -> None:
    request = received(world, html_alone(STOP_IN_HTML, plain=plain))
    assert request is not None
    assert "Älkää enää lähettäkö kirjeitä." in said(request).text
    assert "<" not in said(request).text
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))


def test_what_html_quotes_is_not_the_sender_s_own(world: World, maija: Contact) -> None:
    received(world, html_alone("<div>Kiitos kirjeestä!</div><blockquote><p>älkää lähettäkö</p></blockquote>"))
    assert not prohibited_kinds(bytes(maija.folded))


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "x-unknown"])
def test_words_in_a_character_set_that_does_not_fit_are_not_lost(world: World, maija: Contact, charset: str) -> None:
    head = f"From: {MAIJA}\nSubject: x\nContent-Type: text/plain; charset={charset}\n\n"
    raw = head.encode() + "Älkää enää lähettäkö mitään, kiitos.".encode("cp1252")
    assert take_request(raw, world.controller.dpo_email)
    assert "lähettäkö mitään, kiitos." in said(DataRequest.objects.get()).text
    assert Prohibited.DIRECT_MARKETING in prohibited_kinds(bytes(maija.folded))


def test_a_text_beyond_what_a_case_shows_is_kept_whole_as_a_file(world: World) -> None:
    request = received(world, mail("Mitä tietoja minusta on?\n" + "pitkästi " * 5000 + "loppu"))
    assert request is not None
    assert len(said(request).text) == LONGEST
    kept = open_file(request.attachments.get())
    assert kept.media_type == "text/plain"
    assert kept.content.decode().endswith("loppu")


def test_a_mail_without_a_usable_sender_is_still_a_case(world: World) -> None:
    request = received(world, mail("Poistakaa tietoni", sender="Maija"))
    assert request is not None
    assert (said(request).address, request.by_post) == ("", True)


def test_a_mail_that_cannot_be_parsed_is_taken_without_harm(world: World) -> None:
    assert take_request(b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\xff\xfe", world.controller.dpo_email)


def test_a_hundred_mails_of_one_sender_are_one_case_and_few_answers(world: World) -> None:
    for number in range(20):
        received(world, mail(f"Mitä tietoja minusta on? ({number})"))
    request = DataRequest.objects.get()
    assert request.events.filter(kind="asked_again").count() == 19
    assert len(further_words(request)) == 19
    assert len(mails("rights_acknowledgement")) == 3


def with_scan(content: bytes) -> EmailMessage:
    message = mail("Haluan tietää, mitä tietoja teillä on minusta.")
    message.add_attachment(content, maintype="application", subtype="pdf", filename="kirje.pdf")
    return message


def test_an_infected_attachment_is_left_out_and_the_request_is_whole(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    with clamd(tmp_path / "ctl") as (_, settings.LUVALLA_SCANNER):
        request = received(world, with_scan(SCAN + MARK))
    assert request is not None
    assert "mitä tietoja" in said(request).text
    assert not request.attachments.exists()
    assert request.events.get(kind="files_left_out").after == "1"
    assert LedgerRow.objects.get(verb="organisation.refuse_file").actor == "subject"


def test_a_scanner_that_is_away_holds_up_no_request_and_its_file_stays_shut_until_it_was_scanned(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    settings.LUVALLA_SCANNER = str(tmp_path / "nothing")
    clean, infected = received(world, with_scan(SCAN)), received(world, mail_of_another(SCAN + MARK))
    assert clean is not None
    assert infected is not None
    assert "mitä tietoja" in said(clean).text
    for request in (clean, infected):
        with pytest.raises(FileUnscanned):
            show_file(file=request.attachments.get(), actor=OPERATOR)
    assert not LedgerRow.objects.filter(verb="rights.show_file").exists()
    with clamd(tmp_path / "ctl") as (scanner, settings.LUVALLA_SCANNER):
        assert show_file(file=clean.attachments.get(), actor=OPERATOR).content == SCAN
        show_file(file=clean.attachments.get(), actor=OPERATOR)
        assert len(scanner.scanned) == 1, "what was scanned isn't scanned again"
        with pytest.raises(FileInfected):
            show_file(file=infected.attachments.get(), actor=OPERATOR)
    assert LedgerRow.objects.filter(verb="rights.show_file").count() == 2
    assert LedgerRow.objects.filter(verb="organisation.refuse_file").count() == 1


def mail_of_another(content: bytes) -> EmailMessage:
    message = mail("Toinen pyyntö: poistakaa tietoni.", sender="veikko@esimerkki.fi")
    message.add_attachment(content, maintype="application", subtype="pdf", filename="kirje.pdf")
    return message


@pytest.mark.parametrize("name", ["Content-Type", "From", "Subject", "Auto-Submitted", "Content-Disposition"])
@pytest.mark.parametrize("part", ["@,", "@ ", "a@", "; x=", "=?utf-8?q?a?= ", "(", '"'])
def test_a_header_without_end_is_read_as_quickly_as_any_and_the_request_is_taken_in(
    world: World, name: str, part: str
) -> None:
    written = mail("Mitä tietoja teillä on minusta?").as_bytes()
    _, _, rest = written.partition(b"\n")
    header = f"{name}: {part * (90_000 // len(part))}\n".encode()
    began = time.process_time()
    assert take_request(header + rest, world.controller.dpo_email)
    assert time.process_time() - began < 10, "uncut, the shortest of these takes minutes"
    assert DataRequest.objects.count() <= 1


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("mixed", "--b\n\nx\n"),
        ("alternative", "--b\n\nx\n"),
        ("mixed", "--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
    ],
    ids=["beside one another", "alternatives", "within one another"],
)
def test_a_mail_of_parts_without_end_is_read_quickly_and_is_a_case(world: World, kind: str, part: str) -> None:
    head = "From: maija@esimerkki.fi\nSubject: Mitä tietoja minusta on\n"
    raw = f"{head}Content-Type: multipart/{kind}; boundary=b\n\n{part * 150_000}".encode()
    began = time.process_time()
    assert take_request(raw, world.controller.dpo_email)
    assert time.process_time() - began < 10, "whole, it takes half a minute"
    assert DataRequest.objects.count() == 1


def test_headers_are_cut_and_the_rest_is_whole(world: World) -> None:
    request = received(world, mail("Mitä tietoja teillä on minusta?", subject="x" * 5000))
    assert request is not None
    text = said(request).text
    assert len(text.partition("\n")[0]) <= LONGEST_HEADER
    assert text.endswith("Mitä tietoja teillä on minusta?")
