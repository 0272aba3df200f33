"""Letters with DKIM signatures (RFC 6376), relaxed/relaxed, one for each key.

What is the same for every recipient is canonicalised and hashed once. For each recipient remain the holes, the body
behind the first of them, and the signatures. Canonicalising a body piece by piece is right because in our bodies every
hole begins a line, and what follows it begins with a break (quoted_printable.py).
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from luvalla.sending import headers
from luvalla.sending.dkim import DkimKey
from luvalla.sending.frozen import CompiledLetter, Values
from luvalla.sending.holes import Context, Hole, Slot

SIGNED: Final = frozenset(
    {
        b"from",
        b"to",
        b"reply-to",
        b"subject",
        b"date",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"mime-version",
        b"content-type",
        b"content-transfer-encoding",
        b"content-language",
        b"list-id",
        b"list-unsubscribe",
        b"list-unsubscribe-post",
        b"auto-submitted",
    },
)
"""Fields that are signed where they are there (RFC 6376 section 5.4.1; List-Unsubscribe: RFC 8058 section 4)."""
OVERSIGNED: Final = (b"from", b"subject", b"to", b"date", b"list-unsubscribe", b"list-unsubscribe-post")
"""Fields that nobody may add another one of (RFC 6376 section 8.15)."""

_WHITE: Final = re.compile(rb"[ \t]+")
_WHITE_AT_END: Final = re.compile(rb"[ \t]+(?=\r\n)")
_COLUMNS: Final = 70
_Value = tuple[int, Callable[[bytes], bytes] | None]
"""A slot's number, and how its value is made canonical; None for as it is."""


class _Field(NamedTuple):
    """A header field in its canonical form, in pieces."""

    name: bytes
    pieces: list[bytes | _Value]

    @property
    def is_constant(self) -> bool:
        """Whether every recipient gets the same."""
        return all(isinstance(piece, bytes) for piece in self.pieces)


class SignedLetter:
    """A frozen letter with its keys; fill() and pieces() as the letter has them."""

    def __init__(self, letter: CompiledLetter, keys: Sequence[DkimKey], *, signed_at: int) -> None:
        """Do what is done once. signed_at: seconds since 1970, for the t= tag."""
        self.letter = letter
        self._keys = tuple(keys)
        head, body = _split(letter)
        fields = sorted(
            (field for field in _canonical_fields(head, letter.slots) if field.name in SIGNED),
            key=lambda field: not field.is_constant,
        )
        self._head_hash = hashlib.sha256(b"".join(_constants(fields)))
        self._head_rest = [piece for field in fields if not field.is_constant for piece in field.pieces]
        self._body_hash, self._body_rest = _begin_body(body, letter.slots)
        names = [field.name for field in fields] + [
            name for name in OVERSIGNED if name in {each.name for each in fields}
        ]
        self._stubs = [_stub(key, names, signed_at) for key in self._keys]

    def pieces(self, values: Values) -> list[bytes]:
        """Give one recipient's message in pieces, its signatures first. Raises BadValue as the letter does."""
        return self._signed(self.letter.pieces(values))

    def many(self, columns: Mapping[str, Sequence[bytes]], count: int) -> list[list[bytes]]:
        """Give the messages of so many recipients. Raises BadValue as the letter does."""
        return [self._signed(pieces) for pieces in self.letter.many(columns, count)]

    def _signed(self, pieces: list[bytes]) -> list[bytes]:
        """Put the signatures before a message."""
        body = self._body_hash.copy()
        _update(body, self._body_rest, pieces)
        head = self._head_hash.copy()
        _update(head, self._head_rest, pieces)
        body_hash = b64encode(body.digest())
        return [
            self._sign(key, stub, head.copy(), body_hash) for key, stub in zip(self._keys, self._stubs, strict=True)
        ] + pieces

    def fill(self, values: Values) -> bytes:
        """Give one recipient's message."""
        return b"".join(self.pieces(values))

    @staticmethod
    def _sign(key: DkimKey, stub: bytes, head: hashlib._Hash, body_hash: bytes) -> bytes:
        """Write one signature field."""
        unsigned = b"%b\r\n bh=%b;\r\n b=" % (stub, body_hash)
        head.update(_relax_field(unsigned).removesuffix(b"\r\n"))
        signature = b64encode(key.sign(head.digest()))
        lines = [signature[start : start + _COLUMNS] for start in range(0, len(signature), _COLUMNS)]
        return unsigned + b"\r\n ".join(lines) + b"\r\n"


