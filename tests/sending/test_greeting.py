"""A relay lets us in, or there is an outcome that says why not."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest

from luvalla.sending.outcome import Kind, Reason, not_sent
from luvalla.sending.relay import Relay, Security
from luvalla.sending.smtp import Transport
from luvalla.sending.testing import Receiver, Switches
from tests.sending.postbox import HASTY, QUICK, letters, people, send


@pytest.mark.parametrize(
    ("switches", "reason"),
    [
        (Switches(banner=b"421 4.3.2 Busy\r\n"), Reason.RELAY_BUSY),
        (Switches(banner=b"554 5.7.1 Not you\r\n"), Reason.POLICY),
        (Switches(banner=b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reason.PROTOCOL),
        (Switches(banner=b"\x15\x03\x01\x00\x02\x02\n"), Reason.PROTOCOL),
        (Switches(banner=b"220-" + b"x" * 10000), Reason.PROTOCOL),
        (Switches(banner=b"354 Go on\r\n"), Reason.PROTOCOL),
        (Switches(banner=b"220 a\r\n220 b\r\n"), Reason.PROTOCOL),
        (Switches(banner=b""), Reason.TIMEOUT),
    ],
)
def test_a_relay_that_does_not_let_us_in_is_an_outcome(switches: Switches, reason: Reason) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=HASTY), letters(people(3)))
    assert outcomes.kinds() == {Kind.NOT_SENT: 3}
    assert {outcome.reason for outcome in outcomes.values()} == {reason}


def test_a_server_that_knows_only_helo_is_spoken_to_in_its_way() -> None:
    with Receiver(Switches(no_ehlo=True)) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(3)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 3}
    assert receiver.messages[0].parameters == b""


def test_a_relay_that_is_not_there_is_an_outcome() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        relay = Relay("127.0.0.1", taken.getsockname()[1], Security.PLAIN, timeouts=QUICK)
        outcomes = send(relay, letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.NO_CONNECTION)}


def test_a_relay_whose_name_means_nothing_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_host(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown_host)
    outcomes = send(Relay("mx.invalid", 25, Security.PLAIN, timeouts=QUICK), letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.NO_CONNECTION)}


def test_the_next_address_is_tried_where_the_first_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as receiver, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ports = [taken.getsockname()[1], receiver.port]

        def two(*_arguments: object, **_options: object) -> list[object]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        outcomes = send(Relay("localhost", 25, Security.PLAIN, timeouts=QUICK), letters(people(2)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 2}


def test_the_kernel_is_told_how_long_unanswered_bytes_may_wait() -> None:
    async def read_option(relay: Relay) -> tuple[int, int]:
        transport = Transport(relay)
        await transport.open()
        assert transport._wire is not None
        opened = transport._wire._socket
        options = (
            opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
        )
        await transport.close()
        return options

    with Receiver() as receiver:
        assert asyncio.run(read_option(replace(receiver.relay(timeouts=QUICK), user_timeout_ms=9000))) == (9000, 1)


def test_giving_up_is_heard_also_in_the_moment_in_which_the_connection_is_made() -> None:
    async def give_up_while_connecting(relay: Relay) -> bool:
        loop = asyncio.get_running_loop()
        opening = asyncio.ensure_future(Transport(relay).open())
        connect = loop.sock_connect

        async def connect_and_be_given_up(*arguments: Any) -> None:
            await connect(*arguments)
            loop.call_soon(opening.cancel)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "sock_connect", connect_and_be_given_up)
            await asyncio.wait([opening])
        return opening.cancelled()

    with Receiver(Switches(banner=b"")) as receiver:
        assert asyncio.run(give_up_while_connecting(receiver.relay(timeouts=HASTY)))
