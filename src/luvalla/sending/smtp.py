"""One connection to a relay: Transport. Several, with what may be sent spread over them: pool.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from luvalla.sending.by_data import LockStepDialogue, PipelinedDataDialogue
from luvalla.sending.capabilities import Capabilities
from luvalla.sending.chunked import ChunkedDialogue
from luvalla.sending.dialogue import NO_END, Dialogue, Manners
from luvalla.sending.errors import Misuse, WrongUse
from luvalla.sending.greeting import ClosedDoorError, Greeting
from luvalla.sending.item import Caller, Item, MayStart, OnBegin, OnOutcome
from luvalla.sending.outcome import Outcome, Reason, Step, not_sent
from luvalla.sending.relay import Relay
from luvalla.sending.reply import GarbageError, ReplyReader
from luvalla.sending.wire import Wire

__all__ = ["Item", "Manners", "Transport"]


class Transport:
    """One connection, used by one caller at a time. What the network does is an Outcome, never an exception."""

    def __init__(self, relay: Relay, *, manners: Manners | None = None) -> None:
        """Start closed; manners: what other connections have learnt about this relay."""
        self.relay = relay
        self.manners = manners or Manners()
        self.can = Capabilities()
        self.answered = 0
        """Letters that got an answer since the connection was last asked for."""
        self._wire: Wire | None = None
        self._reader = ReplyReader()
        self._busy = False
        self.most_letters = 0
        """After so many letters the connection is closed, to be opened anew; 0 for never."""
        self._carried = 0

    @property
    def ready(self) -> bool:
        """Whether letters can be sent now; False also when the relay said goodbye while nothing was being sent."""
        return self._wire is not None and not self._wire.ended

    async def open(self) -> Outcome | None:
        """Connect, secure and log in; None when ready for letters, else why not (kind NOT_SENT)."""
        if self._busy:
            raise WrongUse(Misuse.BUSY)
        self.answered = 0
        if self.ready:
            return None
        self._drop()
        self._busy = True
        greeting = Greeting(self.relay, asyncio.get_running_loop())
        try:
            self._wire = await greeting.open()
        except ClosedDoorError as closed:
            return closed.outcome
        finally:
            self._busy = False
        self._reader, self.can = greeting.reader, greeting.can
        self._carried = 0
        return None

    async def send_window(
        self,
        items: Sequence[Item],
        *,
        may_start: MayStart,
        on_outcome: OnOutcome,
        on_begin: OnBegin | None = None,
    ) -> None:
        """Send these letters; on_outcome(index, outcome) is called exactly once for each, before this returns.

        may_start() is asked right before a letter's MAIL command is written to the socket; from its first False on,
        nothing more begins and the rest is NOT_SENT. Opens the connection if it isn't open. Where the connection ends
        in the middle, the letters that had not begun are NOT_SENT.
        """
        queue = deque(items)
        fault: Outcome | None = None
        try:
            fault = await self.open()
            if fault is None:
                fault = await self.send_queue(queue, Caller(may_start, on_outcome, on_begin))
        finally:
            for item in queue:
                on_outcome(item.index, fault or not_sent(Reason.CONNECTION_LOST))

    async def send_queue(self, queue: deque[Item], caller: Caller, window: int | None = None) -> Outcome | None:
        """Send from a queue that several connections may share, until it is empty or this connection ends.

        Gives None in the first case, and where it has carried its fill and is closed; else why it ended (kind
        NOT_SENT). What it had not taken is still in the queue.
        Raises WrongUse when the connection isn't open or is being used.
        """
        wire = self._wire
        if wire is None:
            raise WrongUse(Misuse.CLOSED)
        if self._busy:
            raise WrongUse(Misuse.BUSY)
        dialogue = self._form()(queue, self.can, self.manners, caller, window or self.relay.window)
        most, self._busy = self.most_letters, True
        before = dialogue.room = most - self._carried if most else NO_END
        try:
            await self._converse(wire, dialogue)
        except BaseException:
            self._drop()
            dialogue.lost(Reason.CONNECTION_LOST, hung_up=False, backlog=wire.backlog)
            raise
        finally:
            self._busy = False
            self.answered = dialogue.answered
        self._carried += before - dialogue.room
        if dialogue.fault is not None:
            self._drop()
        elif most and self._carried >= most:
            await self.close()
        return dialogue.fault

    async def close(self) -> None:
        """Say QUIT, wait a moment for the answer, and close."""
        if self._wire is None:
            return
        with contextlib.suppress(OSError):
            if not self._wire.ended and self._wire.send([b"QUIT\r\n"]):
                await self._wire.wait(self.relay.timeouts.leave)
        self._wire.close()
        self._wire = None

    def _form(self) -> type[Dialogue]:
        """Choose how letters are said, by what the relay offers and keeps."""
        if not (self.can.pipelining and self.relay.pipelining and self.manners.pipelining):
            return LockStepDialogue
        return ChunkedDialogue if self.can.chunking else PipelinedDataDialogue

    async def _converse(self, wire: Wire, dialogue: Dialogue) -> None:
        """Write and listen until every letter taken has its outcome."""
        deaf = False
        try:
            dialogue.hear(self._reader.feed(wire.take()))
            while not dialogue.is_done():
                blocked = False
                try:
                    blocked = not deaf and _speak(wire, dialogue)
                except OSError:
                    deaf = True
                if dialogue.is_done():
                    return
                woken = await wire.wait(self._patience(dialogue, deaf=deaf), writable=blocked or wire.backlog)
                if data := wire.take():
                    dialogue.hear(self._reader.feed(data))
                elif wire.ended or not woken:
                    reason = Reason.CONNECTION_LOST if wire.ended or deaf else Reason.TIMEOUT
                    dialogue.lost(reason, hung_up=wire.ended, backlog=wire.backlog)
        except GarbageError:
            self.manners.breach()
            dialogue.lost(Reason.PROTOCOL, hung_up=False, backlog=wire.backlog)

    def _patience(self, dialogue: Dialogue, *, deaf: bool) -> float:
        """Seconds to wait for what comes next (RFC 5321 4.5.3.2)."""
        timeouts = self.relay.timeouts
        if deaf or dialogue.closing:
            return timeouts.leave
        match dialogue.awaited:
            case None:
                return timeouts.block
            case Step.BODY:
                return timeouts.finish
            case Step.DATA:
                return timeouts.data
            case _:
                return timeouts.command

    def _drop(self) -> None:
        """Reset the connection, so that nothing left in it goes out."""
        if self._wire is not None:
            self._wire.cut()
            self._wire = None


def _speak(wire: Wire, dialogue: Dialogue) -> bool:
    """Write what may be written; True when the socket takes no more for now."""
    while buffers := dialogue.offer(wire.frames_at_once):
        written = wire.send(buffers)
        if not written:
            return True
        dialogue.wrote(written)
    return False
