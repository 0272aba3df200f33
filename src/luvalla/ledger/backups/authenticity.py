"""Who has made a backup: HMAC-SHA256 (RFC 2104) of its digest under a key that comes from the ledger's.

age encrypts for a public key and says nothing of the sender. Whoever knows that key could make a backup with accounts
of their own; whoever has the ledger's key is the installation itself, or holds its recovery kit.
"""

from __future__ import annotations

import hmac
from typing import Final

from luvalla.ledger.backups.container import Payload
from luvalla.ledger.backups.errors import NotAuthentic, NotAuthenticated
from luvalla.ledger.errors import KeyringBroken, KeysMissing
from luvalla.ledger.vault import keyring

SUBJECT: Final = b"luvalla backup|"


def authenticate(digest: bytes) -> bytes:
    """Give the mac of a backup with that SHA-256, under the ledger key in use."""
    return _mac(keyring().ledger_key, digest)


def check_authentic(payload: Payload, *, may_be_unauthenticated: bool) -> None:
    """See that this installation has made a backup, with any ledger key it has had.

    Raises NotAuthenticated where nobody has authenticated it, unless that may be; NotAuthentic where others have, or
    the keys aren't here that could tell.
    """
    if payload.mac is None:
        if may_be_unauthenticated:
            return
        raise NotAuthenticated
    try:
        keys = keyring().ledger_keys
    except (KeysMissing, KeyringBroken):
        raise NotAuthentic from None
    if not any(hmac.compare_digest(payload.mac, _mac(key, payload.digest)) for key in keys):
        raise NotAuthentic


def _mac(key: bytes, digest: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, SUBJECT, "sha256"), digest, "sha256")
