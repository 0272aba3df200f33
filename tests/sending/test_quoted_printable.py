"""Quoted-printable text is read back as it was, in lines that every relay carries."""

from __future__ import annotations

import quopri

from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.holes import Context, Hole, Slot
from luvalla.sending.quoted_printable import break_token, encode_body, encode_line

texts = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("\n\r.F =\t"), max_size=300)
SLOT = Slot(Hole.STOP_TOKEN, Context.TOKEN)


@given(st.lists(texts | st.just(SLOT), max_size=8), st.from_regex(r"[A-Za-z0-9_-]{1,120}", fullmatch=True))
def test_text_with_holes_is_read_back_whatever_is_filled_in(parts: list[str | Slot], token: str) -> None:
    encoded = b"".join(
        piece if isinstance(piece, bytes) else break_token(token.encode()) for piece in encode_body(parts)
    )
    assert max(len(line) for line in encoded.split(b"\r\n")) <= 76
    wanted = "".join(part if isinstance(part, str) else token for part in parts)
    assert quopri.decodestring(encoded).decode("utf-8").replace("\r\n", "\n") == "".join(
        token if isinstance(part, Slot) else part.replace("\r\n", "\n").replace("\r", "\n") for part in parts
    ), wanted


@given(texts)
def test_no_line_begins_or_ends_with_what_mail_systems_change(text: str) -> None:
    lines = b"".join(piece for piece in encode_body([text]) if isinstance(piece, bytes)).split(b"\r\n")
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    assert all(byte in b"\t" or 32 <= byte < 127 for line in lines for byte in line)


def test_a_character_is_not_cut_in_two() -> None:
    assert all(len(line) % 3 in (0, 1) for line in encode_line("ä" * 100).split(b"\r\n"))
    assert b"=\r\n=A4" not in encode_line("x" + "ä" * 100)


def test_a_hole_stands_on_lines_of_its_own() -> None:
    assert list(encode_body(["a ", SLOT, " b\n", SLOT, "\nc"])) == [
        b"a=20",
        b"=\r\n",
        SLOT,
        b"=\r\n",
        b" b\r\n",
        SLOT,
        b"\r\nc",
    ]
    assert list(encode_body([SLOT, SLOT])) == [SLOT, b"=\r\n", SLOT]


def test_a_long_token_is_broken_and_a_short_one_is_not() -> None:
    assert break_token(b"t" * 75) == b"t" * 75
    assert break_token(b"t" * 120) == b"t" * 75 + b"=\r\n" + b"t" * 45
