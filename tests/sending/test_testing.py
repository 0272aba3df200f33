"""The receiver itself, seen by a client that is not ours: Python's smtplib."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from luvalla.sending.testing import Received, Receiver, Switches

TEXT = "Subject: Hei\r\n\r\n.dot\r\nend\r\n"


def client(receiver: Receiver) -> smtplib.SMTP:
    """Connect with smtplib."""
    return smtplib.SMTP("127.0.0.1", receiver.port, timeout=10)


@contextmanager
def raw(receiver: Receiver) -> Iterator[socket.socket]:
    """Connect with a bare socket, past the banner."""
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as opened:
        opened.recv(1000)
        yield opened


def read_until(opened: socket.socket, end: bytes) -> bytes:
    """Read until the answer ends so."""
    data = b""
    while not data.endswith(end):
        more = opened.recv(65536)
        if not more:
            break
        data += more
    return data


def test_a_letter_is_kept_with_its_envelope_and_the_time_of_its_mail_command() -> None:
    with Receiver(clock=lambda: 42.0) as receiver, client(receiver) as smtp:
        smtp.sendmail("a@example.com", ["b@example.com", "c@example.com"], TEXT)
    (message,) = receiver.messages
    assert (message.sender, message.recipients) == (b"a@example.com", [b"b@example.com", b"c@example.com"])
    assert message.data == TEXT.encode()
    assert message.mailed_at == 42.0
    assert not message.chunked


def test_letters_can_be_handed_on_instead_of_kept() -> None:
    seen: list[Received] = []
    with Receiver(on_message=seen.append) as receiver, client(receiver) as smtp:
        smtp.sendmail("a@example.com", ["b@example.com"], TEXT)
    assert len(seen) == 1
    assert receiver.messages == []
    assert receiver.counters.messages == 1


@pytest.mark.parametrize(
    ("switches", "absent"),
    [
        (Switches(pipelining=False), "pipelining"),
        (Switches(chunking=False), "chunking"),
        (Switches(eight_bit=False), "8bitmime"),
        (Switches(utf8=False), "smtputf8"),
        (Switches(size=0), "size"),
    ],
)
def test_each_extension_can_be_switched_off(switches: Switches, absent: str) -> None:
    with Receiver(switches) as receiver, client(receiver) as smtp:
        smtp.ehlo()
        offered = set(smtp.esmtp_features)
    assert absent not in offered
    assert len(offered & {"pipelining", "chunking", "8bitmime", "smtputf8", "size"}) == 4


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_users_log_in_over_starttls(mechanism: str) -> None:
    with Receiver(Switches(auth=(mechanism,)), security="starttls", users={"anna": "sana"}) as receiver:
        assert receiver.certificate is not None
        with client(receiver) as smtp:
            smtp.starttls(context=receiver.certificate.client_context())
            smtp.login("anna", "sana")
            smtp.sendmail("a@example.com", ["b@example.com"], TEXT)
    assert receiver.messages[0].secure
    assert receiver.counters.logins == 1


def test_without_a_log_in_nothing_is_taken() -> None:
    with (
        Receiver(users={"anna": "sana"}) as receiver,
        client(receiver) as smtp,
        pytest.raises(smtplib.SMTPSenderRefused) as caught,
    ):
        smtp.sendmail("a@example.com", ["b@example.com"], TEXT)
    assert caught.value.smtp_code == 530


def test_a_wrong_password_is_refused() -> None:
    with (
        Receiver(users={"anna": "sana"}) as receiver,
        client(receiver) as smtp,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        smtp.login("anna", "vaara")


def test_tls_from_the_first_byte_is_spoken() -> None:
    with Receiver(security="tls") as receiver:
        assert receiver.certificate is not None
        with smtplib.SMTP_SSL("localhost", receiver.port, context=receiver.certificate.client_context()) as smtp:
            smtp.sendmail("a@example.com", ["b@example.com"], TEXT)
    assert receiver.messages[0].secure


def test_chunks_are_put_together() -> None:
    with Receiver() as receiver, raw(receiver) as opened:
        opened.sendall(
            b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nBDAT 3\r\nabcBDAT 2\r\ndeBDAT 0 LAST\r\nQUIT\r\n"
        )
        read_until(opened, b"Bye\r\n")
    assert receiver.messages[0].data == b"abcde"
    assert receiver.messages[0].chunked


def test_a_byte_at_a_time_is_read_as_well() -> None:
    with Receiver() as receiver, raw(receiver) as opened:
        for byte in b"MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n":
            opened.sendall(bytes([byte]))
        assert read_until(opened, b"Bye\r\n").count(b"\r\n") == 5
    assert receiver.messages[0].data == b"x\r\n"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"MAIL FROM:<a@b.fi>\r\nMAIL FROM:<c@d.fi>\r\n", b"503 5.5.1"),
        (b"RCPT TO:<a@b.fi>\r\n", b"503 5.5.1"),
        (b"DATA\r\n", b"503 5.5.1"),
        (b"MAIL FROM:<a@b.fi>\r\nDATA\r\n", b"554 5.5.1"),
        (b"MAIL FROM:<a@b.fi>\r\nBDAT 3 LAST\r\nabc", b"554 5.5.1"),
        (b"BDAT many\r\n", b"501 5.5.4"),
        (b"MAIL TO:<a@b.fi>\r\n", b"501 5.5.4"),
        (b"MAIL FROM:<a@b.fi>\r\nRCPT <a@b.fi>\r\n", b"501 5.1.3"),
        (b"HELLO\r\n", b"500 5.5.2"),
        (b"STARTTLS\r\n", b"502 5.5.1"),
        (b"AUTH PLAIN\r\n", b"504 5.5.4"),
        ("MAIL FROM:<ä@b.fi>\r\n".encode(), b"553 5.6.7"),
    ],
)
def test_what_is_out_of_order_is_refused(said: bytes, answer: bytes) -> None:
    with Receiver() as receiver, raw(receiver) as opened:
        opened.sendall(said + b"NOOP\r\n")
        lines = read_until(opened, b"250 2.0.0 Ok\r\n").split(b"\r\n")
    assert lines[-3].startswith(answer)


@pytest.mark.parametrize(
    ("local", "code"),
    [
        ("refuse", 550),
        ("refuse-552-5.2.2", 552),
        ("refuse-550-5.1.1+anna", 550),
        ("defer", 451),
        ("defer-450", 450),
        ("busy-open-421", 421),
    ],
)
def test_a_magic_recipient_is_answered_as_its_name_says(local: str, code: int) -> None:
    with Receiver() as receiver, client(receiver) as smtp:
        smtp.ehlo()
        smtp.mail("a@example.com")
        answer = smtp.rcpt(f"{local}@example.com")
    assert answer[0] == code
    assert (receiver.counters.refused, receiver.counters.deferred) == ((1, 0) if code >= 500 else (0, 1))


def test_a_name_that_only_resembles_a_magic_one_is_an_ordinary_recipient() -> None:
    with Receiver() as receiver, client(receiver) as smtp:
        smtp.sendmail("a@example.com", ["refusenik@example.com", "stalled@example.com", "anna@refuse.example"], TEXT)
    assert len(receiver.messages[0].recipients) == 3


def test_an_answer_can_be_delayed() -> None:
    with Receiver(Switches(delay=0.1)) as receiver, client(receiver) as smtp:
        started = time.monotonic()
        smtp.noop()
        assert time.monotonic() - started >= 0.1


def test_a_port_that_is_taken_is_said_at_the_start() -> None:
    with Receiver() as receiver, pytest.raises(OSError, match="address already in use"):
        Receiver(port=receiver.port).start()


def test_a_stopped_receiver_leaves_nothing_behind() -> None:
    before = threading.active_count()
    with Receiver() as receiver, raw(receiver) as opened:
        receiver.stop()
        with suppress(ConnectionResetError):
            assert opened.recv(10) == b""
    assert threading.active_count() == before


def test_its_url_can_be_given_to_a_relay() -> None:
    with Receiver() as receiver:
        assert receiver.url == f"smtp://127.0.0.1:{receiver.port}"
    assert Receiver(security="starttls").url.startswith("smtp+starttls://")
