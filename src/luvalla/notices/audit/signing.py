"""The key that signs auditor's packs: Ed25519, kept beside the other keys, made when it is first needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

NAME: Final = "audit-ed25519.pem"


def signing_key() -> Ed25519PrivateKey:
    """Give the installation's key, a new one the first time; only its owner can read the file (0600)."""
    place = Path(settings.LUVALLA_HOME) / "keys" / NAME
    try:
        return _read(place)
    except FileNotFoundError:
        pass
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = place.with_name(f"{NAME}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, place)  # whoever comes second takes the first one's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(place)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Give the public key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def _read(place: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(place.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key
