"""A compiled letter is what its author wrote, for every mail program, and the same for everyone but in its holes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.errors import (
    BadSource,
    BadValue,
    HeaderInjection,
    LetterError,
    SourceFault,
    SourcePart,
    ValueFault,
)
from luvalla.sending.letter import (
    STOP_MARK,
    Attachment,
    Hole,
    InlineImage,
    LetterSource,
    compile_letter,
    field_hole,
    field_mark,
    mail_date,
)
from tests.sending.letters_to_compile import STOP_URL, TO_MAIJA, bodies, letter_source, read_mail, sender_name

said = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)
"""What can stand in a header."""
written = st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=400)
"""What can stand in a body; line ends are the mail's own."""
tokens = st.from_regex(r"[A-Za-z0-9_-]{1,120}", fullmatch=True)
addresses = st.from_regex(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\.[a-z0-9]{1,9}){0,2}@[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?\.fi", fullmatch=True
)
files = st.builds(
    Attachment,
    filename=said.filter(lambda name: name.strip() == name and name != ""),
    content_type=st.sampled_from(["application/pdf", "image/png", "application/zip"]),
    data=st.binary(max_size=300),
)


@dataclass(frozen=True)
class Wording:
    """What an author wrote."""

    subject: str
    name: str
    list_name: str
    html: str
    text: str
    attachments: list[Attachment]


wordings = st.builds(
    Wording,
    subject=said.filter(lambda text: text.strip()),
    name=said,
    list_name=said,
    html=written,
    text=written,
    attachments=st.lists(files, max_size=3),
)


@given(wordings, addresses, tokens)
def test_a_mail_program_reads_exactly_what_was_written(wrote: Wording, to: str, token: str) -> None:
    source = letter_source(
        subject=wrote.subject,
        from_name=wrote.name,
        list_name=wrote.list_name,
        html=wrote.html + STOP_MARK,
        text=STOP_MARK + wrote.text,
        attachments=wrote.attachments,
    )
    message = compile_letter(source).fill({**TO_MAIJA, Hole.TO: to.encode(), Hole.STOP_TOKEN: token.encode()})
    check_lines(message)
    read = read_mail(message)
    assert read["subject"] == wrote.subject
    assert sender_name(message).split() == wrote.name.split()
    assert read["from"].addresses[0].addr_spec == "uutiskirje@esimerkki.fi"
    assert read["to"].addresses[0].addr_spec == to
    assert bodies(read) == {"text/plain": token + wrote.text, "text/html": wrote.html + token}
    assert [
        (each.get_filename(), each.get_content_type(), each.get_payload(decode=True))
        for each in read.iter_attachments()
    ] == [(each.filename, each.content_type, each.data) for each in wrote.attachments]


def check_lines(message: bytes) -> None:
    """Check what every relay must be able to carry."""
    assert message.isascii()
    assert message.endswith(b"\r\n")
    assert message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")
    head, _, body = message.partition(b"\r\n\r\n")
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert not any(line.startswith((b".", b"From ")) for line in message.split(b"\r\n"))


@given(first=tokens, second=tokens, to=st.tuples(addresses, addresses))
def test_two_recipients_messages_differ_in_the_holes_only_byte_by_byte(
    first: str, second: str, to: tuple[str, str]
) -> None:
    letter = compile_letter(letter_source())
    values = [
        {Hole.TO: address.encode(), Hole.MESSAGE_ID: b"%d.x" % number, Hole.STOP_TOKEN: token.encode()}
        for number, (address, token) in enumerate(zip(to, (first, second), strict=True))
    ]
    pieces = [letter.pieces(each) for each in values]
    assert pieces[0][::2] == pieces[1][::2]
    for each, of_values in zip(pieces, values, strict=True):
        assert b"".join(each) == letter.fill(of_values)
        filled = [piece.replace(b"=\r\n", b"") for piece in each[1::2]]
        assert set(filled) == set(of_values.values())


