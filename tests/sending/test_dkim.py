"""Signatures hold for every recipient, with either algorithm, and break when anything that counts is changed."""

from __future__ import annotations

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from luvalla.sending.dkim import DkimKey, load_dkim_key
from luvalla.sending.errors import BadValue, KeyFault, SigningError
from luvalla.sending.letter import STOP_MARK, Attachment, Hole, compile_letter, field_hole, field_mark
from luvalla.sending.signed_letter import SignedLetter, sign_message
from tests.sending.letters_to_compile import TO_MAIJA, letter_source
from tests.sending.test_service_message import service_message

RSA = DkimKey("esimerkki.fi", "r2026", rsa.generate_private_key(65537, 2048))
ED25519 = DkimKey("esimerkki.fi", "e2026", ed25519.Ed25519PrivateKey.generate())
each_key = pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
SIGNED_AT = 1_795_000_000

written = st.text(
    st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)) | st.sampled_from(" \t\n"), max_size=300
)


def holds(message: bytes, *keys: DkimKey) -> bool:
    """Ask dkimpy whether every signature verifies."""
    records = {f"{key.selector}._domainkey.{key.domain}.".encode(): key.dns_record.encode() for key in keys}

    def look_up(name: bytes, timeout: float = 5) -> bytes:
        return records[name]

    try:
        return all(dkim.DKIM(message).verify(idx=number, dnsfunc=look_up) for number in range(len(keys)))
    except dkim.ValidationError:
        return False


@each_key
def test_a_signed_letter_verifies_for_every_recipient(key: DkimKey) -> None:
    signed = SignedLetter(compile_letter(letter_source()), [key], signed_at=SIGNED_AT)
    for token in (b"a", b"t" * 120):
        message = signed.fill({**TO_MAIJA, Hole.STOP_TOKEN: token})
        assert message.startswith(b"DKIM-Signature: v=1; a=%b; c=relaxed/relaxed;" % key.algorithm.encode())
        assert holds(message, key)


def test_both_algorithms_can_sign_one_letter() -> None:
    message = SignedLetter(compile_letter(letter_source()), [RSA, ED25519], signed_at=SIGNED_AT).fill(TO_MAIJA)
    assert message.count(b"DKIM-Signature:") == 2
    assert holds(message, RSA, ED25519)


@settings(max_examples=100)
@given(
    html=written,
    text=written,
    value=written.map(lambda text: " ".join(text.split())[:100]),
    token=st.from_regex(r"[A-Za-z0-9_-]{1,120}", fullmatch=True),
)
def test_any_letter_with_any_values_verifies(html: str, text: str, value: str, token: str) -> None:
    mark = field_mark("etunimi")
    source = letter_source(
        subject=f"Hei  {mark} !",
        html=f"{html}{STOP_MARK}{mark}{html}",
        text=f"{mark} {STOP_MARK}{text}{mark}",
        fields=frozenset({"etunimi"}),
        date=None,
        attachments=[Attachment("ä.txt", "text/plain", html.encode())],
    )
    signed = SignedLetter(compile_letter(source), [ED25519], signed_at=SIGNED_AT)
    values = {
        **TO_MAIJA,
        Hole.STOP_TOKEN: token.encode(),
        Hole.DATE: b"Mon,  23 Nov 2026 10:00:00 +0000",
        field_hole("etunimi"): value.encode(),
    }
    try:
        message = signed.fill(values)
    except BadValue:
        return
    assert holds(message, ED25519)


@each_key
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"To: maija@", b"To: liisa@"),
        (b"From: Esimerkin", b"From: Toisen"),
        (b"Subject: ", b"Subject: x"),
        (b"Message-ID: <5f", b"Message-ID: <6f"),
        (b"List-Unsubscribe: <https://esimerkki.fi", b"List-Unsubscribe: <https://example.com"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Peru uutiskirje", b"Tilaa uutiskirje"),
        (b"abc-DEF_123=", b"abc-DEF_124="),
        (b"MIME-Version:", b"List-Unsubscribe: <https://example.com/>\r\nMIME-Version:"),
        (b"MIME-Version:", b"From: <a@example.com>\r\nMIME-Version:"),
        (b"charset=utf-8", b"charset=utf-7"),
    ],
)
def test_a_change_breaks_the_signature(key: DkimKey, old: bytes, new: bytes) -> None:
    message = SignedLetter(compile_letter(letter_source()), [key], signed_at=SIGNED_AT).fill(TO_MAIJA)
    changed = message.replace(old, new, 1)
    assert changed != message
    assert not holds(changed, key)


def test_the_one_click_fields_and_the_envelope_s_are_signed() -> None:
    message = SignedLetter(compile_letter(letter_source()), [ED25519], signed_at=SIGNED_AT).fill(TO_MAIJA)
    tags = dict(
        tag.strip().split(b"=", 1)
        for tag in message[15 : message.index(b"From:")].replace(b"\r\n", b"").rstrip().split(b";")
    )
    names = tags[b"h"].replace(b" ", b"").split(b":")
    assert {
        b"list-unsubscribe",
        b"list-unsubscribe-post",
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"mime-version",
        b"content-type",
    } <= set(names)
    assert names.count(b"from") == names.count(b"list-unsubscribe") == 2
    assert tags[b"t"] == b"%d" % SIGNED_AT


def test_the_signature_is_folded_within_a_line() -> None:
    message = SignedLetter(compile_letter(letter_source()), [RSA], signed_at=SIGNED_AT).fill(TO_MAIJA)
    signature = message[: message.index(b"From:")]
    assert max(len(line) for line in signature.split(b"\r\n")) <= 78


@each_key
@pytest.mark.parametrize("text", ["Hei\n", "Hei", "Hei\n\n\n", "\n", "a  b \t\nc "])
def test_a_finished_message_is_signed_as_well(key: DkimKey, text: str) -> None:
    for changes in ({"html": "", "text": text}, {"text": text}, {"to": "käyttäjä@esimerkki.fi"}):
        signed = sign_message(service_message(**changes).data, [key], signed_at=SIGNED_AT)
        assert holds(signed, key)


@each_key
def test_a_key_is_read_from_pem(key: DkimKey) -> None:
    pem = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    read = load_dkim_key(pem, domain="esimerkki.fi", selector="x")
    assert read.algorithm == key.algorithm
    assert read.dns_record == key.dns_record
    assert "private" not in repr(read)


def test_a_key_that_cannot_sign_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = ED25519.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    for bad, fault in ((pem, KeyFault.KIND), (b"nothing", KeyFault.UNREADABLE), (locked, KeyFault.UNREADABLE)):
        with pytest.raises(SigningError) as caught:
            load_dkim_key(bad, domain="esimerkki.fi", selector="x")
        assert caught.value.fault is fault


def test_a_name_that_is_none_is_refused() -> None:
    for domain, selector in (("esimerkki.fi;", "x"), ("esimerkki.fi", ""), ("", "x")):
        with pytest.raises(SigningError) as caught:
            DkimKey(domain, selector, ED25519.private)
        assert caught.value.fault is KeyFault.NAME


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luvalla.sending.dkim.LEAST_RSA_BITS", 4096)
    with pytest.raises(SigningError) as caught:
        DkimKey("esimerkki.fi", "x", RSA.private)
    assert caught.value.fault is KeyFault.SHORT
