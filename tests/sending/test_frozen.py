"""A frozen letter is stored as bytes that stay the same, and read back or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.errors import BadValue, BrokenLetter
from luvalla.sending.frozen import CompiledLetter
from luvalla.sending.holes import Context, Slot
from luvalla.sending.letter import Hole, compile_letter, field_hole
from tests.sending.letters_to_compile import TO_MAIJA, letter_source

slots = st.builds(Slot, st.sampled_from([*Hole, field_hole("etunimi")]), st.sampled_from(Context))


@st.composite
def compiled(draw: st.DrawFn) -> CompiledLetter:
    """Any letter at all."""
    holes = draw(st.lists(slots, max_size=6))
    return CompiledLetter([draw(st.binary(max_size=30)) for _ in range(len(holes) + 1)], holes)


@given(compiled())
def test_what_is_stored_is_read_back(letter: CompiledLetter) -> None:
    stored = letter.to_bytes()
    read = CompiledLetter.from_bytes(stored)
    assert read == letter
    assert hash(read) == hash(letter)
    assert read.to_bytes() == stored
    assert read.digest == letter.digest
    assert len(letter.digest) == 64


@given(
    st.binary(max_size=200) | compiled().map(lambda letter: letter.to_bytes()),
    st.integers(0, 400),
    st.binary(max_size=3),
)
def test_any_bytes_are_read_as_they_were_written_or_refused(stored: bytes, at: int, change: bytes) -> None:
    changed = stored[:at] + change + stored[at + len(change) :]
    try:
        letter = CompiledLetter.from_bytes(changed)
    except BrokenLetter:
        return
    assert CompiledLetter.from_bytes(letter.to_bytes()) == letter


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"luvalla-letter 2\n[[0],[]]\n",
        b"luvalla-letter 1\n[[1],[]]\n",
        b"luvalla-letter 1\n[[-1],[]]\n",
        b"luvalla-letter 1\n[[true],[]]\nx",
        b'luvalla-letter 1\n[[0],[["to","header"]]]\n',
        b'luvalla-letter 1\n[[0,0],[["bcc","header"]]]\n',
        b'luvalla-letter 1\n[[0,0],[["to","nowhere"]]]\n',
        b'luvalla-letter 1\n[[0,0],[["field:","text"]]]\n',
        b"luvalla-letter 1\n" + b"[" * 100_000,
        b"luvalla-letter 1\n7\n",
    ],
)
def test_what_is_no_letter_is_refused(stored: bytes) -> None:
    with pytest.raises(BrokenLetter, match="not a frozen letter"):
        CompiledLetter.from_bytes(stored)


def test_the_stored_form_does_not_change_unnoticed() -> None:
    stored = compile_letter(letter_source()).to_bytes()
    assert stored.startswith(b"luvalla-letter 1\n[[")
    assert (
        CompiledLetter([b"a", b"b"], [Slot(Hole.TO, Context.HEADER)]).to_bytes()
        == b'luvalla-letter 1\n[[1,1],[["to","header"]]]\nab'
    )


def test_holes_can_be_filled_for_everyone() -> None:
    letter = compile_letter(letter_source())
    bound = letter.bind(TO_MAIJA)
    assert bound.holes == frozenset()
    assert bound.fill({}) == letter.fill(TO_MAIJA)
    assert letter.bind({}) == letter
    with pytest.raises(BadValue):
        letter.bind({Hole.TO: b"a\r\nb@esimerkki.fi"})


def test_a_letter_equals_letters_only() -> None:
    assert compile_letter(letter_source()) != "letter"
