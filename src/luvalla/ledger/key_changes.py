"""The change to a new ledger key is itself a row of the chain, the first that is sealed with the new key.

The row proves that who wrote it had the new key; its link, made with the new key, holds the whole chain before it. So
whoever knows an old key alone can neither announce a new one nor rewrite what was sealed before the change.
"""

from __future__ import annotations

import hmac
from typing import Final

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring

VERB: Final = "ledger.rotate_key"
KIND: Final = "ledger"
SUBJECT: Final = b"luvalla new ledger key|"


def number_of_key(before: int, verb: str, facts: object) -> int:
    """Tell which ledger key (1, 2, ...) a row is sealed with, where the row before it was sealed with key `before`."""
    if verb != VERB or not isinstance(facts, dict) or facts.get("kind") != KIND or before >= len(keyring().ledger_keys):
        return before
    return before + 1 if hmac.compare_digest(str(facts.get("proof", "")), _proof(before + 1)) else before


def announced_keys(*, up_to: int | None = None) -> int:
    """Tell how many ledger keys the rows speak of: all of them, or those sealed up to a place of the chain."""
    rows = LedgerRow.objects.filter(verb=VERB).order_by("pk")
    if up_to is not None:
        rows = rows.filter(seal__pk__lte=up_to).order_by("seal__pk")
    number = 1
    for facts in rows.values_list("facts", flat=True):
        number = number_of_key(number, VERB, facts)
    return number


def announce_keys(*, actor: Actor) -> int:
    """Write the row of each ledger key of the keyring that has none, in the caller's transaction; tell how many.

    Also where a backup from before a change was brought back: its chain goes on with the key in use.
    """
    missing = range(announced_keys() + 1, len(keyring().ledger_keys) + 1)
    for number in missing:
        record(VERB, actor=actor, facts={"kind": KIND, "number": number, "proof": _proof(number)})
    return len(missing)


def _proof(number: int) -> str:
    key = keyring().ledger_keys[number - 1]
    return hmac.digest(key, SUBJECT + number.to_bytes(2, "big"), "sha256").hex()