def sign_message(message: bytes, keys: Sequence[DkimKey], *, signed_at: int) -> bytes:
    """Sign a finished message of the letter compiler's."""
    return SignedLetter(CompiledLetter([message], []), keys, signed_at=signed_at).fill({})


def _stub(key: DkimKey, names: Sequence[bytes], signed_at: int) -> bytes:
    """Write what comes before a signature's hashes."""
    tags = [
        "v=1;",
        f"a={key.algorithm};",
        "c=relaxed/relaxed;",
        f"d={key.domain};",
        f"s={key.selector};",
        f"t={signed_at};",
    ]
    tokens = [*(tag.encode("ascii") for tag in tags), *_list_names(names)]
    return headers.field("DKIM-Signature", tokens).removesuffix(b"\r\n")


def _list_names(names: Sequence[bytes]) -> list[bytes]:
    """Write the h= tag in lines."""
    lines = [b"h=" + names[0]]
    for name in names[1:]:
        if len(lines[-1]) + len(name) < _COLUMNS - 10:
            lines[-1] += b":" + name
        else:
            lines[-1] += b":"
            lines.append(name)
    lines[-1] += b";"
    return lines


def _split(letter: CompiledLetter) -> tuple[list[bytes | int], list[bytes | int]]:
    """Cut a letter into its head and its body, slots as their numbers."""
    head: list[bytes | int] = []
    body: list[bytes | int] = []
    place, number = head, 0
    for piece in letter.template:
        if isinstance(piece, Slot):
            place.append(number)
            number += 1
        elif place is head and b"\r\n\r\n" in piece:
            before, _, behind = piece.partition(b"\r\n\r\n")
            head.append(before + b"\r\n")
            place = body
            body.append(behind)
        else:
            place.append(piece)
    return head, body


def _canonical_fields(head: Sequence[bytes | int], slots: Sequence[Slot]) -> list[_Field]:
    """Read the header fields in their relaxed form (RFC 6376 section 3.4.2)."""
    marked = b"".join(piece if isinstance(piece, bytes) else b"\0%d\0" % piece for piece in head)
    fields = []
    for field in re.split(rb"\r\n(?![ \t])", marked.removesuffix(b"\r\n")):
        relaxed = _relax_field(field)
        cut = relaxed.split(b"\0")
        pieces = [_value(int(each), slots[int(each)]) if number % 2 else each for number, each in enumerate(cut)]
        fields.append(_Field(relaxed.partition(b":")[0], pieces))
    return fields


def _value(number: int, slot: Slot) -> _Value:
    """Say how a slot's value is made canonical: tokens and addresses have no white space in them."""
    if slot.context is Context.SUBJECT or slot.hole == Hole.DATE:
        return number, lambda value: b" ".join(value.split())
    if slot.context in (Context.TEXT, Context.HTML):
        return number, lambda value: _WHITE.sub(b" ", value)
    return number, None


def _relax_field(field: bytes) -> bytes:
    """Make one header field canonical."""
    name, _, value = field.partition(b":")
    value = _WHITE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")
    return b"%b:%b\r\n" % (name.rstrip(b" \t").lower(), value)


def _relax_body(text: bytes) -> bytes:
    """Make a piece of a body canonical (RFC 6376 section 3.4.4), but for the empty lines at its end."""
    return _WHITE.sub(b" ", _WHITE_AT_END.sub(b"", text))


def _constants(fields: Sequence[_Field]) -> list[bytes]:
    """Give the fields that are the same for everyone."""
    return [piece for field in fields if field.is_constant for piece in field.pieces if isinstance(piece, bytes)]


def _begin_body(body: Sequence[bytes | int], slots: Sequence[Slot]) -> tuple[hashlib._Hash, list[bytes | _Value]]:
    """Hash a body up to its first hole; give what remains."""
    pieces: list[bytes | _Value] = [
        _relax_body(piece) if isinstance(piece, bytes) else _value(piece, slots[piece]) for piece in body
    ]
    last = pieces[-1] if pieces else b""
    if isinstance(last, bytes):
        ended = last.rstrip(b"\r\n")
        pieces[-1:] = [ended + b"\r\n" if ended or len(pieces) > 1 else b""]
    first = pieces[0]
    if not isinstance(first, bytes):
        return hashlib.sha256(), pieces
    return hashlib.sha256(first), pieces[1:]


def _update(hashed: hashlib._Hash, pieces: Sequence[bytes | _Value], written: Sequence[bytes]) -> None:
    """Hash further, each slot's value as it is written in this message."""
    for piece in pieces:
        if isinstance(piece, bytes):
            hashed.update(piece)
        else:
            number, canonical = piece
            value = written[2 * number + 1]
            hashed.update(value if canonical is None else canonical(value))
