"""A relay is written as a URL; what cannot work is refused in a sentence that repeats nothing secret."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.sending.errors import RelayFault, RelayMisconfigured
from luvalla.sending.relay import Relay, Security, Timeouts
from luvalla.sending.relay_url import read_relay_url
from luvalla.sending.testing import make_certificate


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mx.example", Security.PLAIN, 25),
        ("smtps://mx.example", Security.TLS, 465),
        ("smtp+starttls://mx.example/", Security.STARTTLS, 587),
        ("SMTP+STARTTLS://mx.example:2525", Security.STARTTLS, 2525),
    ],
)
def test_the_scheme_decides_security_and_port(url: str, security: Security, port: int) -> None:
    relay = read_relay_url(url)
    assert (relay.host, relay.security, relay.port) == ("mx.example", security, port)


@given(
    name=st.text(min_size=1).filter(lambda text: "\0" not in text), word=st.text().filter(lambda text: "\0" not in text)
)
def test_any_name_and_password_survive_percent_encoding(name: str, word: str) -> None:
    try:
        relay = read_relay_url(f"smtps://{quote(name, safe='')}:{quote(word, safe='')}@mx.example")
    except UnicodeEncodeError:
        return
    assert (relay.username, relay.password) == (name, word)


def test_the_password_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("päivä\nnot this\n")
    assert read_relay_url(f"smtps://news@mx.example?password_file={secret}").password == "päivä"


def test_options_become_settings() -> None:
    relay = read_relay_url(
        "smtp://[::1]:2525?connections=20&window=8&ehlo_name=lehti.esimerkki.fi&pipelining=no&user_timeout_ms=9000"
    )
    assert relay.host == "::1"
    assert (relay.connections, relay.window, relay.ehlo_name) == (20, 8, "lehti.esimerkki.fi")
    assert (relay.pipelining, relay.user_timeout_ms) == (False, 9000)


def test_a_file_of_certificates_takes_the_place_of_the_systems(tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_text(make_certificate().pem)
    assert len(read_relay_url(f"smtps://mx.example?ca_file={trusted}").tls_context().get_ca_certs()) == 1


def test_an_international_host_becomes_its_a_labels() -> None:
    assert read_relay_url("smtp://pöstiä.example").host == "xn--psti-ooa8h.example"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", RelayFault.SCHEME),
        ("http://mx.example", RelayFault.SCHEME),
        ("mx.example:25", RelayFault.SCHEME),
        ("smtp://[::1", RelayFault.NOT_A_URL),
        ("smtp://", RelayFault.HOST),
        ("smtp://mx example", RelayFault.HOST),
        ("smtp://mx..example", RelayFault.HOST),
        ("smtp://mx.example:0", RelayFault.PORT),
        ("smtp://mx.example:99999", RelayFault.PORT),
        ("smtp://mx.example:abc", RelayFault.PORT),
        ("smtp://mx.example/path", RelayFault.PATH),
        ("smtp://mx.example#part", RelayFault.PATH),
        ("smtp://mx.example?colour=red", RelayFault.OPTION),
        ("smtp://mx.example?window=8&window=9", RelayFault.OPTION),
        ("smtp://mx.example?window=many", RelayFault.NUMBER),
        ("smtp://mx.example?window=33", RelayFault.WINDOW),
        ("smtp://mx.example?window=0", RelayFault.WINDOW),
        ("smtp://mx.example?connections=0", RelayFault.CONNECTIONS),
        ("smtp://mx.example?ehlo_name=a%0D%0Ab", RelayFault.EHLO_NAME),
        ("smtps://:word@mx.example", RelayFault.CREDENTIALS),
        ("smtps://a%00b:word@mx.example", RelayFault.CREDENTIALS),
        ("smtp://news:word@mx.example", RelayFault.PASSWORD_IN_CLEAR),
        ("smtps://news:word@mx.example?password_file=/x", RelayFault.PASSWORD_TWICE),
        ("smtps://news@mx.example?password_file=/nowhere/at/all", RelayFault.PASSWORD_FILE),
        ("smtps://mx.example?ca_file=/nowhere/at/all", RelayFault.CA_FILE),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(url: str, fault: RelayFault) -> None:
    with pytest.raises(RelayMisconfigured) as caught:
        read_relay_url(url)
    assert caught.value.fault is fault
    assert str(caught.value) == fault.value


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"smtp://{text}"):
        try:
            relay = read_relay_url(url)
        except RelayMisconfigured:
            continue
        assert relay.host


def test_a_password_may_go_in_the_clear_on_this_machine_only() -> None:
    assert read_relay_url("smtp://news:word@127.0.0.1").on_loopback
    assert read_relay_url("smtp://news:word@localhost:2525").on_loopback


def test_a_relay_never_shows_its_password() -> None:
    assert "hush" not in repr(Relay("mx.example", username="news", password="hush"))


def test_time_outs_follow_the_rfc_and_can_be_scaled() -> None:
    assert (Timeouts().greeting, Timeouts().command, Timeouts().data) == (300, 300, 120)
    assert (Timeouts().block, Timeouts().finish) == (180, 600)
    assert Timeouts().scaled(0.01).finish == pytest.approx(6.0)


def test_a_relay_can_be_made_to_go_one_command_at_a_time() -> None:
    assert not Relay("mx.example").lock_step().pipelining
