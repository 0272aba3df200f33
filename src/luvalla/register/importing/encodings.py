"""Which encoding an export is in: one look at the whole file, in blocks.

UTF-8 unless most lines with letters outside ASCII aren't; then the single-byte encoding that makes the most Nordic
letters of them. So one line with broken bytes stays one broken line.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

BLOCK: Final = 1 << 20
SAMPLE_LINES: Final = 400
LONGEST_SAMPLE: Final = 4096
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SINGLE_BYTE: Final = ("windows-1252", "iso-8859-15", "mac-roman", "cp850")
"""In this order where they make equally good letters; Windows-1252 contains what Latin-1 can print."""
NORDIC: Final = frozenset("åäöÅÄÖ")
LETTERS: Final = frozenset("éÉüÜõÕšŠžŽ")
ODD_SIGNS: Final = frozenset("\u00a4\u00a6\u00a8\u00b4\u00b8\u00bc\u00bd\u00be")
"""What Latin-9's euro, s, z and oe look like when they are read as Windows-1252."""


class Survey(NamedTuple):
    """What one look at a text file tells."""

    encoding: str
    digest: str
    """SHA-256 of the file, in hexadecimal."""
    lines: int


class Lines(NamedTuple):
    """Lines with letters outside ASCII: how many are UTF-8, how many are not, and some of the latter."""

    good: int
    bad: int
    sample: tuple[bytes, ...]


def survey(file: BinaryIO) -> Survey:
    """Read the file through once, in blocks; the position is at its end afterwards."""
    digest, seen = hashlib.sha256(), _Count()
    head = b""
    for block in iter(lambda: file.read(BLOCK), b""):
        head = head or block[:BLOCK]
        digest.update(block)
        seen.take(block)
    return Survey(_marked(head) or _unmarked(head, seen.finish()), digest.hexdigest(), seen.newlines)


class _Count:
    """Counts line ends and sorts lines outside ASCII into UTF-8 and not, whatever the blocks' borders."""

    def __init__(self) -> None:
        self.newlines = self._good = self._bad = self._returns = 0
        self._sample: list[bytes] = []
        self._rest = b""

    def take(self, block: bytes) -> None:
        """Count one more block."""
        self.newlines += block.count(b"\n")
        self._returns += block.count(b"\r")
        if block.isascii() and self._rest.isascii():
            self._rest = b""
            return
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            if not line.isascii():
                self._judge(line)
        if len(self._rest) > BLOCK:
            self._rest = b""

    def finish(self) -> Lines:
        """Give what was counted."""
        if not self._rest.isascii():
            self._judge(self._rest)
        self.newlines = self.newlines or self._returns
        return Lines(self._good, self._bad, tuple(self._sample))

    def _judge(self, line: bytes) -> None:
        try:
            line.decode()
        except UnicodeDecodeError:
            self._bad += 1
            if len(self._sample) < SAMPLE_LINES:
                self._sample.append(line[:LONGEST_SAMPLE])
        else:
            self._good += 1


def _marked(head: bytes) -> str:
    return next((name for mark, name in MARKS if head.startswith(mark)), "")


def _unmarked(head: bytes, lines: Lines) -> str:
    wide = _wide(head[:BLOCK])
    if wide:
        return wide
    if lines.good >= lines.bad:
        return "utf-8"
    return min(SINGLE_BYTE, key=lambda name: (-_score(lines.sample, name), SINGLE_BYTE.index(name)))


def _wide(head: bytes) -> str:
    """Tell UTF-16 without a mark by its zeros: every other byte of plain text."""
    start = head[:4096]
    if len(start) < 4 or start.count(0) * 3 < len(start):  # noqa: PLR2004  # two characters at least, a third zeros
        return ""
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def _score(sample: tuple[bytes, ...], encoding: str) -> int:
    """Count the letters that names here are written with; what can't be, or looks odd, counts against."""
    return sum(_worth(letter) for line in sample for letter in _foreign(line, encoding))


def _worth(letter: str) -> int:
    if letter in NORDIC:
        return 3
    if letter in LETTERS:
        return 1
    return -1 if letter in ODD_SIGNS or not letter.isprintable() or letter == "\ufffd" else 0


def _foreign(line: bytes, encoding: str) -> Iterator[str]:
    return (letter for letter in line.decode(encoding, "replace") if not letter.isascii())
