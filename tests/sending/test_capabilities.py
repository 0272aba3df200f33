"""What a server offers is read from its answer to EHLO."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.capabilities import Capabilities, read_capabilities


def test_the_extensions_this_client_uses_are_read() -> None:
    lines = [
        b"mx.example greets",
        b"pipelining",
        b"SIZE 1000",
        b"8BITMIME",
        b"SMTPUTF8",
        b"CHUNKING",
        b"AUTH PLAIN LOGIN",
        b"STARTTLS",
    ]
    assert read_capabilities(lines) == Capabilities(
        pipelining=True,
        chunking=True,
        eight_bit=True,
        utf8=True,
        starttls=True,
        size=True,
        most_bytes=1000,
        auth=frozenset({"PLAIN", "LOGIN"}),
    )


def test_the_first_line_is_the_servers_name_and_offers_nothing() -> None:
    assert read_capabilities([b"PIPELINING"]) == Capabilities()


def test_the_old_spelling_of_auth_is_read_and_joined_with_the_new() -> None:
    assert read_capabilities([b"mx", b"AUTH=LOGIN", b"AUTH PLAIN"]).auth == {"LOGIN", "PLAIN"}


def test_a_size_without_a_number_limits_nothing() -> None:
    can = read_capabilities([b"mx", b"SIZE"])
    assert can.size
    assert can.most_bytes == 0


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_lines_are_read(lines: list[bytes]) -> None:
    assert read_capabilities(lines).most_bytes >= 0
