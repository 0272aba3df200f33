"""Sealing: personal data at rest as ciphertext, found again by keyed tokens. Knows no framework.

A sealed value is version (1 byte) | key id (1 byte) | nonce (12 bytes) | AES-256-GCM ciphertext with tag (16 bytes).
It is bound to its column and to its row's token, so that it can't be moved to another row unseen.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from luvalla.ledger.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable

    from luvalla.ledger.keys import Keyring
    from luvalla.rules.address import Address

VERSION: Final = 1
NONCE_BYTES: Final = 12
HEADER_BYTES: Final = 2
NONCE_END: Final = HEADER_BYTES + NONCE_BYTES
TOKEN_BYTES: Final = 32
MAILBOX: Final = b"mailbox|"
DOMAIN: Final = b"domain|"


class KeyedHash:
    """HMAC-SHA-256 (RFC 2104) with one key whose padded blocks are hashed once: half the time of hmac.digest."""

    def __init__(self, key: bytes) -> None:
        """Begin both hashes with the key, which is at most a block (64 bytes) long."""
        block = key.ljust(hashlib.sha256().block_size, b"\0")
        self._inner = hashlib.sha256(bytes(each ^ 0x36 for each in block))
        self._outer = hashlib.sha256(bytes(each ^ 0x5C for each in block))

    def digest(self, message: bytes) -> bytes:
        """Give the 32 bytes of the message's HMAC."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


class Sealer:
    """Seals, opens and makes tokens with one keyring."""

    def __init__(self, keyring: Keyring) -> None:
        """Make the ciphers once; a million rows use the same ones."""
        self._macs = tuple(KeyedHash(key) for key in keyring.token_keys)
        self._by_header = {bytes((VERSION, number)): AESGCM(key) for number, key in keyring.seal_keys.items()}
        self._in_use = keyring.seal_in_use
        self._header = bytes((VERSION, keyring.seal_in_use))
        self._cipher = self._by_header[self._header]

    def seal(self, plaintext: bytes, *, column: str, token: bytes = b"") -> bytes:
        """Seal a value for a column ("register.Contact.sealed") of the row that the token names."""
        nonce = os.urandom(NONCE_BYTES)
        return self._header + nonce + self._cipher.encrypt(nonce, plaintext, column.encode() + b"|" + token)

    def open(self, sealed: bytes, *, column: str, token: bytes = b"") -> bytes:
        """Open a sealed value; SealBroken when it was changed, moved, or its key is gone."""
        return self.opener(column)(sealed, token)

    def opener(self, column: str) -> Callable[[bytes, bytes], bytes]:
        """Give what opens the sealed values of one column, each with its row's token, as open() does: for many rows."""
        bound, ciphers = column.encode() + b"|", self._by_header

        def open_value(sealed: bytes, token: bytes) -> bytes:
            cipher = ciphers.get(sealed[:HEADER_BYTES])
            if cipher is None:
                raise SealBroken
            try:
                return cipher.decrypt(sealed[HEADER_BYTES:NONCE_END], sealed[NONCE_END:], bound + token)
            except InvalidTag:
                raise SealBroken from None

        return open_value

    def exact_token(self, address: Address) -> bytes:
        """Make the token of one spelling of a mailbox: unique, and the way to look a contact up."""
        return self._token(MAILBOX + address.text.encode())

    def exact_tokens(self, address: Address) -> tuple[bytes, ...]:
        """Make the exact token of every generation of the token keys, oldest first; the last one is in use."""
        generations, token = [], MAILBOX + address.text.encode()
        for mac in self._macs:
            token = mac.digest(token)
            generations.append(token)
        return tuple(generations)

    def folded_token(self, address: Address) -> bytes:
        """Make the token of the mailbox whatever its plus-tag: suppression, and the same person.

        Without a plus-tag it is the exact token: most contacts have one token instead of two.
        """
        return self._token(MAILBOX + address.folded.encode())

    def domain_token(self, domain: str) -> bytes:
        """Make the token of a domain in lower-case A-labels."""
        return self._token(DOMAIN + domain.encode())

    def rekeyed(self, token: bytes, generations: int) -> bytes:
        """Bring a token made with the first `generations` token keys up to the newest key, without the address."""
        for mac in self._macs[generations:]:
            token = mac.digest(token)
        return token

    def _token(self, spelled: bytes) -> bytes:
        token = spelled
        for mac in self._macs:
            token = mac.digest(token)
        return token
