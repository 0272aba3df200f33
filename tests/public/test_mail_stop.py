"""Stopping by mail: the token in the recipient's address counts, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luvalla.public.mail_stop import stop_by_mail
from luvalla.register.models import Contact, Stop, Suppression
from tests.public.conftest import stop_path

Customer = Callable[[str], Contact]


@pytest.fixture
def token(a_customer: Customer) -> str:
    """Give a customer's token."""
    return stop_path(a_customer("maija@esimerkki.fi")).removeprefix("/s/")


def message(headers: str, body: str = "Please stop.") -> bytes:
    """Give a raw message."""
    return f"From: Maija <maija@esimerkki.fi>\r\nSubject: x\r\n{headers}\r\n\r\n{body}\r\n".encode()


@pytest.mark.parametrize(
    "headers",
    [
        "To: stop+{}@esimerkkienergia.example",
        "To: <stop+{}@esimerkkienergia.example>",
        'To: "Stop" <stop+{}@esimerkkienergia.example>, other@example.com',
        "To: undisclosed-recipients:;\r\nDelivered-To: stop+{}@esimerkkienergia.example",
        "X-Original-To: STOP+{}@esimerkkienergia.example",
        "To: stop+{}@esimerkkienergia.example\r\nAuto-Submitted: auto-generated",
        "To: stop+{}@esimerkkienergia.example\r\nPrecedence: bulk\r\nAuto-Submitted: auto-replied",
    ],
)
def test_the_token_is_found_in_the_headers(headers: str, token: str) -> None:
    answer = stop_by_mail(message(headers.format(token)))
    assert answer is not None
    assert answer.finished
    assert not Contact.objects.exists()
    assert Stop.objects.get().channel == "mail"


def test_the_envelope_goes_before_the_headers(token: str) -> None:
    assert stop_by_mail(message(f"To: stop+{token}@esimerkkienergia.example"), "stop+wrong@x.example") is None
    assert stop_by_mail(message("To: somebody@example.com"), f"stop+{token}@esimerkkienergia.example") is not None


def test_the_same_message_twice_is_no_fault(token: str) -> None:
    raw = message(f"To: stop+{token}@esimerkkienergia.example")
    assert stop_by_mail(raw) is not None
    again = stop_by_mail(raw)
    assert again is not None
    assert not again.was_known


def test_a_tampered_token_does_nothing(token: str) -> None:
    for place in range(0, len(token), 5):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert stop_by_mail(message(f"To: stop+{changed}@esimerkkienergia.example")) is None
    assert not Suppression.objects.exists()


def test_the_words_of_the_message_do_nothing(token: str) -> None:
    assert stop_by_mail(message("To: news@example.com", f"stop+{token}@esimerkkienergia.example")) is None
    assert Contact.objects.exists()


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=2000), recipient=st.text(max_size=80))
def test_no_message_is_a_fault(raw: bytes, recipient: str) -> None:
    assert stop_by_mail(raw, recipient) is None
    assert stop_by_mail(b"To: " + raw) is None
