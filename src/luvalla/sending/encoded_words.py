"""Encoded words (RFC 2047): text beyond ASCII in headers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Final

MOST_WORD: Final = 75
_FRAME: Final = len("=?utf-8?q??=")
_BARE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""What stands for itself in a phrase too (RFC 2047 section 5(3)), so that a word fits everywhere."""


def encode_words(text: str, *, first: int = MOST_WORD) -> list[bytes]:
    """Encode a text into words of at most 75 characters, the first one of at most first; by Q or B, what is shorter.

    Characters are not cut (section 5). An empty text is one empty word.
    """
    plain = text.encode("utf-8")
    by_b = -(-len(plain) // 3) * 4 < sum(1 if byte in _BARE or byte == 0x20 else 3 for byte in plain)
    encode, letter = (b64encode, b"b") if by_b else (_encode_q, b"q")
    return [b"=?utf-8?%b?%b?=" % (letter, part) for part in _cut(text, encode, first)]


def _cut(text: str, encode: Callable[[bytes], bytes], first: int) -> Iterator[bytes]:
    """Cut a text so that each piece, encoded, fits its word."""
    room = first - _FRAME
    piece = b""
    for character in text:
        longer = piece + character.encode("utf-8")
        if piece and len(encode(longer)) > room:
            yield encode(piece)
            piece, room = character.encode("utf-8"), MOST_WORD - _FRAME
        else:
            piece = longer
    yield encode(piece)


def _encode_q(plain: bytes) -> bytes:
    """Encode by Q (section 4.2)."""
    return b"".join(_Q[byte] for byte in plain)


_Q: Final = [bytes([byte]) if byte in _BARE else b"_" if byte == 0x20 else b"=%02X" % byte for byte in range(256)]
