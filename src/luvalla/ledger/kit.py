"""The recovery kit: every key of an installation on lines that can be printed, kept in a safe and typed in again.

    token.1   MFRG-GZDF-MZTW-Q2LK-NNWG-23TP-OBYX-E43U-OV3H-O6DZ-PJXA-Q3LT-OA   K7QD

A key's 32 bytes stand in base32 (RFC 4648, section 6: no 0, 1, 8 or 9 to be mistaken) in groups of four; the last group
is a checksum over name and key, so that a slip of the pen is found on its line. The backup key is an age identity,
which has a checksum of its own. Knows no framework.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32decode, b32encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from luvalla.ledger.errors import LedgerError
from luvalla.ledger.keys import KEY_BYTES, Keyring, named_ledger_keys

CHECK_CHARACTERS: Final = 4
GROUP: Final = 4
BACKUP: Final = "backup"
LINE: Final = re.compile(
    r"(?P<name>(?:token|seal|link|ledger)\.\d+|ledger|use\.(?:token|seal|link|ledger)|backup)\s+(?P<value>\S.*?)\s*"
)


class KitBroken(LedgerError):
    """A line of a recovery kit can't be read, or one is missing. Carries the line's name."""

    def __init__(self, name: str) -> None:
        """Keep the line's name."""
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Kit:
    """What a recovery kit brings back."""

    keyring: Keyring
    backup: str = ""
    """The age identity that opens backups; empty when the kit has none."""


def kit_lines(kit: Kit) -> list[str]:
    """Write the kit, a key a line."""
    keys = kit.keyring
    named = {f"token.{number}": key for number, key in enumerate(keys.token_keys, start=1)}
    named |= {f"seal.{number}": key for number, key in sorted(keys.seal_keys.items())}
    named |= {f"link.{number}": key for number, key in sorted(keys.link_keys.items())}
    named |= named_ledger_keys(keys)
    lines = [_line(name, _grouped(key), key) for name, key in named.items()]
    in_use = {"token": len(keys.token_keys), "seal": keys.seal_in_use, "link": keys.link_in_use}
    if len(keys.ledger_keys) > 1:
        in_use["ledger"] = len(keys.ledger_keys)
    for kind, number in in_use.items():
        name = f"use.{kind}"
        lines.append(_line(name, str(number), bytes((number,))))
    return [*lines, f"{BACKUP:<10}{kit.backup}"] if kit.backup else lines


def read_kit(lines: Iterable[str]) -> Kit:
    """Read a kit that was typed in, in any order and case; other lines are passed over. KitBroken names a bad line."""
    read: dict[str, str] = {}
    for line in lines:
        if found := LINE.fullmatch(line.strip()):
            read[found["name"]] = found["value"]
    try:
        keyring = Keyring(
            tuple(_key(f"token.{number}", read) for number in _numbers("token", read)),
            {number: _key(f"seal.{number}", read) for number in _numbers("seal", read)},
            _number("use.seal", read),
            {number: _key(f"link.{number}", read) for number in _numbers("link", read)},
            _number("use.link", read),
            tuple(_key(name, read) for name in _ledger_names(read)),
        )
        _check_whole(keyring, read)
    except KeyError as missing:
        raise KitBroken(str(missing.args[0])) from None
    return Kit(keyring, read.get(BACKUP, "").upper())


def _check_whole(keyring: Keyring, read: dict[str, str]) -> None:
    """See that no key up to those in use is missing."""
    in_use = {"token": _number("use.token", read), "seal": keyring.seal_in_use, "link": keyring.link_in_use}
    for kind, newest in in_use.items():
        numbers = _numbers(kind, read)
        for number in range(1, max(newest, *numbers, 1) + 1):
            if number not in numbers:
                raise KitBroken(_named(kind, number))


def _ledger_names(read: dict[str, str]) -> list[str]:
    """Name the ledger keys there have to be: one, unless the kit says or has more."""
    is_one = "use.ledger" not in read and not _numbers("ledger", read)
    newest = 1 if is_one else _number("use.ledger", read)
    return ["ledger", *(_named("ledger", number) for number in range(2, newest + 1))]


def _named(kind: str, number: int) -> str:
    return f"{kind}.{number}"


def _numbers(kind: str, read: dict[str, str]) -> list[int]:
    return sorted(int(name.partition(".")[2]) for name in read if name.startswith(f"{kind}."))


def _line(name: str, value: str, key: bytes) -> str:
    return f"{name + ' ':<10}{value}   {_check(name, key)}"


def _grouped(key: bytes) -> str:
    return "-".join(_groups(b32encode(key).decode().rstrip("=")))


def _groups(text: str) -> Iterator[str]:
    return (text[at : at + GROUP] for at in range(0, len(text), GROUP))


def _check(name: str, key: bytes) -> str:
    return b32encode(hashlib.sha256(name.encode() + b"|" + key).digest()).decode()[:CHECK_CHARACTERS]


def _key(name: str, read: dict[str, str]) -> bytes:
    text, check = _parts(name, read)
    try:
        key = b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        raise KitBroken(name) from None
    if len(key) != KEY_BYTES or check != _check(name, key):
        raise KitBroken(name)
    return key


def _number(name: str, read: dict[str, str]) -> int:
    text, check = _parts(name, read)
    if not text.isdigit() or int(text) > 255 or check != _check(name, bytes((int(text),))):  # noqa: PLR2004  # one byte
        raise KitBroken(name)
    return int(text)


def _parts(name: str, read: dict[str, str]) -> tuple[str, str]:
    """Take a value and its checksum apart, whatever stands between the groups."""
    plain = re.sub(r"[\s-]", "", read[name]).upper()
    return plain[:-CHECK_CHARACTERS], plain[-CHECK_CHARACTERS:]
