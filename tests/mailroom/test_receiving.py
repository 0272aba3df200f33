"""Mail that comes in is answered with yes only after a room has dealt with it."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator

import pytest

from luvalla.mailroom import receiving
from luvalla.mailroom.receiving import MailReceiver
from luvalla.rules.ports import Intake, Registry

MESSAGE = b"From: maija@example.com\r\nTo: stop+abc@esimerkki.fi\r\nSubject: Lopeta\r\n\r\nLopeta\r\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Registry[Intake]:
    """A port of the test's own, which no room has registered at."""
    registry: Registry[Intake] = Registry("intake")
    monkeypatch.setattr(receiving, "intakes", registry)
    return registry


@pytest.fixture
def client() -> Iterator[smtplib.SMTP]:
    port = free_port()
    with MailReceiver("127.0.0.1", port), smtplib.SMTP("127.0.0.1", port) as connection:
        yield connection


def test_a_message_reaches_the_intake_with_its_envelope_recipient(door: Registry[Intake], client: smtplib.SMTP) -> None:
    taken: list[tuple[bytes, str]] = []

    def intake(raw: bytes, recipient: str) -> bool:
        taken.append((raw, recipient))
        return True

    door.register("test", intake)
    assert client.sendmail("maija@example.com", ["stop+abc@esimerkki.fi"], MESSAGE) == {}
    assert [recipient for _, recipient in taken] == ["stop+abc@esimerkki.fi"]
    assert b"Subject: Lopeta" in taken[0][0]


def test_a_message_that_could_not_be_dealt_with_stays_with_its_sender(
    door: Registry[Intake], client: smtplib.SMTP, caplog: pytest.LogCaptureFixture
) -> None:
    def intake(raw: bytes, recipient: str) -> bool:
        del raw
        raise OSError(recipient)

    door.register("test", intake)
    with pytest.raises(smtplib.SMTPDataError) as answer:
        client.sendmail("maija@example.com", ["stop+abc@esimerkki.fi"], MESSAGE)
    assert answer.value.smtp_code == 451
    assert "esimerkki.fi" not in caplog.text


def test_a_message_that_is_nobodys_is_accepted_and_does_nothing(door: Registry[Intake], client: smtplib.SMTP) -> None:
    asked: list[str] = []

    def intake(raw: bytes, recipient: str) -> bool:
        del raw
        asked.append(recipient)
        return False

    door.register("test", intake)
    assert client.sendmail("maija@example.com", ["muu@esimerkki.fi"], MESSAGE) == {}
    assert asked == ["muu@esimerkki.fi"]


@pytest.mark.parametrize("sender", ["maija@example.com", ""])
def test_a_message_has_its_return_path_on_top_and_an_empty_one_stays_empty(
    door: Registry[Intake], client: smtplib.SMTP, sender: str
) -> None:
    taken: list[bytes] = []
    door.register("test", lambda raw, recipient: taken.append(raw) is None and bool(recipient))
    client.sendmail(sender, ["stop+abc@esimerkki.fi"], MESSAGE)
    assert taken[0].startswith(f"Return-Path: <{sender}>\r\nFrom: ".encode())
