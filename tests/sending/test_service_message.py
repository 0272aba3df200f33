"""A service message is one finished message to one recipient, which nothing answers by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.errors import BadSource, BadValue, HeaderInjection, LetterError, SourceFault
from luvalla.sending.letter import Attachment
from luvalla.sending.service_message import AutoSubmitted, ServiceMessage, ServiceSource, compile_service_message
from tests.sending.letters_to_compile import bodies, read_mail


def service_message(**changes: Any) -> ServiceMessage:
    """Compile a confirmation, changed as asked."""
    source: dict[str, Any] = {
        "from_name": "Esimerkin Energia",
        "from_address": "uutiskirje@esimerkki.fi",
        "to": "maija@esimerkki.fi",
        "subject": "Vahvista tilauksesi",
        "language": "fi",
        "text": "Vahvista: https://esimerkki.fi/v/abc\n",
        "html": "<p>Vahvista: <a href='https://esimerkki.fi/v/abc'>tästä</a></p>",
        "message_id": "v.1",
        "message_id_domain": "esimerkki.fi",
        "date": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    }
    return compile_service_message(ServiceSource(**{**source, **changes}))


def test_it_has_the_null_return_path_and_says_that_a_program_wrote_it() -> None:
    message = service_message(auto_submitted=AutoSubmitted.REPLIED, in_reply_to="<kysymys.1@example.com>")
    read = read_mail(message.data)
    assert message.envelope_sender == b""
    assert message.recipient == b"maija@esimerkki.fi"
    assert not message.utf8
    assert read["auto-submitted"] == "auto-replied"
    assert read["in-reply-to"] == read["references"] == "<kysymys.1@example.com>"
    assert read["to"] == "maija@esimerkki.fi"
    assert read["message-id"] == "<v.1@esimerkki.fi>"
    assert read["list-unsubscribe"] is None
    assert read["precedence"] is None


def test_a_person_s_letter_does_not_say_so() -> None:
    assert read_mail(service_message(auto_submitted=AutoSubmitted.NO).data)["auto-submitted"] is None


def test_text_alone_needs_no_multipart() -> None:
    read = read_mail(service_message(html="").data)
    assert read.get_content_type() == "text/plain"
    assert bodies(read) == {"text/plain": "Vahvista: https://esimerkki.fi/v/abc\n"}


def test_a_certificate_goes_along_under_its_name() -> None:
    pdf = Attachment("Todistus epäämisestä – Äänekoski.pdf", "application/pdf", b"%PDF-1.7" * 100)
    (attached,) = read_mail(service_message(attachments=[pdf]).data).iter_attachments()
    assert attached.get_filename() == pdf.filename
    assert attached.get_content() == pdf.data


def test_an_international_recipient_needs_smtputf8() -> None:
    message = service_message(to="käyttäjä@esimerkki.fi")
    assert message.utf8
    assert message.recipient == "käyttäjä@esimerkki.fi".encode()


def test_an_answered_id_that_is_none_is_left_out() -> None:
    for answered in ("kysymys", "<a b>", "<a>\r\nBcc: x", "<ä@b>"):
        assert read_mail(service_message(in_reply_to=answered).data)["in-reply-to"] is None


@pytest.mark.parametrize("part", ["from_name", "from_address", "to", "subject", "reply_to", "message_id_domain"])
def test_a_line_break_never_reaches_a_header(part: str) -> None:
    with pytest.raises(HeaderInjection):
        service_message(**{part: "a\r\nBcc: kaikki@esimerkki.fi"})


def test_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadSource) as caught:
        service_message(text="")
    assert caught.value.fault is SourceFault.EMPTY
    with pytest.raises(BadValue):
        service_message(to="maija")
    with pytest.raises(BadValue):
        service_message(message_id="a b")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=200))
def test_any_words_are_sent_or_refused(subject: str, name: str, text: str) -> None:
    try:
        message = service_message(subject=subject, from_name=name, text=text)
    except LetterError:
        return
    read = read_mail(message.data)
    assert read["subject"] == subject
    assert bodies(read)["text/plain"] == text.replace("\r\n", "\n").replace("\r", "\n")
