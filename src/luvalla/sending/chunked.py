"""Pipelined BDAT: whole letters one after the other, answered in their order (RFC 3030 with RFC 2920).

Each letter starts with RSET: after a refused recipient or chunk the transaction's state is "indeterminate"
(RFC 3030 section 2: a server may keep the envelope open), and the letters behind it are on the wire already. Without it
a letter could go out under its neighbour's return path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from luvalla.sending.capabilities import Capabilities
from luvalla.sending.dialogue import Dialogue, Flight, Manners
from luvalla.sending.item import Caller, Item
from luvalla.sending.outcome import Outcome, Step, judge
from luvalla.sending.relay import MOST_WINDOW
from luvalla.sending.reply import Reply


class ChunkedDialogue(Dialogue):
    """Keeps a window of letters in flight."""

    def __init__(
        self,
        queue: deque[Item],
        can: Capabilities,
        manners: Manners,
        caller: Caller,
        window: int = MOST_WINDOW,
    ) -> None:
        """Start with one letter where the relay's pipelining is not proven."""
        super().__init__(queue, can, manners, caller, window)
        self._limit = window if manners.proven else 1

    def _top_up(self) -> None:
        """Fill the window, in halves: few large writes."""
        flights = self._flights
        room = self._limit - len(flights)
        if self._outbox or room < min(len(self._queue), (self._limit + 1) // 2):
            return
        while room > 0 and (item := self._next_item()) is not None:
            flight = _frame(item)
            flights.append(flight)
            self._outbox.append(flight)
            room -= 1

    def hear(self, replies: Sequence[Reply]) -> None:
        """Take replies in their order: all letters at once that are simply accepted, the others reply by reply."""
        accepted = self._count_accepted(replies)
        if accepted:
            self._accept(replies[3 : 4 * accepted : 4])
        if len(replies) > 4 * accepted:
            super().hear(replies[4 * accepted :])

    def _count_accepted(self, replies: Sequence[Reply]) -> int:
        """Count the letters at the front, written whole, whose four replies are all here and all 250."""
        flights = self._flights
        if not flights or flights[0].step is not _RSET:
            return 0
        fit = next((number for number, reply in enumerate(replies) if reply[0] != _OK), len(replies))
        return min(fit // 4, len(flights) - len(self._outbox))

    def _accept(self, last_replies: Sequence[Reply]) -> None:
        """Settle the letters at the front by the last replies to them."""
        popleft = self._flights.popleft
        alike: dict[str, list[int]] = {}
        for reply in last_replies:
            alike.setdefault(reply.status, []).append(popleft().item.index)
        self.answered += len(last_replies)
        for status, indexes in alike.items():
            self._tell_accepted(indexes, judge(_OK, status, Step.BODY))
        self._trust(len(last_replies))

    def _tell_accepted(self, indexes: Sequence[int], outcome: Outcome) -> None:
        """Tell the caller, at once where it can take many."""
        if self._caller.on_accepted is not None:
            self._caller.on_accepted(indexes, outcome)
        else:
            for index in indexes:
                self._on_outcome(index, outcome)

    def _hear(self, flight: Flight, reply: Reply) -> None:
        """Take the next of the four replies to a letter."""
        step = flight.step
        if step is Step.BODY:
            self._conclude(flight, reply)
            self._trust()
            return
        if reply.code >= 300 or flight.verdict is not None:
            if step is Step.RSET and reply.code != 421:
                self._break()
            self._object(flight, reply)
        flight.step = _AFTER[step]

    def _is_whole(self, flight: Flight) -> bool:
        """Envelope and letter are one frame."""
        return flight.left == 0

    def _trust(self, letters: int = 1) -> None:
        """Let more be in flight after each letter that was answered as it should be."""
        while letters and self._limit < self._window:
            self._limit = min(2 * self._limit, self._window)
            letters -= 1
        if letters:
            self._manners.proven = True


_OK: Final = 250
_RSET: Final = Step.RSET
_AFTER: Final = {Step.RSET: Step.MAIL, Step.MAIL: Step.RCPT, Step.RCPT: Step.BODY}


def _frame(item: Item) -> Flight:
    """Write a letter's commands and put its bytes behind them."""
    pieces = item.pieces
    head = b"RSET\r\nMAIL FROM:<%b>%b\r\nRCPT TO:<%b>\r\nBDAT %d LAST\r\n" % (
        item.envelope_sender,
        b" BODY=8BITMIME SMTPUTF8" if item.utf8 else b"",
        item.recipient,
        item.size,
    )
    frame = (head, pieces) if isinstance(pieces, bytes) else (head, *pieces)
    return Flight(item, _RSET, frame, opens=True, size=len(head) + item.size)
