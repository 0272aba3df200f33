"""One letter to one recipient, and who sends it: what goes into a dialogue and comes back from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from luvalla.sending.capabilities import Capabilities
from luvalla.sending.outcome import Kind, Outcome, Reason

OnOutcome = Callable[[int, Outcome], None]
MayStart = Callable[[], bool]
OnBegin = Callable[[Sequence[int]], None]
"""Told the indexes of the letters whose MAIL commands are in the next write, right before it: what a killed sender had
begun. Told again for a letter that the socket didn't take after all."""
OnAccepted = Callable[[Sequence[int], Outcome], None]
"""Told the indexes of letters that the relay took with the same answer, many at once."""


@dataclass(slots=True)
class Item:
    """One letter to one recipient.

    index: the caller's number, given back with the outcome; addresses without brackets, the sender's b"" for the null
    return path; pieces: the finished message, CRLF line ends; utf8: an address or header needs SMTPUTF8 (RFC 6531);
    size: of the message, in bytes.
    """

    index: int
    envelope_sender: bytes
    recipient: bytes
    pieces: bytes | Sequence[bytes]
    utf8: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        """Measure the message, once."""
        self.size = letter_size(self.pieces)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a window: asked before each letter begins, told when it does and what became of it.

    on_accepted: takes the place of on_outcome for letters that were simply accepted, where it is given.
    """

    may_start: MayStart
    on_outcome: OnOutcome
    on_begin: OnBegin | None = None
    on_accepted: OnAccepted | None = None


_NO_UTF8: Final = Outcome(Kind.REFUSED, 553, "5.6.7", Reason.NO_UTF8)
_TOO_BIG: Final = Outcome(Kind.REFUSED, 552, "5.3.4", Reason.TOO_BIG)
_BAD_ADDRESS: Final = Outcome(Kind.REFUSED, 501, "5.1.3", Reason.BAD_ADDRESS)

_PLAIN: Final = bytes(each for each in range(0x21, 0x7F) if each not in b"<>")
_MOST: Final = 254
_WIDE: Final = re.compile(rb"[^\x00-\x20\x7f<>]{1,254}")


def refuse_beforehand(item: Item, can: Capabilities) -> Outcome | None:
    """Refuse what this relay would have to refuse, or what would break the dialogue: the outcome, or None to go on."""
    if can.most_bytes and item.size > can.most_bytes:
        return _TOO_BIG
    sender, recipient = item.envelope_sender, item.recipient
    if not item.utf8:
        fit = 0 < len(recipient) <= _MOST >= len(sender) and not (sender + recipient).translate(None, _PLAIN)
        return None if fit else _BAD_ADDRESS
    if not (_WIDE.fullmatch(recipient) and (not sender or _WIDE.fullmatch(sender))):
        return _BAD_ADDRESS
    return None if can.utf8 and can.eight_bit else _NO_UTF8


def letter_size(pieces: bytes | Sequence[bytes]) -> int:
    """Give the size of a message in bytes."""
    return len(pieces) if isinstance(pieces, bytes) else sum(map(len, pieces))
