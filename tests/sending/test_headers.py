"""Header fields are folded within their limits and read back as they were."""

from __future__ import annotations

import email.header
import re
from email.headerregistry import HeaderRegistry

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending import headers
from luvalla.sending.encoded_words import encode_words
from luvalla.sending.errors import SourcePart
from tests.sending.letters_to_compile import sender_name

said = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200)
read_header = HeaderRegistry()


@given(said)
def test_any_subject_is_read_back(text: str) -> None:
    field = b"".join(
        piece for piece in headers.text_field(SourcePart.SUBJECT, "Subject", [text]) if isinstance(piece, bytes)
    )
    assert max(len(line) for line in field.split(b"\r\n")) <= 76
    value = field.decode("ascii").removeprefix("Subject: ").removesuffix("\r\n").replace("\r\n", "")
    assert read_header("subject", value) == text


@given(said, st.integers(25, 75))
def test_encoded_words_have_their_lengths_and_cut_no_character(text: str, first: int) -> None:
    words = encode_words(text, first=first)
    assert len(words[0]) <= max(first, len("=?utf-8?b?8J+OiQ==?="))
    assert all(len(word) <= 75 for word in words)
    assert all(re.fullmatch(rb"=\?utf-8\?[bq]\?[!->@-~]*\?=", word) for word in words)
    decoded = "".join(
        part.decode("utf-8")
        for word in words
        for part, _ in email.header.decode_header(word.decode())
        if isinstance(part, bytes)
    )
    assert decoded == text


@given(said.filter(lambda text: text.strip() == text))
def test_any_display_name_is_read_back(name: str) -> None:
    field = headers.field("From", headers.mailbox(SourcePart.SENDER, name, "a@esimerkki.fi"))
    assert max(len(line) for line in field.split(b"\r\n")) <= 76
    assert sender_name(field + b"\r\n").split() == name.split()


@pytest.mark.parametrize(
    "name", ["Päivi Mäkelä", "Esimerkin Energia Oy – asiakaspalvelu ja myynti, Äänekoski", "Energia, Oy", "a  b"]
)
def test_a_name_of_usual_length_is_read_right_by_python_s_newer_parser_too(name: str) -> None:
    field = headers.field("From", headers.mailbox(SourcePart.SENDER, name, "a@esimerkki.fi"))
    value = field.decode("ascii").removeprefix("From: ").removesuffix("\r\n").replace("\r\n", "")
    assert read_header("from", value).addresses[0].display_name.split() == name.split()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Esimerkin Energia", b"From: Esimerkin Energia <a@esimerkki.fi>\r\n"),
        ("Energia, Oy", b'From: "Energia, Oy" <a@esimerkki.fi>\r\n'),
        ('Energia "Oy"', b'From: "Energia \\"Oy\\"" <a@esimerkki.fi>\r\n'),
        ("Esimerkkilä", b"From: =?utf-8?q?Esimerkkil=C3=A4?= <a@esimerkki.fi>\r\n"),
        ("=?utf-8?q?x?=", b"From: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@esimerkki.fi>\r\n"),
        ("", b"From: <a@esimerkki.fi>\r\n"),
    ],
)
def test_a_name_is_written_in_the_plainest_way_that_is_right(name: str, written: bytes) -> None:
    assert headers.field("From", headers.mailbox(SourcePart.SENDER, name, "a@esimerkki.fi")) == written


def test_a_plain_subject_stays_plain_and_is_folded_between_words() -> None:
    (field,) = headers.text_field(SourcePart.SUBJECT, "Subject", ["word " * 20 + "end"])
    assert isinstance(field, bytes)
    assert b"=?" not in field
    assert field.count(b"\r\n ") == 1


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=150))
def test_any_file_name_is_written_in_short_ascii_sections(name: str) -> None:
    sections = headers.parameter(SourcePart.ATTACHMENT_NAME, "filename", name)
    assert all(section.isascii() and len(section) <= 74 for section in sections)
    assert len({section.partition(b"=")[0] for section in sections}) == len(sections)
