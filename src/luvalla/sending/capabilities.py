"""What a server says it can do, read from its answer to EHLO (RFC 5321 4.1.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_KEYWORD: Final = re.compile(r"[A-Z0-9][A-Z0-9-]*")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The extensions this client makes use of. most_bytes: the server's limit on a message, 0 where it names none."""

    pipelining: bool = False
    chunking: bool = False
    eight_bit: bool = False
    utf8: bool = False
    starttls: bool = False
    size: bool = False
    most_bytes: int = 0
    auth: frozenset[str] = frozenset()


def read_capabilities(lines: Iterable[bytes]) -> Capabilities:
    """Read the lines of an EHLO reply, without codes; the first is the server's greeting.

    Unknown words are passed over. "AUTH=PLAIN" is read too: servers from before RFC 4954 write it so.
    """
    said: dict[str, str] = {}
    for line in list(lines)[1:]:
        keyword, _, rest = line.decode("ascii", "replace").upper().replace("=", " ", 1).strip().partition(" ")
        if _KEYWORD.fullmatch(keyword):
            said[keyword] = f"{said[keyword]} {rest}" if keyword in said else rest
    limit = said.get("SIZE", "").strip()
    return Capabilities(
        pipelining="PIPELINING" in said,
        chunking="CHUNKING" in said,
        eight_bit="8BITMIME" in said,
        utf8="SMTPUTF8" in said,
        starttls="STARTTLS" in said,
        size="SIZE" in said,
        most_bytes=int(limit) if limit.isdecimal() and len(limit) < 20 else 0,
        auth=frozenset(said.get("AUTH", "").split()),
    )
