"""Changing a key of the running installation: a new one is made and used, and what depends on it is brought up."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection, transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.backups import postgresql, sqlite
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.erasures import Entry, Operation, append
from luvalla.ledger.errors import KeysAhead, KeysMissing
from luvalla.ledger.key_changes import announce_keys, announced_keys
from luvalla.ledger.keycheck import check_keys, token_generation
from luvalla.ledger.keys import changing_keys, write_keyring
from luvalla.ledger.rekeying import rekey_tokens
from luvalla.ledger.vault import forget_keys, keyring


def rotate_key(*, kind: str, home: Path, actor: Actor) -> int:
    """Make a new "token", "seal", "link" or "ledger" key and tell how many rows were changed for it.

    Old seal keys still open, old links still work and old ledger keys still verify, so nothing but tokens is changed.
    An interrupted change of the token or ledger key is gone on with. Raises KeysAhead for any other kind while tokens
    wait to be brought up; KeysBeingChanged by another process; DatabaseInUse: other processes have read the old keys;
    KeysMissing where a key is to be made and the keys don't lie in the home: nothing was written then; and
    ErasuresUnwritable.
    """
    with changing_keys(home):
        forget_keys()  # another process may have changed them since they were read
        return _rotate(kind, home, actor)


def _rotate(kind: str, home: Path, actor: Actor) -> int:
    is_under_way = token_generation() < len(keyring().token_keys)
    if is_under_way and kind != "token":
        raise KeysAhead
    if not is_under_way and _are_given_elsewhere():
        message = "keys are changed where they are given: LUVALLA_KEYS or LUVALLA_KEYS_FILE"
        raise KeysMissing(message)
    (postgresql if connection.vendor == "postgresql" else sqlite).make_room(replace=True)
    if is_under_way:
        return rekey_tokens(actor=actor)
    if kind == "ledger":
        return _change_ledger_key(home, actor)
    keys = keyring()
    made = {"token": keys.with_new_token_key, "seal": keys.with_new_seal_key, "link": keys.with_new_link_key}[kind]()
    write_keyring(made, home)
    forget_keys()
    if kind == "token":
        return rekey_tokens(actor=actor)
    check_keys()
    with transaction.atomic():
        record("ledger.rotate_key", actor=actor, facts={"kind": kind})
    return 0


def _are_given_elsewhere() -> bool:
    return bool(os.environ.get("LUVALLA_KEYS") or os.environ.get("LUVALLA_KEYS_FILE"))


def _change_ledger_key(home: Path, actor: Actor) -> int:
    """Seal what waits with the old key, then go on with a new one, in the ledger and in the ledger of erasures."""
    seal_rows(everything=True)
    if announced_keys() == len(keyring().ledger_keys):
        write_keyring(keyring().with_new_ledger_key(), home)
        forget_keys()
    check_keys()
    with transaction.atomic():
        append([Entry(Operation.KEY, ())])
        announce_keys(actor=actor)
    seal_rows(everything=True)
    return 0
