"""The frozen letter: constant bytes and the holes between them, filled by one join, stored as stable bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self

from luvalla.sending.errors import BadValue, BrokenLetter, ValueFault
from luvalla.sending.holes import Context, Slot, checker_of, is_hole, writer_of

_MAGIC: Final = b"luvalla-letter 1\n"
"""The storage's version: a program that writes another form writes another number, and goes on reading this one."""

Values = Mapping[str, bytes]
_Writer = Callable[[bytes], bytes] | None
_Places = list[tuple[_Writer, list[int]]]


class CompiledLetter:
    """Constants and slots in turn, a constant first and last. Two letters with the same bytes are equal."""

    __slots__ = ("_constants", "_plan", "_template", "slots")

    def __init__(self, constants: Sequence[bytes], slots: Sequence[Slot]) -> None:
        """Take one constant more than slots."""
        self._constants = tuple(constants)
        self.slots = tuple(slots)
        self._template: list[bytes] = [b""] * (2 * len(slots) + 1)
        self._template[::2] = constants
        self._plan = [
            (hole, checker_of(hole), self._places(hole)) for hole in dict.fromkeys(slot.hole for slot in slots)
        ]

    @classmethod
    def from_pieces(cls, pieces: Sequence[bytes | Slot]) -> Self:
        """Join neighbouring constants."""
        constants, slots = [b""], []
        for piece in pieces:
            if isinstance(piece, Slot):
                slots.append(piece)
                constants.append(b"")
            else:
                constants[-1] += piece
        return cls(constants, slots)

    def _places(self, hole: str) -> _Places:
        """Find where a hole's value goes, by how it is written there."""
        by_context: dict[Context, list[int]] = {}
        for number, slot in enumerate(self.slots):
            if slot.hole == hole:
                by_context.setdefault(slot.context, []).append(2 * number + 1)
        return [(writer_of(context), positions) for context, positions in by_context.items()]

    @property
    def holes(self) -> frozenset[str]:
        """What has to be filled in."""
        return frozenset(slot.hole for slot in self.slots)

    @property
    def template(self) -> tuple[bytes | Slot, ...]:
        """Constants and slots in their order."""
        between = [*self.slots, None]
        return tuple(
            piece
            for constant, slot in zip(self._constants, between, strict=True)
            for piece in (constant, slot)
            if piece is not None
        )

    def pieces(self, values: Values) -> list[bytes]:
        """Give one recipient's message in pieces, for a vectored write.

        values: by hole, UTF-8. Raises BadValue for one that is missing or doesn't fit its hole. A recipient beyond
        ASCII is written as it is (RFC 6532): such a message needs SMTPUTF8.
        """
        return self.many({hole: (value,) for hole, value in values.items()}, 1)[0]

    def many(self, columns: Mapping[str, Sequence[bytes]], count: int) -> list[list[bytes]]:
        """Give the messages of so many recipients, each as pieces() does; columns: values in order by hole."""
        template = self._template
        messages = [template.copy() for _ in range(count)]
        for hole, fits, places in self._plan:
            values = columns.get(hole)
            if values is None:
                raise BadValue(hole, ValueFault.MISSING)
            if not all(map(fits, values)):
                raise BadValue(hole, ValueFault.PATTERN)
            for writer, positions in places:
                written = values if writer is None else [*map(writer, values)]
                for position in positions:
                    for pieces, value in zip(messages, written, strict=True):
                        pieces[position] = value
        return messages

    def fill(self, values: Values) -> bytes:
        """Give one recipient's message. See pieces()."""
        return b"".join(self.pieces(values))

    def bind(self, values: Values) -> CompiledLetter:
        """Fill some holes for all recipients, the date for one; the others stay. Raises BadValue."""
        return CompiledLetter.from_pieces([self._bound(piece, values) for piece in self.template])

    @staticmethod
    def _bound(piece: bytes | Slot, values: Values) -> bytes | Slot:
        """Write a value into its slot, if there is one."""
        if not isinstance(piece, Slot) or piece.hole not in values:
            return piece
        value, writer = values[piece.hole], writer_of(piece.context)
        if not checker_of(piece.hole)(value):
            raise BadValue(piece.hole, ValueFault.PATTERN)
        return value if writer is None else writer(value)

    def to_bytes(self) -> bytes:
        """Write the letter down; the same letter always gives the same bytes."""
        plan = [[len(constant) for constant in self._constants], [[str(each) for each in slot] for slot in self.slots]]
        return b"".join([_MAGIC, json.dumps(plan, separators=(",", ":")).encode("ascii"), b"\n", *self._constants])

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read a letter that to_bytes wrote. Raises BrokenLetter for anything else."""
        magic, plan, text = stored[: len(_MAGIC)], *stored[len(_MAGIC) :].partition(b"\n")[::2]
        try:
            lengths, slots = _read_plan(plan)
        except (ValueError, TypeError, RecursionError):
            raise BrokenLetter from None
        if magic != _MAGIC or sum(lengths) != len(text) or len(lengths) != len(slots) + 1:
            raise BrokenLetter
        ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
        return cls([text[end - length : end] for end, length in zip(ends, lengths, strict=True)], slots)

    @property
    def digest(self) -> str:
        """Give the SHA-256 of the stored bytes, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        """Compare constants and slots."""
        if not isinstance(other, CompiledLetter):
            return NotImplemented
        return (self._constants, self.slots) == (other._constants, other.slots)

    def __hash__(self) -> int:
        """Follow __eq__."""
        return hash((self._constants, self.slots))


def _read_plan(plan: bytes) -> tuple[list[int], list[Slot]]:
    """Read the storage's first line. Raises ValueError or TypeError."""
    lengths, slots = json.loads(plan)
    if not all(type(length) is int and length >= 0 for length in lengths):
        raise ValueError
    read = [Slot(hole, Context(context)) for hole, context in slots]
    if not all(is_hole(slot.hole) for slot in read):
        raise ValueError
    return lengths, read
