from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.ledger.errors import SealBroken
from luvalla.ledger.keys import Keyring
from luvalla.ledger.sealing import KeyedHash, Sealer
from luvalla.rules.address import normalise

KEYS = Keyring.fresh()
SEALER = Sealer(KEYS)
COLUMN = "register.Contact.sealed"
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


@given(st.binary(max_size=500), st.binary(max_size=32))
def test_what_is_sealed_opens_to_the_same(plain: bytes, token: bytes) -> None:
    sealed = SEALER.seal(plain, column=COLUMN, token=token)
    assert SEALER.open(sealed, column=COLUMN, token=token) == plain
    assert SEALER.seal(plain, column=COLUMN, token=token) != sealed
    if len(plain) > 3:
        assert plain not in sealed


@given(st.binary(min_size=1, max_size=100), st.data())
def test_a_changed_seal_never_opens(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(plain, column=COLUMN, token=b"row"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), column=COLUMN, token=b"row")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(rubbish, column=COLUMN, token=b"row")


def test_a_seal_moved_to_another_row_or_column_does_not_open() -> None:
    sealed = SEALER.seal(b"maija@esimerkki.fi", column=COLUMN, token=b"row")
    with pytest.raises(SealBroken):
        SEALER.open(sealed, column=COLUMN, token=b"other row")
    with pytest.raises(SealBroken):
        SEALER.open(sealed, column="register.Stop.sealed", token=b"row")


def test_an_older_seal_key_still_opens_and_a_lost_one_does_not() -> None:
    newer = Sealer(KEYS.with_new_seal_key())
    sealed = SEALER.seal(b"x", column=COLUMN)
    assert newer.open(sealed, column=COLUMN) == b"x"
    with pytest.raises(SealBroken):
        SEALER.open(newer.seal(b"x", column=COLUMN), column=COLUMN)


@given(WORDS, WORDS, st.sampled_from(["esimerkki.fi", "example.com", "mail.example.org"]))
def test_case_and_tag_of_a_mailbox_fold_to_one_token(local: str, tag: str, domain: str) -> None:
    spellings = (
        f"{local}@{domain}",
        f"{local.upper()}@{domain.title()}",
        f" {local}+{tag}@{domain} ",
        f"{local}+@{domain}",
    )
    assert len({SEALER.folded_token(normalise(each)) for each in spellings}) == 1
    assert SEALER.exact_token(normalise(spellings[0])) != SEALER.exact_token(normalise(spellings[2]))


@given(WORDS)
def test_both_spellings_of_an_international_domain_are_one_mailbox(local: str) -> None:
    letters, labels = normalise(f"{local}@Sähkö.fi"), normalise(f"{local}@XN--SHK-QLA6G.fi")
    assert letters == labels
    assert SEALER.exact_token(letters) == SEALER.exact_token(labels)
    assert SEALER.folded_token(letters) == SEALER.folded_token(labels)


def test_a_local_part_with_letters_outside_ascii_is_kept_apart() -> None:
    assert SEALER.folded_token(normalise("päivi@esimerkki.fi")) != SEALER.folded_token(normalise("paivi@esimerkki.fi"))
    assert normalise("päivi@esimerkki.fi").needs_smtputf8
    assert not normalise("paivi@sähkö.fi").needs_smtputf8


@given(WORDS, WORDS)
def test_two_mailboxes_never_share_a_token(one: str, other: str) -> None:
    first, second = normalise(f"{one}@esimerkki.fi"), normalise(f"{other}@esimerkki.fi")
    assert (SEALER.folded_token(first) == SEALER.folded_token(second)) is (one == other)


def test_a_mailbox_and_a_domain_never_share_a_token() -> None:
    assert SEALER.domain_token("a@esimerkki.fi") != SEALER.exact_token(normalise("a@esimerkki.fi"))


def test_tokens_of_another_keyring_tell_nothing() -> None:
    address = normalise("maija@esimerkki.fi")
    assert Sealer(Keyring.fresh()).exact_token(address) != SEALER.exact_token(address)


def test_an_old_token_is_brought_up_to_the_new_key_without_the_address() -> None:
    address = normalise("maija+uutiset@esimerkki.fi")
    newer = Sealer(KEYS.with_new_token_key().with_new_token_key())
    for make in ("exact_token", "folded_token"):
        assert newer.rekeyed(getattr(SEALER, make)(address), 1) == getattr(newer, make)(address)
    assert newer.rekeyed(SEALER.domain_token("esimerkki.fi"), 1) == newer.domain_token("esimerkki.fi")
    assert newer.exact_tokens(address)[0] == SEALER.exact_token(address)
    assert newer.exact_tokens(address)[-1] == newer.exact_token(address)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_the_quick_keyed_hash_is_hmac(key: bytes, message: bytes) -> None:
    assert KeyedHash(key).digest(message) == hmac.digest(key, message, hashlib.sha256)


def test_a_keyring_survives_being_written_and_read() -> None:
    assert Keyring.from_json(KEYS.with_new_link_key().to_json()).link_in_use == 2
    assert Keyring.from_json(KEYS.to_json()) == KEYS
    assert "=" not in repr(KEYS).replace("seal_in_use=", "").replace("link_in_use=", "")
