"""One connection: every form of SMTP, every way a letter can end, counted at both ends."""

from __future__ import annotations

import asyncio
import smtplib
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import pytest

from luvalla.sending.dialogue import Caller
from luvalla.sending.errors import Misuse, WrongUse
from luvalla.sending.outcome import Kind, Outcome, Reason
from luvalla.sending.relay import Relay, Security
from luvalla.sending.smtp import Item, Transport
from luvalla.sending.testing import Receiver, Switches
from tests.sending.postbox import (
    CHUNKED,
    LOCK_STEP,
    PIPELINED,
    QUICK,
    TEXT,
    Outcomes,
    always,
    every_form,
    letters,
    people,
    send,
)


@every_form
def test_every_letter_arrives_once_and_unchanged(switches: Switches) -> None:
    items = letters(people(100))
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), items)
    assert outcomes.kinds() == {Kind.ACCEPTED: 100}
    assert [(message.sender, message.recipients, message.data) for message in receiver.messages] == [
        (item.envelope_sender, [item.recipient], item.pieces) for item in items
    ]
    assert {message.chunked for message in receiver.messages} == {switches is CHUNKED}
    assert receiver.counters.mail_commands == receiver.counters.messages == 100


@every_form
def test_a_letter_in_pieces_arrives_whole(switches: Switches) -> None:
    items = [replace(item, pieces=[TEXT, b"X" * 70 + b"\r\n", b"end\r\n"]) for item in letters(people(3))]
    with Receiver(switches) as receiver:
        send(receiver.relay(timeouts=QUICK), items)
    assert [message.data for message in receiver.messages] == [TEXT + b"X" * 70 + b"\r\nend\r\n"] * 3


@every_form
def test_lines_that_begin_with_a_dot_arrive_as_they_were(switches: Switches) -> None:
    text = b"Subject: .\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n"
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2), text))
    assert outcomes.kinds() == {Kind.ACCEPTED: 2}
    assert [message.data for message in receiver.messages] == [
        b"X-Number: %d\r\n%b" % (each, text) for each in range(2)
    ]


@pytest.mark.parametrize("trick", [b"\n.\n", b"\r.\r", b"\r\n.\r", b"\n.\r\n"])
def test_a_bare_line_end_cannot_smuggle_a_second_letter(trick: bytes) -> None:
    text = (
        b"Subject: x\r\n\r\nfirst"
        + trick
        + b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<asiakas9@esimerkki.fi>\r\nDATA\r\nsecond\r\n"
    )
    with Receiver(PIPELINED) as receiver:
        send(receiver.relay(timeouts=QUICK), letters(people(1), text))
    assert [message.recipients for message in receiver.messages] == [[b"asiakas0@esimerkki.fi"]]


@every_form
def test_a_refusal_ends_one_letter_and_no_other(switches: Switches) -> None:
    names = [
        "a@esimerkki.fi",
        "refuse-550-5.1.1+1@esimerkki.fi",
        "b@esimerkki.fi",
        "defer-451-4.3.0+2@esimerkki.fi",
        "c@esimerkki.fi",
    ]
    names += [
        "refuse-data-554-5.6.0@esimerkki.fi",
        "d@esimerkki.fi",
        "defer-data-452-4.2.2@esimerkki.fi",
        "e@esimerkki.fi",
    ] * 3
    with Receiver(replace(switches, status_codes=True)) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(names))
    by_name = {name: outcomes[number] for number, name in enumerate(names)}
    assert by_name["refuse-550-5.1.1+1@esimerkki.fi"] == Outcome(Kind.REFUSED, 550, "5.1.1", Reason.MAILBOX_GONE)
    assert by_name["defer-451-4.3.0+2@esimerkki.fi"] == Outcome(Kind.DEFERRED, 451, "4.3.0", Reason.RELAY_BUSY)
    assert by_name["refuse-data-554-5.6.0@esimerkki.fi"] == Outcome(Kind.REFUSED, 554, "5.6.0", Reason.CONTENT)
    assert by_name["defer-data-452-4.2.2@esimerkki.fi"] == Outcome(Kind.DEFERRED, 452, "4.2.2", Reason.MAILBOX_FULL)
    accepted = [names[number].encode() for number, outcome in outcomes.items() if outcome.kind is Kind.ACCEPTED]
    assert [message.recipients[0] for message in receiver.messages] == accepted
    assert len(accepted) == 9


