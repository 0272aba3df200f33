"""A connection is as protected as the settings say, or nothing is sent on it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.relay import Relay
from luvalla.sending.smtp import Transport
from luvalla.sending.testing import Receiver, Switches, make_certificate
from tests.sending.postbox import HASTY, QUICK, TEXT, letters, people, send

USERS = {"uutiskirje": "sana:ñ%ä"}
secured = pytest.mark.parametrize("security", ["starttls", "tls"])


@secured
@pytest.mark.parametrize(
    "switches", [Switches(), Switches(chunking=False), Switches(pipelining=False)], ids=["bdat", "data", "lock-step"]
)
def test_letters_go_encrypted_and_logged_in(security: str, switches: Switches) -> None:
    with Receiver(switches, security=security, users=USERS) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters([*people(100), "refuse@esimerkki.fi"]))
    assert outcomes.kinds() == {Kind.ACCEPTED: 100, Kind.REFUSED: 1}
    assert all(message.secure for message in receiver.messages)
    assert receiver.counters.logins == 1


@secured
def test_a_letter_larger_than_a_tls_record_and_a_socket_buffer_arrives(security: str) -> None:
    text = b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000
    with Receiver(security=security) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(3), text))
    assert outcomes.kinds() == {Kind.ACCEPTED: 3}
    assert all(message.data.endswith(text) for message in receiver.messages)


def test_a_server_that_does_not_offer_starttls_gets_nothing() -> None:
    with Receiver(Switches(starttls=False), security="starttls", users=USERS) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS)}
    assert receiver.counters.mail_commands == receiver.counters.logins == 0


def test_a_server_that_refuses_starttls_gets_nothing() -> None:
    with Receiver(Switches(refuse_starttls=True), security="starttls", users=USERS) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS, 454, "4.7.0")}
    assert receiver.counters.mail_commands == receiver.counters.logins == 0


def test_words_slipped_in_before_the_handshake_end_the_connection() -> None:
    with Receiver(Switches(inject_after_starttls=True), security="starttls") as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2)))
    assert {outcome.reason for outcome in outcomes.values()} <= {Reason.TLS, Reason.PROTOCOL}
    assert receiver.counters.mail_commands == 0


def test_a_connection_lost_in_the_handshake_is_an_outcome() -> None:
    with Receiver(Switches(drop_in_handshake=True), security="starttls") as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(1)))
    assert outcomes[0] == not_sent(Reason.TLS)


def test_what_was_offered_before_starttls_is_forgotten() -> None:
    """Before TLS this receiver offers STARTTLS and no AUTH; afterwards AUTH and no STARTTLS."""

    async def look(relay: Relay) -> Transport:
        transport = Transport(relay)
        assert await transport.open() is None
        await transport.close()
        return transport

    with Receiver(security="starttls", users=USERS) as receiver:
        can = asyncio.run(look(receiver.relay(timeouts=QUICK))).can
    assert not can.starttls
    assert can.auth == {"PLAIN", "LOGIN"}


@secured
def test_a_certificate_nobody_vouches_for_is_refused(security: str) -> None:
    with Receiver(security=security, users=USERS) as receiver:
        relay = replace(receiver.relay(timeouts=QUICK), tls_context=ssl.create_default_context)
        outcomes = send(relay, letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS)}
    assert receiver.counters.mail_commands == receiver.counters.logins == 0


@secured
def test_a_certificate_for_another_name_is_refused(security: str) -> None:
    with Receiver(security=security, certificate=make_certificate(("mx.example",))) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS)}
    assert receiver.counters.mail_commands == 0


@secured
def test_an_expired_certificate_is_refused(security: str) -> None:
    old = make_certificate(begins=datetime.now(UTC) - timedelta(days=60))
    with Receiver(security=security, certificate=old) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS)}


def test_a_plain_server_behind_a_tls_setting_gets_nothing() -> None:
    with Receiver(security="tls") as secure, Receiver() as plain:
        relay = replace(secure.relay(timeouts=HASTY), port=plain.port)
        outcomes = send(relay, letters(people(2)))
    assert set(outcomes.values()) == {not_sent(Reason.TLS)}
    assert plain.counters.mail_commands == 0


def test_a_tls_server_behind_a_plain_setting_is_no_smtp_server() -> None:
    with Receiver(security="tls") as secure, Receiver() as plain:
        relay = replace(plain.relay(timeouts=HASTY), port=secure.port)
        outcomes = send(relay, letters(people(1)))
    assert outcomes[0].reason in (Reason.TIMEOUT, Reason.PROTOCOL, Reason.CONNECTION_LOST)


@pytest.mark.parametrize("mechanisms", [("PLAIN",), ("LOGIN",), ("PLAIN", "LOGIN"), ("CRAM-MD5", "LOGIN")])
def test_the_log_in_takes_the_mechanism_there_is(mechanisms: tuple[str, ...]) -> None:
    with Receiver(Switches(auth=mechanisms), security="tls", users=USERS) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(1)))
    assert outcomes.kinds() == {Kind.ACCEPTED: 1}
    assert receiver.counters.logins == 1


@pytest.mark.parametrize("mechanisms", [("PLAIN",), ("LOGIN",)])
def test_wrong_credentials_are_an_outcome(mechanisms: tuple[str, ...]) -> None:
    with Receiver(Switches(auth=mechanisms), security="tls", users=USERS) as receiver:
        relay = replace(receiver.relay(timeouts=QUICK), password="wrong")
        outcomes = send(relay, letters(people(2)))
    assert set(outcomes.values()) == {Outcome(Kind.NOT_SENT, 535, "5.7.8", Reason.AUTH)}
    assert receiver.counters.mail_commands == 0


def test_a_server_that_offers_no_log_in_we_know_is_an_outcome() -> None:
    with Receiver(Switches(auth=("XOAUTH2",)), security="tls", users=USERS) as receiver:
        outcomes = send(receiver.relay(timeouts=QUICK), letters(people(1)))
    assert outcomes[0] == not_sent(Reason.AUTH)


def test_missing_credentials_are_not_held_against_the_addressee() -> None:
    with Receiver(security="tls", users=USERS) as receiver:
        relay = replace(receiver.relay(timeouts=QUICK), username="", password="")
        outcomes = send(relay, letters(people(1)))
    assert outcomes[0] == Outcome(Kind.REFUSED, 530, "5.7.0", Reason.AUTH)


@secured
@pytest.mark.parametrize("name", ["drop-after-data", "stall-after-data"])
def test_an_unanswered_letter_is_unknown_under_tls_too(security: str, name: str) -> None:
    with Receiver(security=security) as receiver:
        outcomes = send(receiver.relay(timeouts=HASTY), letters(["a@esimerkki.fi", f"{name}@esimerkki.fi"], TEXT * 50))
    assert [outcomes[each].kind for each in (0, 1)] == [Kind.ACCEPTED, Kind.UNKNOWN]
