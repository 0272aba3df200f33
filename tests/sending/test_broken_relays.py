"""Connections that end, 421, and servers that don't keep to the protocol: what is known of each letter is said."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.relay import Relay
from luvalla.sending.smtp import Manners, Transport
from luvalla.sending.testing import Received, Receiver, Switches
from tests.sending.postbox import (
    CHUNKED,
    HASTY,
    LOCK_STEP,
    PIPELINED,
    QUICK,
    Outcomes,
    always,
    every_form,
    letters,
    people,
    send,
    send_over,
)


@every_form
def test_a_connection_dropped_before_the_data_leaves_the_letter_unsent(switches: Switches) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(
            receiver.relay(timeouts=QUICK),
            letters(["a@esimerkki.fi", "drop-before-data@esimerkki.fi", "b@esimerkki.fi"]),
        )
    assert outcomes[0].kind is Kind.ACCEPTED
    if switches is not CHUNKED:  # there the letter's last byte leaves together with its first
        assert outcomes[1] == not_sent(Reason.CONNECTION_LOST)
    assert outcomes[2].kind in (Kind.NOT_SENT, Kind.UNKNOWN)
    assert receiver.counters.messages == 1


@every_form
def test_a_connection_dropped_after_the_data_leaves_the_letter_unknown(switches: Switches) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(["a@esimerkki.fi", "drop-after-data@esimerkki.fi"]))
    assert outcomes[0].kind is Kind.ACCEPTED
    assert outcomes[1] == Outcome(Kind.UNKNOWN, reason=Reason.CONNECTION_LOST)
    assert receiver.counters.messages == 2


@every_form
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("stall-after-data", Reason.TIMEOUT),
        ("garbage-after-data", Reason.PROTOCOL),
    ],
)
def test_a_letter_answered_by_silence_or_noise_is_unknown(switches: Switches, name: str, reason: Reason) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=HASTY), letters(["a@esimerkki.fi", f"{name}@esimerkki.fi"]))
    assert outcomes[0].kind is Kind.ACCEPTED
    assert outcomes[1] == Outcome(Kind.UNKNOWN, reason=reason)


@pytest.mark.parametrize("switches", [PIPELINED, LOCK_STEP], ids=["data", "lock-step"])
@pytest.mark.parametrize(
    ("name", "reason"), [("stall", Reason.TIMEOUT), ("garbage", Reason.PROTOCOL), ("endless", Reason.PROTOCOL)]
)
def test_silence_or_noise_before_the_data_leaves_the_letter_unsent(
    switches: Switches, name: str, reason: Reason
) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=HASTY), letters([f"{name}@esimerkki.fi", "b@esimerkki.fi"]))
    assert outcomes == {0: not_sent(reason), 1: not_sent(reason)}


@every_form
def test_a_reply_of_many_long_lines_is_one_reply(switches: Switches) -> None:
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(["essay@esimerkki.fi", "b@esimerkki.fi"]))
    assert outcomes.kinds() == {Kind.ACCEPTED: 2}


# 421


@every_form
@pytest.mark.parametrize("name", ["busy-421", "busy-data-421"])
def test_a_421_defers_its_letter_and_leaves_the_rest_unsent(switches: Switches, name: str) -> None:
    with Receiver(replace(switches, status_codes=True)) as receiver:
        outcomes = send(
            receiver.relay(timeouts=QUICK), letters(["a@esimerkki.fi", f"{name}@esimerkki.fi", *people(20)])
        )
    assert outcomes[0].kind is Kind.ACCEPTED
    assert outcomes[1] == Outcome(Kind.DEFERRED, 421, "4.3.2", Reason.RELAY_BUSY)
    assert {outcomes[number] for number in range(2, 22)} == {not_sent(Reason.RELAY_BUSY, 421, "4.3.2")}
    assert receiver.counters.messages == 1


def test_a_421_that_is_not_followed_by_a_goodbye_does_not_make_accepted_letters_go_again() -> None:
    names = [*people(40), "busy-open-421@esimerkki.fi", *people(20)]
    with Receiver() as receiver:
        outcomes = send(receiver.relay(timeouts=HASTY), letters(names))
    accepted = {number for number, outcome in outcomes.items() if outcome.kind is Kind.ACCEPTED}
    kept = [int(message.data.split()[1]) for message in receiver.messages]
    assert sorted(kept) == sorted(accepted)
    assert outcomes[40].kind is Kind.DEFERRED


def test_a_421_while_nothing_is_sent_makes_the_next_window_open_a_new_connection() -> None:
    async def run(relay: Relay) -> list[Outcomes]:
        transport, windows = Transport(relay), [Outcomes(), Outcomes()]
        for window in windows:
            await transport.send_window(letters(people(3)), may_start=always, on_outcome=window.note)
            await asyncio.sleep(0.3)
        await transport.close()
        return windows

    with Receiver(Switches(goodbye_after=0.1)) as receiver:
        windows = asyncio.run(run(receiver.relay(timeouts=QUICK)))
    assert [window.kinds() for window in windows] == [{Kind.ACCEPTED: 3}] * 2
    assert receiver.counters.connections == 2


def test_a_server_that_swallows_pipelined_commands_costs_one_letter_its_certainty() -> None:
    manners = Manners()
    with Receiver(Switches(swallow_pipelined=True)) as receiver:
        outcomes = asyncio.run(
            send_over(Transport(receiver.relay(timeouts=HASTY), manners=manners), letters(people(50)))
        )
        assert outcomes.kinds() == {Kind.UNKNOWN: 1, Kind.NOT_SENT: 49}
        assert receiver.counters.messages == 0
        asyncio.run(send_over(Transport(receiver.relay(timeouts=HASTY), manners=manners), letters(people(1))))
        assert not manners.pipelining
        again = asyncio.run(send_over(Transport(receiver.relay(timeouts=HASTY), manners=manners), letters(people(50))))
    assert again.kinds() == {Kind.ACCEPTED: 50}


def test_a_server_that_offers_bdat_without_knowing_it_gets_no_letter_twice() -> None:
    manners = Manners()
    with Receiver(Switches(refuse_chunks=True)) as receiver:
        outcomes = asyncio.run(
            send_over(Transport(receiver.relay(timeouts=HASTY), manners=manners), letters(people(10)))
        )
        assert outcomes.kinds() == {Kind.NOT_SENT: 10}
        assert not manners.pipelining
        again = asyncio.run(send_over(Transport(receiver.relay(timeouts=HASTY), manners=manners), letters(people(10))))
    assert again.kinds() == {Kind.ACCEPTED: 10}
    assert receiver.counters.messages == 10


@pytest.mark.parametrize("security", ["plain", "tls"])
def test_a_letter_given_up_half_written_is_never_completed(security: str) -> None:
    """The server stops reading for a while; by the time it reads again the connection has been reset."""
    text = b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 60_000
    kept: list[int] = []

    def take(message: Received) -> None:
        kept.append(int(message.data.split()[1]))
        time.sleep(1.0)

    with Receiver(security=security, on_message=take) as receiver:
        relay = receiver.relay(timeouts=replace(QUICK, block=0.2, finish=0.2))
        outcomes = asyncio.run(send_over(Transport(relay, manners=Manners(proven=True)), letters(people(10), text)))
        time.sleep(1.5)
    assert outcomes.kinds()[Kind.NOT_SENT] > 0
    assert all(outcomes[number].kind in (Kind.ACCEPTED, Kind.UNKNOWN) for number in kept)
