"""Replies are read from any cut of the stream, and what isn't one is recognised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.reply import MOST_LINE, MOST_LINES, GarbageError, Reply, ReplyReader

codes = st.integers(200, 599)
texts = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40).map(
    lambda text: text.encode("latin-1")
)


@st.composite
def replies(draw: st.DrawFn) -> tuple[bytes, Reply]:
    """One reply as a server writes it, and as it is to be read."""
    code = draw(codes)
    status = (
        draw(st.sampled_from(["", f"{code // 100}.1.1", f"{code // 100}.7.515"])) if code // 100 in (2, 4, 5) else ""
    )
    lines = [line if status else b"x" + line for line in draw(st.lists(texts, min_size=1, max_size=4))]
    said = [(f"{status} ".encode() if status else b"") + line for line in lines]
    wire = b"".join(b"%d-%b\r\n" % (code, line) for line in said[:-1]) + b"%d %b\r\n" % (code, said[-1])
    return wire, Reply(code, status)


@given(st.lists(replies(), max_size=6), st.data())
def test_replies_are_read_alike_however_the_stream_is_cut(made: list[tuple[bytes, Reply]], data: st.DataObject) -> None:
    stream = b"".join(wire for wire, _ in made)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader, read = ReplyReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        read += reader.feed(stream[start:end])
    assert read == [reply for _, reply in made]
    assert reader.empty


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_recognised_as_garbage(noise: bytes) -> None:
    try:
        read = ReplyReader().feed(noise)
    except GarbageError:
        return
    assert all(200 <= reply.code <= 599 for reply in read)


def test_the_texts_are_given_only_where_they_are_asked_for() -> None:
    reader = ReplyReader()
    assert reader.feed(b"250-one\r\n250 two\r\n") == [Reply(250, "")]
    reader.keep_lines = True
    assert reader.feed(b"250-one\r\n250 two\r\n") == [Reply(250, "", (b"one", b"two"))]


def test_a_frequent_reply_is_read_the_same_the_second_time() -> None:
    reader = ReplyReader()
    assert reader.feed(b"250 2.1.5 Ok\r\n250 2.1.5 Fine\r\n") == [Reply(250, "2.1.5")] * 2


def test_a_frequent_reply_in_the_middle_of_a_long_one_does_not_end_it() -> None:
    reader = ReplyReader()
    reader.feed(b"250 2.1.5 Ok\r\n")
    with pytest.raises(GarbageError):
        reader.feed(b"550-5.1.1 no\r\n250 2.1.5 Ok\r\n")


def test_a_bare_code_and_a_bare_line_feed_are_understood() -> None:
    assert ReplyReader().feed(b"250\r\n354 go\n") == [Reply(250, ""), Reply(354, "")]


def test_a_status_needs_an_end() -> None:
    assert ReplyReader().feed(b"250 2.1.5.7 what\r\n") == [Reply(250, "")]


@pytest.mark.parametrize(
    "noise",
    [
        b"hello\r\n",
        b"099 no\r\n",
        b"1000 no\r\n",
        b"250x\r\n",
        b"\r\n",
        b"250-one\r\n550 two\r\n",
        b"250-" + b"x" * (MOST_LINE + 1),
        b"250-x\r\n" * (MOST_LINES + 1),
        b"\x16\x03\x01\x02\x00\n",
    ],
)
def test_what_is_no_reply_is_garbage(noise: bytes) -> None:
    with pytest.raises(GarbageError):
        ReplyReader().feed(noise)
