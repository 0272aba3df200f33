from __future__ import annotations

import hmac
import struct
import subprocess
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from string import ascii_letters, digits
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from luvalla.ledger.keys import Keyring
from luvalla.register.links import StopLink, make_stop_token, read_stop_token

KEYS = Keyring.fresh()
ALPHABET = ascii_letters + digits + "-_"
contact_ids = st.integers(1, 2**63 - 1)
campaign_ids = st.integers(0, 2**32 - 1)
tokens = st.binary(min_size=32, max_size=32)


def make(keys: Keyring = KEYS) -> str:
    return make_stop_token(contact_id=17, exact_token=bytes(range(32)), campaign_id=5, keyring=keys)


@given(contact_ids, campaign_ids, tokens)
def test_a_link_reads_what_it_was_made_of(contact: int, campaign: int, token: bytes) -> None:
    text = make_stop_token(contact_id=contact, exact_token=token, campaign_id=campaign, keyring=KEYS)
    link = read_stop_token(text, KEYS)
    assert link == StopLink(contact, campaign, token[:6])
    assert link.fits(token)
    assert not link.fits(bytes(32 - len(token[:6])) + token[:6] if token[:6] != bytes(6) else b"\1" * 32)


@given(st.integers(0, 47), st.sampled_from(ALPHABET))
def test_a_changed_character_never_reads(place: int, character: str) -> None:
    text = make()
    changed = text[:place] + character + text[place + 1 :]
    assert (read_stop_token(changed, KEYS) is not None) is (changed == text)


@given(st.integers(0, 35), st.integers(1, 255))
def test_a_changed_byte_never_reads(place: int, change: int) -> None:
    raw = bytearray(urlsafe_b64decode(make()))
    raw[place] ^= change
    assert read_stop_token(urlsafe_b64encode(bytes(raw)).decode(), KEYS) is None


@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, min_size=48, max_size=48)))
def test_what_was_never_a_link_never_reads(text: str) -> None:
    assert read_stop_token(text, KEYS) is None


def test_a_link_cut_short_lengthened_or_spelled_otherwise_never_reads() -> None:
    text = make()
    for other in (
        text[:-1],
        text + "A",
        text + "=",
        f" {text}",
        f"{text}\n",
        text.replace("-", "+").replace("_", "/") + "/",
    ):
        assert read_stop_token(other, KEYS) is None


def test_a_link_of_an_older_key_still_reads_and_one_of_a_lost_key_does_not() -> None:
    newer = KEYS.with_new_link_key()
    assert read_stop_token(make(), newer) is not None
    assert read_stop_token(make(newer), newer) is not None
    assert make(newer) != make()
    assert read_stop_token(make(newer), KEYS) is None
    assert read_stop_token(make(), Keyring.fresh()) is None


def test_a_link_survives_a_mail_and_an_address_bar() -> None:
    assert quote(make(), safe="") == make()
    assert len(make()) == 48


def test_links_are_made_without_any_framework() -> None:
    program = "import sys; import luvalla.register.links; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_link_of_a_letter_of_years_ago_reads_as_ever() -> None:
    said = struct.pack(">BBQI6s", 1, KEYS.link_in_use, 17, 5, bytes(range(6)))
    mac = hmac.digest(KEYS.link_keys[KEYS.link_in_use], b"luvalla stop link|" + said, "sha256")[:16]
    assert read_stop_token(urlsafe_b64encode(said + mac).decode(), KEYS) == StopLink(17, 5, bytes(range(6)))
    newer = bytes([2]) + said[1:]
    assert read_stop_token(urlsafe_b64encode(newer + mac).decode(), KEYS) is None
