"""Quoted-printable (RFC 2045 section 6.7) with holes in it.

Every line, soft breaks included, is at most 76 characters, whatever is filled in: a hole begins on a line of its own,
its value brings its own breaks, and what follows begins with one. Nothing a mail system could tamper with is left bare:
a dot or a "From " at the beginning of a line and white space at its end are encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from luvalla.sending.holes import Slot

MOST: Final = 75
"""Characters of a line before its soft break."""
SOFT_BREAK: Final = b"=\r\n"

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_UNIT: Final = re.compile(rb"([\x09\x20-\x3c\x3e-\x7e])|[\xc0-\xff][\x80-\xbf]+|.", re.DOTALL)
"""One character that may stay as it is, or all bytes of one that may not."""


def encode_body(parts: Iterable[str | Slot]) -> Iterator[bytes | Slot]:
    """Encode text, its line breaks as CRLF; slots stay where they are, with the breaks around them that they need."""
    in_line = after_slot = False
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_text:
            lines = _NEWLINE.split("".join(str(part) for part in group))
            if after_slot and lines[0]:
                yield SOFT_BREAK
            yield b"\r\n".join(encode_line(line) for line in lines)
            in_line, after_slot = bool(lines[-1]), after_slot and lines == [""]
            continue
        for slot in group:
            if in_line or after_slot:
                yield SOFT_BREAK
            if not isinstance(slot, str):
                yield slot
            in_line, after_slot = False, True


def encode_line(text: str) -> bytes:
    """Encode one line of any length; ends without a break."""
    line = text.encode("utf-8")
    broken: list[bytes] = []
    width = 0
    for found in _UNIT.finditer(line):
        unit = _encode_unit(line, found, at_beginning=not width)
        if width + len(unit) > MOST:
            broken.append(SOFT_BREAK)
            unit = _encode_unit(line, found, at_beginning=True)
            width = 0
        broken.append(unit)
        width += len(unit)
    return b"".join(broken)


def break_token(token: bytes) -> bytes:
    """Break a value that needs no encoding into lines."""
    if len(token) <= MOST:
        return token
    return SOFT_BREAK.join(token[start : start + MOST] for start in range(0, len(token), MOST))


def _encode_unit(line: bytes, found: re.Match[bytes], *, at_beginning: bool) -> bytes:
    """Encode one character, if it needs to be where it stands."""
    unit = found[0]
    at_end = found.end() == len(line)
    is_tempting = at_beginning and (unit == b"." or line.startswith(b"From ", found.start()))
    if found[1] and not is_tempting and not (at_end and unit in b" \t"):
        return unit
    return b"".join(b"=%02X" % byte for byte in unit)
