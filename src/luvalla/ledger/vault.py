"""The installation's sealer, made once from the configured keyring."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from luvalla.ledger.keys import Keyring, read_keyring
from luvalla.ledger.sealing import Sealer


@cache
def keyring() -> Keyring:
    """Give the configured keyring; KeysMissing or KeyringBroken when there is none."""
    return read_keyring(Path(settings.LUVALLA_HOME))


@cache
def sealer() -> Sealer:
    """Give the sealer of the configured keyring."""
    return Sealer(keyring())


def forget_keys() -> None:
    """Read the keyring anew at the next use: after a change of keys, and in tests."""
    keyring.cache_clear()
    sealer.cache_clear()
