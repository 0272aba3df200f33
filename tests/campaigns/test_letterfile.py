from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.campaigns.errors import BadFile, FileFault
from luvalla.campaigns.letterfile import MOST_BYTES, LetterFile, read_letter_file


def read(data: bytes) -> LetterFile:
    return read_letter_file(data, language="sv")


def fault_of(data: bytes) -> tuple[FileFault, int]:
    with pytest.raises(BadFile) as caught:
        read(data)
    return caught.value.fault, caught.value.line


def test_reads_the_lines_and_the_letter() -> None:
    letter = read("subject: Hei: kaikki\npreheader:  Näin   pärjäät \nlanguage: FI\n\n# Hei\n\nTeksti\n".encode())
    assert letter == LetterFile("Hei: kaikki", "Näin pärjäät", "fi", "# Hei\n\nTeksti\n", 5)


def test_preheader_and_language_may_be_left_out() -> None:
    letter = read(b"Subject: Hei\n\nTeksti")
    assert (letter.preheader, letter.language) == ("", "sv")


def test_any_line_ends_and_a_byte_order_mark_are_taken() -> None:
    assert read(b"\xef\xbb\xbfsubject: Hei\r\n\r\nTeksti\r\n") == LetterFile("Hei", "", "sv", "Teksti\n", 3)


@pytest.mark.parametrize(
    ("data", "fault", "line"),
    [
        (b"", FileFault.NO_SUBJECT, 1),
        (b"preheader: x\n\nTeksti", FileFault.NO_SUBJECT, 1),
        (b"preheader: x\nsubject:   \n\nTeksti", FileFault.NO_SUBJECT, 2),
        (b"# Hei\n\nTeksti", FileFault.NOT_A_HEADER, 1),
        (b"subject: Hei\nTeksti\n", FileFault.NOT_A_HEADER, 2),
        (b"subject: Hei\nBcc: x@example.com\n\nTeksti", FileFault.UNKNOWN_HEADER, 2),
        (b"subject: Hei\nsubject: Hoi\n\nTeksti", FileFault.TWICE, 2),
        (b"subject: " + b"x" * 151 + b"\n\nTeksti", FileFault.TOO_LONG, 1),
        (b"subject: Hei\nlanguage: de\n\nTeksti", FileFault.UNKNOWN_LANGUAGE, 2),
        (b"subject: Hei\n\n\n  \n", FileFault.NO_BODY, 5),
        (b"subject: Hei\n\nTeksti\n\x00", FileFault.CONTROL_CHARACTER, 4),
        (b"subject: Hei\x0bBcc: x\n\nTeksti", FileFault.CONTROL_CHARACTER, 1),
        ("subject: Hei\u2028Bcc: x\n\nTeksti".encode(), FileFault.CONTROL_CHARACTER, 1),
        ("subject: Hei\u202e\n\nTeksti".encode(), FileFault.CONTROL_CHARACTER, 1),
        (b"subject: Hei\n\nTeksti\n\xe4iti", FileFault.NOT_UTF8, 4),
        (b"subject: Hei\n\n" + b"x" * MOST_BYTES, FileFault.TOO_LARGE, 0),
    ],
)
def test_a_bad_file_is_refused_with_its_line(data: bytes, fault: FileFault, line: int) -> None:
    assert fault_of(data) == (fault, line)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"subject: {text}\n\nx".encode(errors="replace"))
)
def test_a_file_is_read_or_refused(data: bytes) -> None:
    try:
        letter = read(data)
    except BadFile:
        return
    assert len(letter.subject.splitlines()) == 1
