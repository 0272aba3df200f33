"""Links that carry a random reference and nobody's address: a key's number, the reference, and a check with the key.

Old link keys are kept, so that a link goes on being read after its key was changed.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from uuid import UUID

from luvalla.ledger.vault import keyring

REF_BYTES: Final = 16
MAC_BYTES: Final = 12


def link_token(ref: UUID, *, what_for: bytes) -> str:
    """Make the token of a link, in letters that stand in an address; what_for keeps it from opening other doors."""
    keys = keyring()
    said = bytes([keys.link_in_use]) + ref.bytes
    return urlsafe_b64encode(said + _mac(keys.link_keys[keys.link_in_use], what_for + said)).decode().rstrip("=")


def ref_of_token(token: str, *, what_for: bytes) -> UUID | None:
    """Read the reference of a token; None for one that was forged, cut, or made for another door."""
    try:
        read = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    said, mac = read[: 1 + REF_BYTES], read[1 + REF_BYTES :]
    key = keyring().link_keys.get(said[0]) if len(said) == 1 + REF_BYTES else None
    if key is None or not hmac.compare_digest(mac, _mac(key, what_for + said)):
        return None
    return UUID(bytes=said[1:])


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")[:MAC_BYTES]
