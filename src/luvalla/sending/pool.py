"""Several connections to one relay, sending from one queue; broken ones are opened again, within bounds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from luvalla.sending.dialogue import Manners
from luvalla.sending.errors import Misuse, WrongUse
from luvalla.sending.item import Caller, Item, MayStart, OnAccepted, OnBegin, OnOutcome
from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.relay import Relay
from luvalla.sending.smtp import Transport

_MOST_ATTEMPTS: Final = 3
"""How often one letter is tried within one window, as long as the relay cannot have it."""
_FEW: Final = 4
"""Letters that don't justify a further connection."""
_WINDOWS_TO_GROW: Final = 50
"""Windows after which one more connection is tried, when the relay had enough of them before."""
_HOPELESS: Final = frozenset({Reason.AUTH, Reason.TLS, Reason.POLICY})
"""Reasons that the next second doesn't change."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits before a connection is opened again: first, then doubled each time, up to most; so many tries in a row."""

    first: float = 0.1
    most: float = 5.0
    tries: int = 4

    def wait(self, failures: int, share: float) -> float:
        """Give the wait after so many failures in a row; share, 0 to 1, spreads callers over its second half."""
        return min(self.most, self.first * 2.0 ** (failures - 1)) * (0.5 + share / 2)


class Pool:
    """Sends windows over up to relay.connections connections. One window at a time."""

    def __init__(
        self,
        relay: Relay,
        connections: int | None = None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        share: Callable[[], float] = lambda: 1.0,
        backoff: Backoff | None = None,
    ) -> None:
        """Start closed; share: random numbers from 0 to 1 for the backoff."""
        self.relay = relay
        self.manners = Manners()
        self._sleep = sleep
        self._share = share
        self._backoff = backoff or Backoff()
        self._slots = [Transport(relay, manners=self.manners) for _ in range(connections or relay.connections)]
        self._wanted = len(self._slots)
        self._share_of_all = len(self._slots)
        self._windows = 0
        self._busy = False

    @property
    def ready(self) -> int:
        """How many connections are open."""
        return sum(slot.ready for slot in self._slots)

    def bear(self, *, connections: int, letters_a_connection: int = 0) -> None:
        """Use at most so many connections from the next window on, 1 at least: others send to the relay as well.

        letters_a_connection: after so many letters each is closed and opened anew; 0 for never.
        """
        self._share_of_all = min(max(1, connections), len(self._slots))
        for slot in self._slots:
            slot.most_letters = letters_a_connection

    async def open(self) -> Outcome | None:
        """Open one connection, to know that letters can be sent: None, or why not (kind NOT_SENT)."""
        return None if self.ready else await self._slots[0].open()

    async def send_window(
        self,
        items: Sequence[Item],
        *,
        may_start: MayStart,
        on_outcome: OnOutcome,
        on_begin: OnBegin | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        """Send these letters; on_outcome(index, outcome) is called exactly once for each, before this returns.

        on_accepted: is told in its place, where it is given, of letters that were simply accepted.

        A letter that the relay cannot have goes again on another connection, three times at most. may_start() is asked
        right before each MAIL command is written; from its first False on nothing more begins. Indexes must differ.
        Raises WrongUse when a window is being sent already.
        """
        if self._busy:
            raise WrongUse(Misuse.BUSY)
        self._busy = True
        run = _Run(items, Caller(may_start, on_outcome, on_begin, on_accepted))
        try:
            if items:
                await self._run(run)
        finally:
            self._busy = False
            run.give_back()
        await asyncio.gather(*(slot.close() for slot in self._surplus()))

    async def close(self) -> None:
        """Say goodbye on every connection."""
        await asyncio.gather(*(slot.close() for slot in self._slots))

    async def _run(self, run: _Run) -> None:
        """Let the connections serve the queue until every letter is settled or all of them have given up."""
        slots = self._choose(len(run.queue))
        window = min(self.relay.window, -(-len(run.queue) // len(slots)))
        tasks = [asyncio.ensure_future(self._serve(slot, run, window)) for slot in slots]
        run.serving = len(tasks)
        for task in tasks:
            task.add_done_callback(run.one_less)
        try:
            await run.over.wait()
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for fault in ended:
            if isinstance(fault, BaseException) and not isinstance(fault, asyncio.CancelledError):
                raise fault

    def _surplus(self) -> list[Transport]:
        """Give the open connections beyond our share."""
        return [slot for slot in self._slots if slot.ready][self._share_of_all :]

    def _choose(self, letters: int) -> list[Transport]:
        """Take open connections first, and no more than the relay is known to bear."""
        self._windows += 1
        if self._windows % _WINDOWS_TO_GROW == 0:
            self._wanted = min(len(self._slots), self._wanted + 1)
        number = min(self._wanted, self._share_of_all, -(-letters // _FEW))
        return sorted(self._slots, key=lambda slot: not slot.ready)[:number]

    async def _serve(self, slot: Transport, run: _Run, window: int) -> None:
        """Send on one connection; after a failure wait and open it again, a few times."""
        failures = 0
        while not run.over.is_set():
            if not run.queue:
                await run.wait_for_more()
                continue
            fault = await self._send(slot, run, window)
            if fault is None:
                continue
            run.fault = fault
            failures = 1 if slot.answered else failures + 1
            if fault.reason in _HOPELESS or failures > self._backoff.tries or self._is_one_too_many(fault):
                return
            await self._sleep(self._backoff.wait(failures, self._share()))
            if not run.caller.may_start():
                return

    async def _send(self, slot: Transport, run: _Run, window: int) -> Outcome | None:
        """Open the connection if need be and send what is in the queue; None, or why it ended."""
        fault = await slot.open()
        if fault is None:
            fault = await slot.send_queue(run.queue, run.caller, window)
        return fault

    def _is_one_too_many(self, fault: Outcome) -> bool:
        """Make do with the connections there are, when the relay turns a further one away."""
        ready = self.ready
        if fault.reason is not Reason.RELAY_BUSY or not ready:
            return False
        self._wanted = max(ready, self._wanted - 1)
        return True


class _Run:
    """One window on its way through the pool."""

    def __init__(self, items: Sequence[Item], caller: Caller) -> None:
        """Queue the letters."""
        self.queue = deque(items)
        self.over = asyncio.Event()
        self.caller = Caller(caller.may_start, self._note, caller.on_begin, self._note_accepted)
        self.fault = not_sent(Reason.NO_CONNECTION)
        self.serving = 0
        self._on_outcome, self._on_accepted = caller.on_outcome, caller.on_accepted
        self._items = {item.index: item for item in items}
        self._attempts: dict[int, int] = {}
        self._more = asyncio.Event()
        self._unsettled = len(self._items)
        if len(items) != self._unsettled:
            raise WrongUse(Misuse.SAME_INDEX)

    def _note(self, index: int, outcome: Outcome) -> None:
        """Take an outcome from a connection: hand it on, or queue the letter again where the relay cannot have it."""
        if outcome.kind is Kind.NOT_SENT and self._may_go_again(index, outcome.reason):
            self.queue.append(self._items[index])
            self._more.set()
            return
        self._unsettled -= 1
        if not self._unsettled:
            self._finish()
        self._on_outcome(index, outcome)

    def _note_accepted(self, indexes: Sequence[int], outcome: Outcome) -> None:
        """Hand on what the relay took."""
        self._unsettled -= len(indexes)
        if not self._unsettled:
            self._finish()
        if self._on_accepted is not None:
            self._on_accepted(indexes, outcome)
        else:
            for index in indexes:
                self._on_outcome(index, outcome)

    def _may_go_again(self, index: int, reason: Reason) -> bool:
        """Decide by the letter's attempts; those that only stood behind a 421 don't count."""
        if reason in (Reason.DEADLINE, Reason.RELAY_BUSY):
            return reason is Reason.RELAY_BUSY
        self._attempts[index] = self._attempts.get(index, 0) + 1
        return self._attempts[index] < _MOST_ATTEMPTS

    async def wait_for_more(self) -> None:
        """Wait until a letter comes back, or all are settled."""
        self._more.clear()
        await self._more.wait()

    def one_less(self, task: asyncio.Future[None]) -> None:
        """Note that a connection gave up, or failed as no network can fail."""
        self.serving -= 1
        if not self.serving or (not task.cancelled() and task.exception() is not None):
            self._finish()

    def give_back(self) -> None:
        """Answer for the letters that no connection could take; let go of all: a run is in a cycle of references."""
        while self.queue:
            self._on_outcome(self.queue.popleft().index, self.fault)
        self._items.clear()

    def _finish(self) -> None:
        """Let everyone stop waiting."""
        self.over.set()
        self._more.set()