@every_form
def test_no_letter_goes_out_under_its_refused_neighbours_return_path(switches: Switches) -> None:
    names = [f"refuse+{number}@esimerkki.fi" if number % 2 else f"asiakas{number}@esimerkki.fi" for number in range(60)]
    with Receiver(switches) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(names))
    assert outcomes.kinds() == {Kind.ACCEPTED: 30, Kind.REFUSED: 30}
    for message in receiver.messages:
        number = message.recipients[0].removeprefix(b"asiakas").partition(b"@")[0]
        assert message.sender == b"paluu+%b@esimerkki.fi" % number
        assert message.data.startswith(b"X-Number: %b\r\n" % number)


def test_a_refusal_at_the_end_of_one_window_does_not_spoil_the_next() -> None:
    async def run(receiver: Receiver) -> list[Outcomes]:
        transport = Transport(receiver.relay(timeouts=QUICK))
        windows = []
        for _ in range(3):
            windows.append(Outcomes())
            await transport.send_window(
                letters(["a@esimerkki.fi", "refuse@esimerkki.fi"]), may_start=always, on_outcome=windows[-1].note
            )
        await transport.close()
        return windows

    for switches in (CHUNKED, PIPELINED, LOCK_STEP):
        with Receiver(switches) as receiver:
            windows = asyncio.run(run(receiver))
        assert [window.kinds() for window in windows] == [{Kind.ACCEPTED: 1, Kind.REFUSED: 1}] * 3
        assert receiver.counters.connections == 1


def test_the_parameters_of_mail_follow_the_offer() -> None:
    utf8 = [Item(0, b"paluu@esimerkki.fi", "käyttäjä@esimerkki.fi".encode(), TEXT, utf8=True)]
    with Receiver(PIPELINED) as receiver:
        send(receiver.relay(timeouts=QUICK), letters(people(1)))
        send(receiver.relay(timeouts=QUICK), utf8)
    plain, international = receiver.messages
    assert plain.parameters == b"SIZE=%d" % len(plain.data)
    assert international.parameters == b"SIZE=%d BODY=8BITMIME SMTPUTF8" % len(international.data)
    assert international.recipients == ["käyttäjä@esimerkki.fi".encode()]


def test_an_international_address_is_refused_where_the_relay_cannot_carry_it() -> None:
    items = [Item(0, b"paluu@esimerkki.fi", "käyttäjä@esimerkki.fi".encode(), TEXT, utf8=True)]
    with Receiver(Switches(utf8=False)) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), items)
    assert outcomes[0] == Outcome(Kind.REFUSED, 553, "5.6.7", Reason.NO_UTF8)
    assert receiver.counters.mail_commands == 0


def test_a_letter_larger_than_the_relay_takes_is_refused_without_asking() -> None:
    with Receiver(Switches(size=100)) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(1)))
    assert outcomes[0] == Outcome(Kind.REFUSED, 552, "5.3.4", Reason.TOO_BIG)
    assert receiver.counters.mail_commands == 0


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        (b"paluu@esimerkki.fi", b"a@b.fi>\r\nRCPT TO:<c@d.fi"),
        (b"x>\r\nRSET\r\n", b"a@esimerkki.fi"),
        (b"paluu@esimerkki.fi", b""),
        (b"paluu@esimerkki.fi", b"a b@esimerkki.fi"),
        (b"paluu@esimerkki.fi", "ä@esimerkki.fi".encode()),
        (b"paluu@esimerkki.fi", b"a" * 300),
    ],
)
def test_an_address_that_would_break_the_dialogue_never_reaches_it(sender: bytes, recipient: bytes) -> None:
    items = [Item(0, sender, recipient, TEXT), *letters(people(2))[1:]]
    with Receiver() as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), items)
    assert outcomes[0].reason is Reason.BAD_ADDRESS
    assert outcomes[1].kind is Kind.ACCEPTED
    assert receiver.counters.mail_commands == 1


