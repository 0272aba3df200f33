"""What is said about letters on one connection, without I/O.

Which bytes may be written next, what a reply means for which letter, and what is known of each when the connection
ends. Every letter taken gets exactly one outcome. Dialogue is what the three forms share:

    pipelined BDAT      whole letters one after the other, up to the window (chunked.py; RFC 3030, RFC 2920)
    pipelined DATA      a letter's end and the next one's envelope in one write (by_data.py; RFC 2920)
    lock-step           one command at a time (by_data.py; RFC 5321)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NoReturn

from luvalla.sending.capabilities import Capabilities
from luvalla.sending.item import Caller, Item, refuse_beforehand
from luvalla.sending.outcome import Outcome, Reason, Step, judge, not_sent, unknown
from luvalla.sending.relay import MOST_WINDOW
from luvalla.sending.reply import GarbageError, Reply

__all__ = ["Caller", "Dialogue", "Flight", "Item", "Manners"]

Buffers = Sequence[bytes | memoryview]


@dataclass(slots=True)
class Manners:
    """What has been learnt about how a relay keeps to the protocol, shared by its connections.

    proven: full windows were answered rightly; until then a connection starts with one letter and doubles.
    pipelining: it may be believed when it offers PIPELINING and CHUNKING.
    """

    pipelining: bool = True
    proven: bool = False
    strikes: int = 0

    def breach(self) -> None:
        """It broke the protocol: from now on one command at a time."""
        self.pipelining = False

    def strike(self) -> None:
        """It fell silent or away at its first letters; twice, and pipelining is held to be the cause."""
        self.strikes += 1
        if self.strikes >= 2 and not self.proven:
            self.breach()


class Flight:
    """A letter on its way: what is still to be written of its frame, and which reply comes next."""

    __slots__ = ("contradicted", "frame", "item", "left", "opens", "size", "step", "verdict")

    def __init__(self, item: Item, step: Step, frame: Buffers, *, opens: bool, size: int = 0) -> None:
        """Start with a frame to write; opens: the frame has the MAIL command in it; size: where it is known."""
        self.item = item
        self.step = step
        self.verdict: Outcome | None = None
        self.contradicted = False
        self.frame = frame
        self.size = self.left = size or sum(map(len, frame))
        self.opens = opens

    def load(self, frame: Buffers, *, opens: bool = False) -> None:
        """Give it the next bytes to write."""
        self.frame = frame
        self.size = self.left = sum(map(len, frame))
        self.opens = opens

    def trim(self, written: int) -> None:
        """Take away the beginning that has been written."""
        self.frame = (memoryview(b"".join(self.frame))[written:],)
        self.left -= written


class Dialogue(ABC):
    """The letters of one window on one connection. Taken from a queue that other connections may share."""

    def __init__(
        self,
        queue: deque[Item],
        can: Capabilities,
        manners: Manners,
        caller: Caller,
        window: int = MOST_WINDOW,
    ) -> None:
        """Start with nothing taken; window: letters in flight at most."""
        self.closing = False
        """The relay said 421: nothing new is written, what it still answers is heard."""
        self.fault: Outcome | None = None
        """Why no further letter is taken on this connection; NOT_SENT, for the letters left in the queue."""
        self.answered = 0
        """Letters whose last reply has come."""
        self._queue = queue
        self._can = can
        self._manners = manners
        self._strikes_before = manners.strikes
        self._caller = caller
        self._on_outcome = caller.on_outcome
        self._on_begin = caller.on_begin
        self._flights: deque[Flight] = deque()
        self._outbox: deque[Flight] = deque()
        self._latest: Flight | None = None
        self._window = window
        self._over = False
        self.room = NO_END
        """How many further letters this connection may take."""

    def is_done(self) -> bool:
        """Whether nothing is in flight and nothing more will be taken."""
        return not self._flights and (self.fault is not None or not self._queue or not self.room)

    @property
    def awaited(self) -> Step | None:
        """The command whose reply comes next; None while something is to be written first."""
        return None if self._outbox or not self._flights else self._flights[0].step

    def offer(self, most: int) -> list[bytes | memoryview]:
        """Give the bytes to write next, of at most so many letters; may_start is asked for each that would begin."""
        buffers: list[bytes | memoryview] = []
        beginning: list[int] = []
        if self.closing:
            return buffers
        self._top_up()
        for number, flight in enumerate(islice(self._outbox, most)):
            if flight.opens and flight.left == flight.size:
                if not self._may_begin():
                    self._give_back(number)
                    break
                beginning.append(flight.item.index)
            buffers += flight.frame
        if beginning and self._on_begin is not None:
            self._on_begin(beginning)
        return buffers

    def wrote(self, count: int) -> None:
        """Note that so many bytes of the last offer are on the wire."""
        outbox = self._outbox
        while count:
            flight = outbox[0]
            self._latest = flight
            if count < flight.left:
                flight.trim(count)
                return
            count -= flight.left
            flight.left = 0
            flight.frame = ()
            outbox.popleft()

    def hear(self, replies: Sequence[Reply]) -> None:
        """Take replies in their order. Raises GarbageError where one makes no sense; the connection is then useless."""
        for reply in replies:
            if not self._flights:
                self._hear_unasked(reply)
                continue
            flight = self._flights[0]
            if reply.code == 421:
                self._say_goodbye()
            if flight.left and self._is_early(flight):
                self._hear_early(flight, reply)
            else:
                self._hear(flight, reply)

    def lost(self, reason: Reason, *, hung_up: bool, backlog: bool = False) -> None:
        """Settle what is in flight: the connection is over.

        hung_up: the other side ended it; backlog: the last frame is not wholly on the socket.
        """
        if self._flights and self._is_a_strike(reason):
            self._manners.strike()
        while self._flights:
            flight = self._flights.popleft()
            whole = self._is_whole(flight) and not (backlog and flight is self._latest)
            self._settle(flight, self._last_word(flight, reason, whole=whole, refused_all=self.closing and hung_up))
        self._outbox.clear()
        self.fault = self.fault or not_sent(reason)

    def _is_a_strike(self, reason: Reason) -> bool:
        """Suspect pipelining of a silence, and of an end; connections that end together, as at a restart, are one."""
        if self._manners.proven:
            return False
        ended_first = reason is Reason.CONNECTION_LOST and self._manners.strikes == self._strikes_before
        return reason is Reason.TIMEOUT or ended_first

    @staticmethod
    def _last_word(flight: Flight, reason: Reason, *, whole: bool, refused_all: bool) -> Outcome:
        """Judge a letter that gets no more replies. Who said 421 and hung up took nothing more (RFC 5321 3.8)."""
        if flight.verdict is not None and not (flight.contradicted and whole):
            return flight.verdict
        if refused_all:
            return GOODBYE
        return unknown(reason) if whole else not_sent(reason)

    @abstractmethod
    def _top_up(self) -> None:
        """Take letters from the queue as far as the form allows."""

    @abstractmethod
    def _hear(self, flight: Flight, reply: Reply) -> None:
        """Take the reply to the first letter in flight."""

    @abstractmethod
    def _is_whole(self, flight: Flight) -> bool:
        """Whether every byte of the letter has been written."""

    def _next_item(self) -> Item | None:
        """Take the next letter this relay can carry; those it cannot are answered for it."""
        while self._queue and self.room and self.fault is None:
            item = self._queue.popleft()
            fault = refuse_beforehand(item, self._can)
            if fault is None:
                self.room -= 1
                return item
            self._on_outcome(item.index, fault)
        return None

    def _launch(self, flight: Flight) -> None:
        """Put a letter in flight."""
        self._flights.append(flight)
        self._outbox.append(flight)

    def _may_begin(self) -> bool:
        """Ask whether a letter may still begin; a no is for good."""
        self._over = self._over or not self._caller.may_start()
        return not self._over

    def _give_back(self, first: int) -> None:
        """The deadline is over: what has not begun is given back, from the outbox's first such letter on."""
        while len(self._outbox) > first:
            flight = self._outbox.pop()
            self._flights.remove(flight)
            self._on_outcome(flight.item.index, not_sent(Reason.DEADLINE))
        while self._queue:
            self._on_outcome(self._queue.popleft().index, not_sent(Reason.DEADLINE))

    def _is_early(self, flight: Flight) -> bool:
        """Whether a reply would come before its command is written; asked while part of the frame isn't."""
        return flight.step is Step.BODY or flight.left == flight.size

    def _hear_early(self, flight: Flight, reply: Reply) -> None:
        """Take a no that doesn't wait for the end of the letter; the rest of it will never be written."""
        if reply.code < 400:
            self._break()
        self._object(flight, reply)
        self._say_goodbye()

    def _hear_unasked(self, reply: Reply) -> None:
        """A server may say goodbye at any time, and nothing else."""
        if reply.code != 421:
            self._break()
        self._say_goodbye()

    def _say_goodbye(self) -> None:
        """Write nothing more; only hear what the relay still answers."""
        self.closing = True
        self.fault = self.fault or GOODBYE

    def _break(self) -> NoReturn:
        """The relay does not keep to the protocol."""
        self._manners.breach()
        raise GarbageError

    def _object(self, flight: Flight, reply: Reply) -> None:
        """Note a reply to a command of the envelope; the first refusal is the verdict."""
        if reply.code < 300:
            flight.contradicted |= flight.verdict is not None and flight.step is Step.RCPT
        elif reply.code < 400:
            self._break()
        elif flight.verdict is None:
            flight.verdict = self._verdict(reply, flight.step)

    def _verdict(self, reply: Reply, step: Step) -> Outcome:
        """Judge a refusal. A command not understood or out of sequence speaks of us, not of the letter."""
        outcome = judge(reply.code, reply.status, step)
        if reply.code in _NOT_UNDERSTOOD and outcome.reason is Reason.PROTOCOL:
            self._manners.breach()
            self.fault = not_sent(Reason.PROTOCOL, outcome.code, outcome.status)
            return self.fault
        return outcome

    def _conclude(self, flight: Flight, reply: Reply) -> None:
        """Take the reply to the letter's end."""
        if 300 <= reply.code < 400:
            self._break()
        self._flights.popleft()
        self.answered += 1
        if flight.verdict is None:
            outcome = (
                judge(reply.code, reply.status, Step.BODY) if reply.code < 300 else self._verdict(reply, Step.BODY)
            )
        elif flight.contradicted and reply.code < 300:
            outcome = unknown(Reason.PROTOCOL)
        else:
            outcome = flight.verdict
        self._settle(flight, outcome)

    def _settle(self, flight: Flight, outcome: Outcome) -> None:
        """Tell the caller; the letter is out of this dialogue."""
        self._on_outcome(flight.item.index, outcome)


GOODBYE: Final = not_sent(Reason.RELAY_BUSY, 421, "4.3.2")
_NOT_UNDERSTOOD: Final = frozenset({500, 502, 503, 504})
NO_END: Final = -1
"""Room that never comes to nought."""
