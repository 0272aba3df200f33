"""What a letter is known by on the wire: its Message-ID, and the return path that brings its bounce home (VERP).

Both follow from campaign and contact with a key of the installation, so every attempt of a letter has the same ones.
They show no address, and nobody else can make them. Knows no framework.
"""

from __future__ import annotations

import hmac
import re
from binascii import hexlify
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from luvalla.ledger.keys import Keyring

WHICH: Final = Struct(">QI")
SUBJECT: Final = b"luvalla letter"
ID_BYTES: Final = 16
MAC_BYTES: Final = 8
BOUNCE: Final = re.compile(r"bounce\+([0-9a-f]{40})@", re.IGNORECASE)


class Identity(NamedTuple):
    """The part of a Message-ID before its @, and the local part of the return path; both ASCII."""

    message_id: bytes
    return_path: bytes


class LetterRef(NamedTuple):
    """Which letter a return path belongs to."""

    contact_id: int
    campaign_id: int


class Identities:
    """Makes and reads identities with an installation's key: keyed BLAKE2b (RFC 7693), begun once for all letters."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the first token key, which is never dropped: an attempt after a change of keys is still the same."""
        self._mac = blake2b(key=keyring.token_keys[0], digest_size=ID_BYTES + MAC_BYTES, person=SUBJECT)

    def identify(self, *, contact_id: int, campaign_id: int) -> Identity:
        """Give a letter's identity."""
        which = WHICH.pack(contact_id, campaign_id)
        mac = self._made(which)
        return Identity(hexlify(mac[:ID_BYTES]), b"bounce+" + hexlify(which + mac[ID_BYTES:]))

    def read_return_path(self, address: str) -> LetterRef | None:
        """Tell which letter a bounce is about; None for any address that isn't exactly one of our return paths."""
        found = BOUNCE.match(address)
        if found is None:
            return None
        said = bytes.fromhex(found[1])
        which, mac = said[: WHICH.size], said[WHICH.size :]
        if not hmac.compare_digest(mac, self._made(which)[ID_BYTES:]):
            return None
        return LetterRef(*WHICH.unpack(which))

    def _made(self, which: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(which)
        return mac.digest()