def test_the_list_s_header_fields_are_whole_and_bare() -> None:
    message = compile_letter(letter_source(list_name="Päivän kirje")).fill({**TO_MAIJA, Hole.STOP_TOKEN: b"t" * 120})
    assert (
        b"\r\nList-Unsubscribe: <https://esimerkki.fi/s/%b>,\r\n <mailto:stop+%b@esimerkki.fi>\r\n"
        % (b"t" * 120, b"t" * 120)
        in message
    )
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message
    read = read_mail(message)
    assert read["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert read["list-id"].endswith("<uutiskirje.esimerkki.fi>")
    assert re.findall(r"<([^>]*)>", read["list-unsubscribe"]) == [
        f"https://esimerkki.fi/s/{'t' * 120}",
        f"mailto:stop+{'t' * 120}@esimerkki.fi",
    ]


def test_without_a_mail_domain_there_is_only_the_address_on_the_web() -> None:
    message = compile_letter(letter_source(stop_mail_domain="")).fill(TO_MAIJA)
    assert b"\r\nList-Unsubscribe: <https://esimerkki.fi/s/abc-DEF_123>\r\nList-Unsubscribe-Post" in message


def test_a_long_stop_address_is_never_folded() -> None:
    prefix = "https://esimerkki.fi/" + "polku/" * 100
    message = compile_letter(letter_source(stop_url_prefix=prefix)).fill({**TO_MAIJA, Hole.STOP_TOKEN: b"t" * 120})
    assert f"List-Unsubscribe: <{prefix}{'t' * 120}>,\r\n".encode() in message
    check_lines(message)


def test_the_header_says_what_a_newsletter_says() -> None:
    read = read_mail(compile_letter(letter_source(reply_to="toimitus@esimerkki.fi")).fill(TO_MAIJA))
    assert read["to"] == "maija@esimerkki.fi"
    assert read["message-id"] == "<5f.maija@esimerkki.fi>"
    assert read["date"].datetime == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert read["content-language"] == "fi"
    assert read["mime-version"] == "1.0"
    assert read["precedence"] == "bulk"
    assert read["reply-to"] == "toimitus@esimerkki.fi"
    assert read["auto-submitted"] is None
    assert read.get_content_type() == "multipart/alternative"
    assert all(len(read.get_all(name, [])) == 1 for name in read.keys())  # noqa: SIM118  # a message has keys, not items


def test_pictures_stand_beside_the_html_that_shows_them() -> None:
    source = letter_source(
        html=f'<img src="cid:kuva@kirje">{STOP_MARK}',
        images=[InlineImage("kuva@kirje", "image/png", b"\x89PNG" * 100)],
        attachments=[Attachment("hinnasto.pdf", "application/pdf", b"%PDF")],
    )
    message = compile_letter(source).fill(TO_MAIJA)
    check_lines(message)
    read = read_mail(message)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    picture = next(part for part in read.walk() if part.get_content_type() == "image/png")
    assert picture["content-id"] == "<kuva@kirje>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_payload(decode=True) == b"\x89PNG" * 100


@given(value=said.filter(lambda text: 0 < len(text.encode()) <= 400), before=said, behind=said)
def test_declared_fields_are_filled_into_subject_text_and_html(value: str, before: str, behind: str) -> None:
    mark = field_mark("etunimi")
    source = letter_source(
        subject=f"{before}{mark}{behind}",
        html=f"<p title='{mark}'>{mark}</p>{STOP_MARK}",
        text=f"{STOP_MARK} {mark}, {mark}",
        fields=frozenset({"etunimi"}),
    )
    message = compile_letter(source).fill({**TO_MAIJA, field_hole("etunimi"): value.encode()})
    check_lines(message)
    read = read_mail(message)
    assert read["subject"] == f"{before}{value}{behind}"
    assert bodies(read)["text/plain"] == f"abc-DEF_123 {value}, {value}"
    html = bodies(read)["text/html"]
    assert html.count("<") == 2
    assert html.count("&lt;") == 2 * value.count("<")


def test_a_field_that_is_not_declared_stops_the_letter() -> None:
    for part in ("subject", "html", "text"):
        source = letter_source()
        source = replace(source, **{part: getattr(source, part) + field_mark("etunimi")})
        with pytest.raises(BadSource) as caught:
            compile_letter(source)
        assert caught.value.fault is SourceFault.FIELD


def test_a_letter_without_a_date_gets_it_when_the_sending_begins() -> None:
    letter = compile_letter(letter_source(date=None))
    assert Hole.DATE in letter.holes
    begun = letter.bind({Hole.DATE: mail_date(datetime(2026, 11, 24, 8, 0, tzinfo=timezone(timedelta(hours=2))))})
    assert begun.holes == {Hole.TO, Hole.MESSAGE_ID, Hole.STOP_TOKEN}
    assert b"\r\nDate: Tue, 24 Nov 2026 08:00:00 +0200\r\n" in begun.fill(TO_MAIJA)
    assert letter.fill({**TO_MAIJA, Hole.DATE: b"Tue, 24 Nov 2026 08:00:00 +0200"}) == begun.fill(TO_MAIJA)


def test_the_same_source_gives_the_same_bytes() -> None:
    assert compile_letter(letter_source()).digest == compile_letter(letter_source()).digest
    assert compile_letter(letter_source()).digest != compile_letter(letter_source(subject="Toinen")).digest


def test_an_international_recipient_is_written_as_it_is() -> None:
    message = compile_letter(letter_source()).fill({**TO_MAIJA, Hole.TO: "käyttäjä@esimerkki.fi".encode()})
    assert "\r\nTo: käyttäjä@esimerkki.fi\r\n".encode() in message


def test_an_international_sender_s_domain_becomes_a_labels() -> None:
    message = compile_letter(letter_source(from_address="lehti@sähkö.example", message_id_domain="Sähkö.example")).fill(
        TO_MAIJA
    )
    assert b"<lehti@xn--shk-qla6g.example>" in message
    assert b"\r\nMessage-ID: <5f.maija@xn--shk-qla6g.example>\r\n" in message


CONTROLS = ["\r", "\n", "\r\n", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize(
    "part",
    [
        "from_name",
        "from_address",
        "subject",
        "reply_to",
        "list_id",
        "list_name",
        "stop_url_prefix",
        "stop_mail_local",
        "stop_mail_domain",
        "message_id_domain",
    ],
)
def test_a_control_character_never_reaches_a_header(part: str, control: str) -> None:
    whole = getattr(letter_source(), part) or "toimitus@esimerkki.fi"
    with pytest.raises(HeaderInjection) as caught:
        compile_letter(letter_source(**{part: f"{whole[:3]}{control}Bcc: kaikki@esimerkki.fi{whole[3:]}"}))
    assert "Bcc" not in str(caught.value)


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_a_control_character_never_reaches_an_extra_header_or_a_file_s_name(control: str) -> None:
    for changes in (
        {"extra_headers": [("X-Campaign", f"a{control}b")]},
        {"attachments": [Attachment(f"a{control}b.pdf", "application/pdf", b"")]},
    ):
        with pytest.raises(HeaderInjection):
            compile_letter(letter_source(**changes))


@pytest.mark.parametrize(
    ("changes", "part", "fault"),
    [
        ({"subject": " "}, SourcePart.SUBJECT, SourceFault.EMPTY),
        ({"html": "<p>ilman</p>"}, SourcePart.HTML, SourceFault.NO_STOP),
        ({"text": "ilman"}, SourcePart.TEXT, SourceFault.NO_STOP),
        ({"html": STOP_MARK + "\0"}, SourcePart.HTML, SourceFault.NUL),
        ({"text": STOP_MARK + "\ud800"}, SourcePart.TEXT, SourceFault.NUL),
        ({"subject": f"Hei {STOP_MARK}"}, SourcePart.SUBJECT, SourceFault.FIELD),
        ({"from_address": "uutiskirje"}, SourcePart.SENDER, SourceFault.ADDRESS),
        ({"from_address": "ä@esimerkki.fi"}, SourcePart.SENDER, SourceFault.ADDRESS),
        ({"from_address": "a b@esimerkki.fi"}, SourcePart.SENDER, SourceFault.ADDRESS),
        ({"from_address": "a@-.fi"}, SourcePart.SENDER, SourceFault.DOMAIN),
        ({"reply_to": "a@b@esimerkki.fi"}, SourcePart.REPLY_TO, SourceFault.ADDRESS),
        ({"list_id": "uutiskirje"}, SourcePart.LIST_ID, SourceFault.LIST_ID),
        ({"list_id": "a b.fi"}, SourcePart.LIST_ID, SourceFault.LIST_ID),
        ({"stop_url_prefix": "javascript:alert(1)//"}, SourcePart.STOP_ADDRESS, SourceFault.URL),
        ({"stop_url_prefix": "https://esimerkki.fi/>,<"}, SourcePart.STOP_ADDRESS, SourceFault.URL),
        ({"stop_url_prefix": "https://sähkö.fi/s/"}, SourcePart.STOP_ADDRESS, SourceFault.URL),
        ({"stop_url_prefix": "https://esimerkki.fi/" + "s" * 900}, SourcePart.STOP_ADDRESS, SourceFault.TOO_LONG),
        ({"stop_mail_local": "a@b"}, SourcePart.STOP_MAIL, SourceFault.ADDRESS),
        ({"stop_mail_domain": "a..b"}, SourcePart.STOP_MAIL, SourceFault.DOMAIN),
        ({"message_id_domain": ""}, SourcePart.MESSAGE_ID_DOMAIN, SourceFault.DOMAIN),
        ({"message_id_domain": "esimerkki.fi."}, SourcePart.MESSAGE_ID_DOMAIN, SourceFault.DOMAIN),
        ({"language": "suomi ja ruotsi"}, SourcePart.LANGUAGE, SourceFault.LANGUAGE),
        ({"date": datetime(2026, 11, 23)}, SourcePart.DATE, SourceFault.DATE),  # noqa: DTZ001  # the fault
        ({"extra_headers": [("Bcc", "a@esimerkki.fi")]}, SourcePart.EXTRA_HEADER, SourceFault.HEADER_NAME),
        ({"extra_headers": [("list-UNSUBSCRIBE", "x")]}, SourcePart.EXTRA_HEADER, SourceFault.HEADER_NAME),
        ({"extra_headers": [("X Y", "x")]}, SourcePart.EXTRA_HEADER, SourceFault.HEADER_NAME),
        ({"attachments": [Attachment("", "application/pdf", b"")]}, SourcePart.ATTACHMENT_NAME, SourceFault.EMPTY),
        ({"attachments": [Attachment("a", "pdf", b"")]}, SourcePart.ATTACHMENT, SourceFault.CONTENT_TYPE),
        ({"attachments": [Attachment("a", "a/b; c=d", b"")]}, SourcePart.ATTACHMENT, SourceFault.CONTENT_TYPE),
        ({"images": [InlineImage("kuva", "image/png", b"")]}, SourcePart.IMAGE, SourceFault.CID),
        (
            {"images": [InlineImage("a>b", "image/png", b"")], "html": f"cid:a>b {STOP_MARK}"},
            SourcePart.IMAGE,
            SourceFault.CID,
        ),
        (
            {"images": [InlineImage("a", "image/png", b"")] * 2, "html": f"cid:a {STOP_MARK}"},
            SourcePart.IMAGE,
            SourceFault.CID,
        ),
    ],
)
def test_what_cannot_be_mail_is_refused_by_its_name(
    changes: dict[str, object], part: SourcePart, fault: SourceFault
) -> None:
    with pytest.raises(BadSource) as caught:
        compile_letter(letter_source(**changes))
    assert (caught.value.part, caught.value.fault) == (part, fault)
    assert str(caught.value) == f"{part} {fault}"


@given(st.builds(LetterSource, *[st.text(max_size=60)] * 9))
def test_any_source_compiles_or_is_refused(source: LetterSource) -> None:
    try:
        letter = compile_letter(source)
    except LetterError:
        return
    check_lines(letter.fill({**TO_MAIJA, Hole.DATE: b"Mon, 23 Nov 2026 10:00:00 +0000"}))


def test_an_extra_header_is_written_as_it_is_or_encoded() -> None:
    source = letter_source(extra_headers=[("Feedback-ID", "12:news:esimerkki"), ("X-Otsikko", "ääkköset")])
    read = read_mail(compile_letter(source).fill(TO_MAIJA))
    assert read["feedback-id"] == "12:news:esimerkki"
    assert read["x-otsikko"] == "ääkköset"


@pytest.mark.parametrize(
    ("hole", "value"),
    [
        (Hole.TO, b"maija"),
        (Hole.TO, b"maija@esimerkki.fi\r\nBcc: kaikki@esimerkki.fi"),
        (Hole.TO, b"maija @esimerkki.fi"),
        (Hole.TO, b"<maija@esimerkki.fi>"),
        (Hole.TO, b"maija@esimerkki.fi, liisa@esimerkki.fi"),
        (Hole.TO, b'"maija"@esimerkki.fi'),
        (Hole.TO, b"maija@esimerkki.fi\n"),
        (Hole.TO, b"\xff@esimerkki.fi"),
        (Hole.TO, "a\u2028b@esimerkki.fi".encode()),
        (Hole.TO, "a\x85b@esimerkki.fi".encode()),
        (Hole.TO, b"m" * 65 + b"@esimerkki.fi"),
        (Hole.TO, b"m@" + b"e" * 254),
        (Hole.TO, b""),
        (Hole.MESSAGE_ID, b"a@b"),
        (Hole.MESSAGE_ID, b"a..b"),
        (Hole.MESSAGE_ID, b"a>\r\nX: y"),
        (Hole.MESSAGE_ID, b"a" * 121),
        (Hole.STOP_TOKEN, b""),
        (Hole.STOP_TOKEN, b"a/b"),
        (Hole.STOP_TOKEN, b"abc\n"),
        (Hole.STOP_TOKEN, b"a" * 121),
        (Hole.DATE, b"Mon\r\nX: y"),
        (field_hole("etunimi"), b"a\nb"),
        (field_hole("etunimi"), b"\xff"),
        (field_hole("etunimi"), b"a" * 501),
    ],
)
def test_a_value_that_does_not_fit_its_hole_is_refused_and_not_repeated(hole: str, value: bytes) -> None:
    letter = compile_letter(
        letter_source(date=None, text=STOP_MARK + field_mark("etunimi"), fields=frozenset({"etunimi"}))
    )
    values = {**TO_MAIJA, Hole.DATE: b"Mon, 23 Nov 2026 10:00:00 +0000", field_hole("etunimi"): b"Maija"}
    assert letter.fill(values)
    with pytest.raises(BadValue) as caught:
        letter.fill({**values, hole: value})
    assert (caught.value.hole, caught.value.fault) == (hole, ValueFault.PATTERN)
    assert not value or value.decode("latin-1") not in str(caught.value)


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(BadValue) as caught:
        compile_letter(letter_source()).fill({Hole.TO: b"maija@esimerkki.fi"})
    assert (caught.value.hole, caught.value.fault) == (Hole.MESSAGE_ID, ValueFault.MISSING)


def test_a_date_without_a_time_zone_is_no_date() -> None:
    with pytest.raises(BadSource):
        mail_date(datetime(2026, 11, 23))  # noqa: DTZ001  # the fault


def test_the_stop_address_stands_in_the_bodies_as_in_the_header() -> None:
    read = read_mail(compile_letter(letter_source()).fill(TO_MAIJA))
    for text in bodies(read).values():
        assert f"{STOP_URL}abc-DEF_123" in text
