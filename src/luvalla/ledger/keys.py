"""The keyring: every key of an installation, kept outside the database (GDPR 32(1)(a)).

A keyring is a JSON document, 0600, at LUVALLA_HOME/keys/keyring.json, or given by LUVALLA_KEYS (the document itself) or
LUVALLA_KEYS_FILE. Token keys are a chain: the token of a new key is HMAC(new key, old token), so that stored tokens can
be re-keyed without the addresses. Seal and link keys are kept by id; one of each is in use, the others only open.
Ledger keys are in the order they were taken into use: the last seals new rows, the others only verify older ones.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from luvalla.ledger.errors import KeyringBroken, KeysBeingChanged, KeysMissing

KEY_BYTES: Final = 32
LAST_ID: Final = 255
_changed_here: Final[set[Path]] = set()
"""Homes whose keys this process is changing."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys; each 32 bytes. Ids are 1-255 and are written into what a key has sealed."""

    token_keys: tuple[bytes, ...] = field(repr=False)
    seal_keys: dict[int, bytes] = field(repr=False)
    seal_in_use: int
    link_keys: dict[int, bytes] = field(repr=False)
    link_in_use: int
    ledger_keys: tuple[bytes, ...] = field(repr=False)

    @property
    def ledger_key(self) -> bytes:
        """Give the ledger key in use."""
        return self.ledger_keys[-1]

    @classmethod
    def fresh(cls) -> Keyring:
        """Make the keys of a new installation."""
        new = secrets.token_bytes
        return cls((new(KEY_BYTES),), {1: new(KEY_BYTES)}, 1, {1: new(KEY_BYTES)}, 1, (new(KEY_BYTES),))

    def with_new_token_key(self) -> Keyring:
        """Give the keyring with one more token key at the end of the chain."""
        return replace(self, token_keys=(*self.token_keys, secrets.token_bytes(KEY_BYTES)))

    def with_new_seal_key(self) -> Keyring:
        """Give the keyring with a new seal key in use; the old ones still open."""
        fresh = max(self.seal_keys) + 1
        keys = {**self.seal_keys, fresh: secrets.token_bytes(KEY_BYTES)}
        return replace(self, seal_keys=keys, seal_in_use=fresh)

    def with_new_link_key(self) -> Keyring:
        """Give the keyring with a new link key in use; links made with the old ones still work."""
        fresh = max(self.link_keys) + 1
        keys = {**self.link_keys, fresh: secrets.token_bytes(KEY_BYTES)}
        return replace(self, link_keys=keys, link_in_use=fresh)

    def with_new_ledger_key(self) -> Keyring:
        """Give the keyring with a new ledger key in use; the old ones still verify what they sealed."""
        return replace(self, ledger_keys=(*self.ledger_keys, secrets.token_bytes(KEY_BYTES)))

    def to_json(self) -> str:
        """Write the keyring as the document that `from_json` reads."""
        document = {
            "token_keys": [_text(each) for each in self.token_keys],
            "seal_keys": {str(number): _text(key) for number, key in self.seal_keys.items()},
            "seal_in_use": self.seal_in_use,
            "link_keys": {str(number): _text(key) for number, key in self.link_keys.items()},
            "link_in_use": self.link_in_use,
            "ledger_keys": [_text(each) for each in self.ledger_keys],
        }
        return json.dumps(document, indent=1)

    @classmethod
    def from_json(cls, document: str) -> Keyring:
        """Read a keyring; KeyringBroken when it isn't a whole one."""
        try:
            read = json.loads(document)
            keyring = cls(
                tuple(_key(each) for each in read["token_keys"]),
                {int(number): _key(key) for number, key in read["seal_keys"].items()},
                int(read["seal_in_use"]),
                {int(number): _key(key) for number, key in read["link_keys"].items()},
                int(read["link_in_use"]),
                tuple(_key(each) for each in read.get("ledger_keys") or [read["ledger_key"]]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyringBroken from None
        if not keyring.token_keys or not {keyring.seal_in_use} <= set(keyring.seal_keys):
            raise KeyringBroken
        if keyring.link_in_use not in keyring.link_keys or max(*keyring.seal_keys, *keyring.link_keys) > LAST_ID:
            raise KeyringBroken
        return keyring


def named_ledger_keys(keys: Keyring) -> dict[str, bytes]:
    """Give the ledger keys by their names: "ledger", "ledger.2" and on."""
    return {f"ledger.{number}" if number > 1 else "ledger": key for number, key in enumerate(keys.ledger_keys, start=1)}


def read_keyring(home: Path, environment: dict[str, str] | None = None) -> Keyring:
    """Find and read the keyring: LUVALLA_KEYS, then LUVALLA_KEYS_FILE, then the home folder.

    Raises KeysMissing with the place looked at, KeyringBroken when it is not one.
    """
    given = dict(os.environ) if environment is None else environment
    if given.get("LUVALLA_KEYS"):
        return Keyring.from_json(given["LUVALLA_KEYS"])
    place = Path(given.get("LUVALLA_KEYS_FILE") or home / "keys" / "keyring.json")
    try:
        return Keyring.from_json(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KeysMissing(str(place)) from None


@contextmanager
def changing_keys(home: Path) -> Iterator[None]:
    """Be the one process that changes the keys in the home, for as long as the block lasts; else KeysBeingChanged.

    A process that dies lets go of it. Within a process a block may stand in another one.
    """
    if home in _changed_here:
        yield
        return
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / "changing", os.O_RDWR | os.O_CREAT, 0o600)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeysBeingChanged from None
        _changed_here.add(home)
        try:
            yield
        finally:
            _changed_here.discard(home)


def write_keyring(keyring: Keyring, home: Path) -> Path:
    """Write the keyring to the home folder, readable by its owner alone; an older one is replaced in one step."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place, draft = folder / "keyring.json", folder / "keyring.json.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(keyring.to_json())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)
    return place


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise KeyringBroken
    return key