def test_the_null_return_path_is_said_as_such() -> None:
    with Receiver() as receiver:
        send(receiver.relay(timeouts=QUICK), [Item(0, b"", b"a@esimerkki.fi", TEXT)])
    assert receiver.messages[0].sender == b""


def test_a_connection_serves_one_window_at_a_time() -> None:
    async def run(relay: Relay) -> None:
        transport, outcomes = Transport(relay), Outcomes()
        first = asyncio.ensure_future(
            transport.send_window(letters(people(50)), may_start=always, on_outcome=outcomes.note)
        )
        await asyncio.sleep(0)
        refused = Outcomes()
        with pytest.raises(WrongUse) as caught:
            await transport.send_window(letters(people(2)), may_start=always, on_outcome=refused.note)
        assert caught.value.misuse is Misuse.BUSY
        await first
        await transport.close()
        assert outcomes.kinds() == {Kind.ACCEPTED: 50}
        assert refused.kinds() == {Kind.NOT_SENT: 2}

    with Receiver() as receiver:
        asyncio.run(run(receiver.relay(timeouts=QUICK)))


def test_a_queue_needs_an_open_connection() -> None:
    async def run() -> None:
        with pytest.raises(WrongUse) as caught:
            await Transport(Relay("localhost", 25, Security.PLAIN)).send_queue(deque(), Caller(always, Outcomes().note))
        assert caught.value.misuse is Misuse.CLOSED

    asyncio.run(run())


@pytest.mark.parametrize("where", ["may_start", "on_outcome"])
def test_a_fault_of_the_caller_ends_the_connection_and_is_not_hidden(where: str) -> None:
    seen: list[int] = []

    def fail_once(*_arguments: object) -> bool:
        seen.append(1)
        if len(seen) == 1:
            message = "ours"
            raise LookupError(message)
        return True

    async def run(relay: Relay) -> None:
        transport = Transport(relay)
        may_start: Callable[[], bool] = fail_once if where == "may_start" else always
        on_outcome: Callable[[int, Outcome], object] = fail_once if where == "on_outcome" else Outcomes().note
        with pytest.raises(LookupError):
            await transport.send_window(letters(people(3)), may_start=may_start, on_outcome=on_outcome)  # type: ignore[arg-type]  # it fails on purpose
        assert not transport.ready

    with Receiver() as receiver:
        asyncio.run(run(receiver.relay(timeouts=QUICK)))


def test_a_cancelled_window_answers_for_every_letter() -> None:
    async def run(relay: Relay) -> Outcomes:
        transport, outcomes = Transport(relay), Outcomes()
        names = [*people(40), "stall-after-data@esimerkki.fi", *people(40)]
        forty = asyncio.Event()

        def note(index: int, outcome: Outcome) -> None:
            outcomes.note(index, outcome)
            if len(outcomes) == 40:
                forty.set()

        task = asyncio.ensure_future(transport.send_window(letters(names), may_start=always, on_outcome=note))
        await asyncio.wait_for(forty.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return outcomes

    with Receiver() as receiver:
        outcomes = asyncio.run(run(receiver.relay()))
    assert len(outcomes) == 81
    assert outcomes[40].kind is Kind.UNKNOWN
    assert outcomes[80].kind is Kind.NOT_SENT


def test_closing_says_goodbye() -> None:
    async def run(relay: Relay) -> None:
        transport = Transport(relay)
        assert await transport.open() is None
        assert await transport.open() is None
        assert transport.ready
        await transport.close()
        await transport.close()
        assert not transport.ready

    with Receiver() as receiver:
        asyncio.run(run(receiver.relay(timeouts=QUICK)))
        assert receiver.counters.connections == 1
        with smtplib.SMTP("127.0.0.1", receiver.port) as another:
            assert another.noop()[0] == 250
