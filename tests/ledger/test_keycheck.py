from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from luvalla.ledger import vault
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.checks import check_the_keys
from luvalla.ledger.errors import DatabaseEmpty, KeyringBroken, KeysAhead, KeysMissing, KeysWrong
from luvalla.ledger.keycheck import check_keys, remembered, token_generation
from luvalla.ledger.keys import Keyring
from luvalla.ledger.models import KeyCheck

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    vault.forget_keys()


def use(monkeypatch: pytest.MonkeyPatch, keys: Keyring) -> Keyring:
    """Give the system another keyring, as a person with the wrong file would."""
    monkeypatch.setenv("LUVALLA_KEYS", keys.to_json())
    vault.forget_keys()
    return keys


def test_a_fresh_database_remembers_its_keys() -> None:
    check_keys()
    assert set(remembered()) == {"token.1", "seal.1", "link.1", "ledger"}
    check_keys()
    assert KeyCheck.objects.count() == 4
    assert token_generation() == 1


def test_what_is_remembered_is_not_the_key() -> None:
    check_keys()
    keys = vault.keyring()
    assert not {*keys.token_keys, *keys.seal_keys.values(), keys.ledger_key} & set(remembered().values())


def test_another_keyring_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    check_keys()
    use(monkeypatch, Keyring.fresh())
    with pytest.raises(KeysWrong, match=r"token\.1 is another one"):
        check_keys()


def test_a_lost_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first = use(monkeypatch, Keyring.fresh())
    use(monkeypatch, first.with_new_seal_key())
    check_keys()
    use(monkeypatch, first)
    with pytest.raises(KeysWrong, match=r"seal\.2 is lost"):
        check_keys()


def test_a_lost_keyring_is_said_with_its_place(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    check_keys()
    monkeypatch.setenv("LUVALLA_KEYS_FILE", f"{tmp_path}/nothing.json")
    vault.forget_keys()
    with pytest.raises(KeysMissing, match="the keyring is lost: nothing is at"):
        check_keys()


def test_a_missing_keyring_of_a_fresh_database_is_said_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("LUVALLA_KEYS_FILE", f"{tmp_path}/nothing.json")
    vault.forget_keys()
    with pytest.raises(KeysMissing, match="there is no keyring at"):
        check_keys()


def test_a_broken_keyring_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUVALLA_KEYS", "{}")
    vault.forget_keys()
    with pytest.raises(KeyringBroken):
        check_keys()


def test_a_database_with_rows_that_remembers_nothing_is_refused() -> None:
    with transaction.atomic():
        record("register.test", actor=SYSTEM)
    with pytest.raises(KeysWrong, match="remembers no keys"):
        check_keys()


def test_new_seal_and_link_keys_are_simply_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    first = use(monkeypatch, Keyring.fresh())
    check_keys()
    use(monkeypatch, first.with_new_seal_key().with_new_link_key())
    check_keys()
    assert {"seal.2", "link.2"} <= set(remembered())


def test_a_new_token_key_must_be_brought_into_use_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first = use(monkeypatch, Keyring.fresh())
    check_keys()
    use(monkeypatch, first.with_new_token_key())
    with pytest.raises(KeysAhead):
        check_keys()


def test_a_database_without_tables_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", lambda *_: [])
    with pytest.raises(DatabaseEmpty):
        check_keys()
    assert check_the_keys() == []


def test_the_system_check_says_what_is_wrong_with_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_the_keys() == []
    use(monkeypatch, Keyring.fresh())
    (fault,) = check_the_keys()
    assert fault.id == "luvalla.E003"
    assert "token.1 is another one" in fault.msg
