"""The organisation's DKIM keys, and letters signed with them (RFC 6376, RFC 8463).

A key is a file whose name is that of its record in the DNS: `SELECTOR._domainkey.DOMAIN.pem`, in the folder `dkim`
beside the keyring. Each letter gets a signature of every key whose domain is that of the sender or above it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.sending.dkim import DkimKey, load_dkim_key
from luvalla.sending.errors import SigningError
from luvalla.sending.letter import CompiledLetter
from luvalla.sending.signed_letter import SignedLetter

BETWEEN: Final = "._domainkey."
SUFFIX: Final = ".pem"
RSA_BITS: Final = 2048


class KeyFile(NamedTuple):
    """A private key as it lies in its file."""

    selector: str
    domain: str
    pem: str

    def read(self) -> DkimKey:
        """Read the key; SigningError where it can't be used."""
        return load_dkim_key(self.pem.encode(), domain=self.domain, selector=self.selector)


def key_files(folder: Path, sender_domain: str) -> list[KeyFile]:
    """Read the keys that sign for a sender. Raises RelayUnusable, naming the file, for one that can't be used."""
    found = []
    for place in sorted(folder.glob(f"*{BETWEEN}*{SUFFIX}")):
        selector, _, domain = place.name.removesuffix(SUFFIX).partition(BETWEEN)
        if not f".{sender_domain}".endswith(f".{domain}"):
            continue
        try:
            key = KeyFile(selector, domain, place.read_text())
            key.read()
        except (OSError, UnicodeError, SigningError):
            raise RelayUnusable(RelayFault.SIGNING_KEY, place.name) from None
        found.append(key)
    return found


class Published(NamedTuple):
    """A key's file, and the TXT record that makes its signatures verifiable."""

    place: Path
    name: str
    record: str


def make_key(folder: Path, *, domain: str, selector: str, is_ed25519: bool) -> Published | None:
    """Make a key, readable by its owner alone; one of that name stays as it is.

    None, and nothing made, where domain or selector is no name or the file holds no key.
    """
    pem = _new_key(is_ed25519=is_ed25519)
    try:
        key = KeyFile(selector, domain, pem.decode()).read()
        place = folder / f"{selector}{BETWEEN}{domain}{SUFFIX}"
        if place.exists():
            key = KeyFile(selector, domain, place.read_text()).read()
        else:
            _write(place, pem)
    except SigningError:
        return None
    return Published(place, f"{selector}{BETWEEN}{domain}", key.dns_record)


def signed(letter: CompiledLetter, keys: Sequence[DkimKey], moment: datetime | None) -> CompiledLetter | SignedLetter:
    """Give the letter with its signatures, which name the moment its sending began; without keys it stays as it is."""
    if not keys:
        return letter
    return SignedLetter(letter, keys, signed_at=int((moment or datetime.now(tz=UTC)).timestamp()))


def _new_key(*, is_ed25519: bool) -> bytes:
    private = ed25519.Ed25519PrivateKey.generate() if is_ed25519 else rsa.generate_private_key(65537, RSA_BITS)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(place: Path, pem: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
