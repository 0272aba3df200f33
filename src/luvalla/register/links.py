"""Stop links: everything a link needs is in the link, so it works after purges, key changes and erasure.

A link's token is 48 characters of base64url: version (1 byte) | link key id (1) | contact id (8) | campaign id (4) |
check of the contact's exact token (6) | keyed BLAKE2b (16; RFC 7693). In version 1 the last was an HMAC-SHA-256; such
links are read as ever. A link holds no address and opens nothing but the stop (RFC 8058, section 3.1: the URI must be
hard to forge). Knows no framework.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from luvalla.ledger.keys import Keyring

VERSION: Final = 2
CHECK_BYTES: Final = 6
MAC_BYTES: Final = 16
LAYOUT: Final = Struct(f">BBQI{CHECK_BYTES}s")
SPELLED: Final = re.compile(r"[A-Za-z0-9_-]{48}")
SUBJECT: Final = b"luvalla stop link|"
PERSON: Final = b"stop link"


class StopLink(NamedTuple):
    """What a link says: whose it is, from which campaign, and which key generation's token it knew."""

    contact_id: int
    campaign_id: int
    check: bytes

    def fits(self, exact_token: bytes) -> bool:
        """Tell whether the contact with this token is the one the link was made for."""
        return hmac.compare_digest(self.check, exact_token[:CHECK_BYTES])


def make_stop_token(*, contact_id: int, exact_token: bytes, campaign_id: int, keyring: Keyring) -> str:
    """Make the token of a stop link. Campaign 0 stands for a link outside any campaign."""
    return stop_tokens(campaign_id=campaign_id, keyring=keyring)(contact_id, exact_token).decode()


def stop_tokens(*, campaign_id: int, keyring: Keyring) -> Callable[[int, bytes], bytes]:
    """Give what makes the tokens of a campaign's links, each of a contact id and an exact token: a million of them."""
    key_id = keyring.link_in_use
    begun, pack = _begun_with(keyring.link_keys[key_id]), LAYOUT.pack

    def make(contact_id: int, exact_token: bytes) -> bytes:
        said = pack(VERSION, key_id, contact_id, campaign_id, exact_token[:CHECK_BYTES])
        mac = begun.copy()
        mac.update(said)
        return urlsafe_b64encode(said + mac.digest())

    return make


def read_stop_token(text: str, keyring: Keyring) -> StopLink | None:
    """Read a token made with any link key of the keyring; None when it isn't exactly one."""
    if not SPELLED.fullmatch(text):
        return None
    token = urlsafe_b64decode(text)
    said, mac = token[: LAYOUT.size], token[LAYOUT.size :]
    version, key_id, contact_id, campaign_id, check = LAYOUT.unpack(said)
    key = keyring.link_keys.get(key_id)
    if version not in MACS or key is None:
        return None
    if not hmac.compare_digest(mac, MACS[version](key, said)):
        return None
    return StopLink(contact_id, campaign_id, check)


def _old_mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, SUBJECT + said, "sha256")[:MAC_BYTES]


def _mac(key: bytes, said: bytes) -> bytes:
    mac = _begun_with(key).copy()
    mac.update(said)
    return mac.digest()


@cache
def _begun_with(key: bytes) -> blake2b:
    """Begin a key's hash once: a campaign makes a million links with it."""
    return blake2b(key=key, digest_size=MAC_BYTES, person=PERSON)


MACS: Final = {1: _old_mac, VERSION: _mac}
"""How a link of each version is checked: letters of years ago keep their links."""
