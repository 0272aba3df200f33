"""SMTP replies read from a stream of bytes (RFC 5321 4.2, enhanced status RFC 2034), without I/O."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MOST_LINE: Final = 4096
"""Bytes of one reply line. RFC 5321 allows 512; some servers write essays."""
MOST_LINES: Final = 256
"""Lines of one reply."""

_FINAL_LINE: Final = re.compile(rb"([2-5][0-9][0-9])(?: |$)(?:([245]\.[0-9]{1,3}\.[0-9]{1,3})(?= |$))?")
_MORE_LINE: Final = re.compile(rb"([2-5][0-9][0-9])-")
_FREQUENT: Final = re.compile(rb"[2-5][0-9][0-9] [245]\.[0-9]\.[0-9] ")


class Reply(NamedTuple):
    """One reply: its code, its enhanced status or "", and its lines' texts where they were asked for."""

    code: int
    status: str
    lines: tuple[bytes, ...] = ()


class GarbageError(Exception):
    """What came is not SMTP; raised and caught inside this package."""


class ReplyReader:
    """Cuts bytes into replies; keeps what is incomplete. Texts are dropped unless keep_lines is set."""

    __slots__ = ("_codes", "_frequent", "_lines", "_rest", "keep_lines")

    def __init__(self) -> None:
        """Start with nothing read."""
        self.keep_lines = False
        self._rest = b""
        self._lines: list[bytes] = []
        self._codes: set[bytes] = set()
        self._frequent: dict[bytes, Reply] = {}

    @property
    def empty(self) -> bool:
        """Whether no part of a further reply has been read."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> list[Reply]:
        """Take bytes, give the replies they complete. Raises GarbageError where they are not replies."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > MOST_LINE:
            raise GarbageError
        if not self.keep_lines and not self._lines:
            get = self._frequent.get
            known = [get(line[:10]) for line in lines]
            if None not in known:
                return known  # type: ignore[return-value]  # without None
        taken = (self._take(line.removesuffix(b"\r")) for line in lines)
        return [reply for reply in taken if reply is not None]

    def _take(self, line: bytes) -> Reply | None:
        """Read one line the slow way; None while its reply goes on."""
        if len(line) > MOST_LINE or len(self._lines) >= MOST_LINES:
            raise GarbageError
        last = _FINAL_LINE.match(line)
        more = last or _MORE_LINE.match(line)
        if more is None:
            raise GarbageError
        self._codes.add(more[1])
        if len(self._codes) > 1:
            raise GarbageError
        self._lines.append(line[4:] if self.keep_lines else b"")
        return self._finish(line, last) if last else None

    def _finish(self, line: bytes, last: re.Match[bytes]) -> Reply:
        """Make the reply of the lines read, and remember its head where it is of the common form."""
        status = last[2].decode("ascii") if last[2] else ""
        reply = Reply(int(last[1]), status, tuple(self._lines) if self.keep_lines else ())
        if len(self._lines) == 1 and not self.keep_lines and _FREQUENT.match(line):
            self._frequent[line[:10]] = reply
        self._lines.clear()
        self._codes.clear()
        return reply
