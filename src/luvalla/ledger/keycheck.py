"""Whether the keyring is the one this database was written with: asked at every start, before anything is read.

The database keeps for each key what it makes of a known text. That tells nothing about the key, and everything about
whether it is the same one.
"""

from __future__ import annotations

import hmac
from typing import Final

from django.db import connection, transaction

from luvalla.ledger.errors import DatabaseEmpty, KeysAhead, KeysMissing, KeysWrong
from luvalla.ledger.keys import Keyring, named_ledger_keys
from luvalla.ledger.models import KeyCheck, LedgerRow
from luvalla.ledger.vault import keyring

KNOWN_TEXT: Final = b"luvalla key check|"
OF_TOKENS: Final = "token."


def check_keys() -> None:
    """Compare the keyring with what the database remembers; a database without anything in it remembers it from now on.

    Raises DatabaseEmpty before the first migration, KeysMissing, KeyringBroken, KeysWrong (a key is lost or another
    one) or KeysAhead (a new token key waits for the tokens to be brought up to it). A new seal, link or ledger
    key is simply remembered.
    """
    if not has_tables():
        raise DatabaseEmpty
    known = remembered()
    made = fingerprints(_keys(is_fresh=not known))
    if not known and LedgerRow.objects.exists():
        message = "the database has rows but remembers no keys"
        raise KeysWrong(message)
    for name, value in known.items():
        if name not in made:
            message = f"the key {name} is lost"
            raise KeysWrong(message, key=name, is_lost=True)
        if not hmac.compare_digest(made[name], value):
            message = f"the key {name} is another one than the database was written with"
            raise KeysWrong(message, key=name)
    fresh = {name: value for name, value in made.items() if name not in known}
    if known and any(name.startswith(OF_TOKENS) for name in fresh):
        raise KeysAhead
    remember(fresh)


def has_tables() -> bool:
    """Tell whether the database was migrated at least once."""
    return KeyCheck._meta.db_table in connection.introspection.table_names()  # noqa: SLF001  # Django's documented API


def remembered() -> dict[str, bytes]:
    """Give what the database remembers of each key, by its name."""
    return {each.name: bytes(each.value) for each in KeyCheck.objects.all()}


def remember(made: dict[str, bytes]) -> None:
    """Remember new keys."""
    with transaction.atomic():
        for name, value in made.items():
            KeyCheck.objects.get_or_create(name=name, defaults={"value": value})


def fingerprints(keys: Keyring) -> dict[str, bytes]:
    """Tell what each key makes of the known text; its name takes part, so that no two keys can change places."""
    named = {f"{OF_TOKENS}{number}": key for number, key in enumerate(keys.token_keys, start=1)}
    named |= {f"seal.{number}": key for number, key in keys.seal_keys.items()}
    named |= {f"link.{number}": key for number, key in keys.link_keys.items()}
    named |= named_ledger_keys(keys)
    return {name: hmac.digest(key, KNOWN_TEXT + name.encode(), "sha256") for name, key in named.items()}


def token_generation() -> int:
    """Tell up to how many token keys the database's tokens have been brought."""
    return sum(1 for name in remembered() if name.startswith(OF_TOKENS))


def _keys(*, is_fresh: bool) -> Keyring:
    try:
        return keyring()
    except KeysMissing as missing:
        place = str(missing)
        message = f"there is no keyring at {place}" if is_fresh else f"the keyring is lost: nothing is at {place}"
        raise KeysMissing(message) from None
