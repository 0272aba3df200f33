"""Header fields (RFC 5322, 2047, 2231), folded within 76 characters, with no way to slip another one in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final
from urllib.parse import quote

import idna

from luvalla.sending.encoded_words import encode_words
from luvalla.sending.errors import BadSource, HeaderInjection, SourceFault, SourcePart
from luvalla.sending.holes import Slot, fits_address, has_control

MOST_LINE: Final = 76
_MOST_FIRST: Final = 56
"""Characters of a name's first word, behind the longest name of a field with names."""
_FOLD: Final = b"\r\n "

_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,60}")
_FOLDABLE: Final = re.compile(r"[\x21-\x7e]{1,60}(?: [\x21-\x7e]{1,60})*")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,70}")
_FILENAME: Final = re.compile(r"[A-Za-z0-9!#$&'()+,;=@^_`{}~ .-]{1,50}")


def field(name: str, tokens: Sequence[bytes]) -> bytes:
    """Write a header field of tokens parted by white space, folded between them where a line would be too long."""
    lines, width = [name.encode("ascii"), b":"], len(name) + 1
    for token in tokens:
        if width > len(name) + 1 and width + 1 + len(token) > MOST_LINE:
            lines.append(_FOLD)
            width = 1
        else:
            lines.append(b" ")
            width += 1
        lines.append(token)
        width += len(token)
    return b"".join(lines) + b"\r\n"


def text_field(source: SourcePart, name: str, parts: Iterable[str | Slot]) -> list[bytes | Slot]:
    """Write an unstructured field: plain words where all is plain and nothing is filled in, else encoded ones."""
    said = list(parts)
    for part in said:
        if isinstance(part, str):
            refuse_controls(source, part)
    if all(isinstance(part, str) for part in said):
        text = "".join(part for part in said if isinstance(part, str))
        if _FOLDABLE.fullmatch(text) and "=?" not in text:
            return [field(name, text.encode("ascii").split(b" "))]
    return _in_encoded_words(name, said)


def _in_encoded_words(name: str, parts: Sequence[str | Slot]) -> list[bytes | Slot]:
    """Write a field of encoded words, each on a line of its own; white space between them doesn't count."""
    written: list[bytes | Slot] = [name.encode("ascii") + b": "]
    for number, part in enumerate(parts):
        if number:
            written.append(_FOLD)
        if isinstance(part, Slot):
            written.append(part)
        else:
            room = MOST_LINE - (1 if number else len(name) + 2)
            written.append(_FOLD.join(encode_words(part, first=min(room, 75))))
    return [*written, b"\r\n"]


def phrase(part: SourcePart, text: str) -> list[bytes]:
    """Write a display name: atoms, a quoted string or encoded words; part: what an error names."""
    refuse_controls(part, text)
    if not text:
        return []
    words = text.split(" ")
    if text.isascii() and len(text) <= _MOST_FIRST and "=?" not in text and not all(map(_is_atom, words)):
        return [b'"%b"' % re.sub(r'(["\\])', r"\\\1", text).encode("ascii")]
    whole = encode_words(text, first=_MOST_FIRST)
    if len(whole) == 1 and not all(map(_is_atom, words)):
        return whole
    return _atoms_and_encoded_words(words)


def _atoms_and_encoded_words(words: Sequence[str]) -> list[bytes]:
    """Encode only the words that need it: some mail programs put a space between two encoded words in a name."""
    written: list[bytes] = []
    for plain, run in groupby(words, key=_is_atom):
        if plain:
            written += [word.encode("ascii") for word in run]
        else:
            written += encode_words(" ".join(run), first=_MOST_FIRST)
    return written


def _is_atom(word: str) -> bool:
    """Whether a word may stand in a name as it is."""
    return bool(_ATOM.fullmatch(word)) and not word.startswith("=?") and len(word) <= _MOST_FIRST


def mailbox(part: SourcePart, name: str, address: str) -> list[bytes]:
    """Write a mailbox of our own: a name and an ASCII address, its domain as A-labels."""
    return [*phrase(part, name), b"<%b>" % own_address(part, address)]


def own_address(part: SourcePart, address: str) -> bytes:
    """Check an address of our own and write it; ASCII before the @, so that everyone can answer."""
    refuse_controls(part, address)
    local, at, host = address.rpartition("@")
    if not at or not local.isascii():
        raise BadSource(part, SourceFault.ADDRESS)
    written = b"%b@%b" % (local.encode("ascii"), domain(part, host))
    if not fits_address(written):
        raise BadSource(part, SourceFault.ADDRESS)
    return written


def domain(part: SourcePart, name: str) -> bytes:
    """Write a domain name as A-labels."""
    refuse_controls(part, name)
    try:
        written = idna.encode(name, uts46=True).lower()
    except (idna.IDNAError, UnicodeError):
        raise BadSource(part, SourceFault.DOMAIN) from None
    if written.endswith(b"."):
        raise BadSource(part, SourceFault.DOMAIN)
    return bytes(written)


def content_type(part: SourcePart, name: str) -> str:
    """Check a content type, "application/pdf"."""
    kind, slash, subtype = name.partition("/")
    if not slash or not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
        raise BadSource(part, SourceFault.CONTENT_TYPE)
    return name.lower()


def parameter(part: SourcePart, name: str, value: str) -> list[bytes]:
    """Write a parameter with any text as its value: quoted, or in sections of RFC 2231."""
    refuse_controls(part, value)
    if _FILENAME.fullmatch(value):
        return [b'%b="%b"' % (name.encode("ascii"), value.encode("ascii"))]
    pieces = list(_percent_pieces(value))
    if len(pieces) == 1:
        return [b"%b*=utf-8''%b" % (name.encode("ascii"), pieces[0])]
    return [
        b"%b*%d*=%b%b" % (name.encode("ascii"), number, b"" if number else b"utf-8''", piece)
        for number, piece in enumerate(pieces)
    ]


def _percent_pieces(value: str, most: int = 45) -> Iterable[bytes]:
    """Percent-encode a text in pieces that cut no character."""
    piece = ""
    for character in value:
        written = quote(character, safe="!#$&+-.^_`{}~")
        if piece and len(piece) + len(written) > most:
            yield piece.encode("ascii")
            piece = ""
        piece += written
    yield piece.encode("ascii")


def refuse_controls(part: SourcePart, text: str) -> None:
    """Refuse what could end a header, or be half a character."""
    if has_control(text):
        raise HeaderInjection(part)


def is_header_name(name: str) -> bool:
    """Whether it can be the name of a header field."""
    return bool(_NAME.fullmatch(name))
