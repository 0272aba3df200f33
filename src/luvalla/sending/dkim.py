"""DKIM keys: RSA (RFC 6376 with RFC 8301) and Ed25519 (RFC 8463)."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from luvalla.sending.errors import KeyFault, SigningError

LEAST_RSA_BITS: Final = 1024
_LABEL: Final = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_HASHED: Final = Prehashed(hashes.SHA256())
_PADDING: Final = padding.PKCS1v15()

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key under its name: the public one stands in the DNS at selector._domainkey.domain."""

    domain: str
    selector: str
    private: PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        """Raise SigningError for a key or name that cannot be used."""
        if not _NAME.fullmatch(self.domain) or not _NAME.fullmatch(self.selector):
            raise SigningError(KeyFault.NAME)
        if isinstance(self.private, rsa.RSAPrivateKey) and self.private.key_size < LEAST_RSA_BITS:
            raise SigningError(KeyFault.SHORT)

    @property
    def algorithm(self) -> str:
        """Give the a= tag."""
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    @property
    def dns_record(self) -> str:
        """Give the TXT record that makes its signatures verifiable (RFC 6376 section 3.6.1, RFC 8463 section 4)."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            public = self.private.public_key().public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
            return f"v=DKIM1; k=rsa; p={b64encode(public).decode('ascii')}"
        return f"v=DKIM1; k=ed25519; p={b64encode(self.private.public_key().public_bytes_raw()).decode('ascii')}"

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(digest, _PADDING, _HASHED)
        return self.private.sign(digest)


def load_dkim_key(pem: bytes, *, domain: str, selector: str) -> DkimKey:
    """Read a private key, PEM without a pass phrase. Raises SigningError."""
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningError(KeyFault.UNREADABLE) from None
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise SigningError(KeyFault.KIND)
    return DkimKey(domain, selector, private)
