"""Bringing one window to a relay: letters begun and answered are noted at once, and nothing begins after its time."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from django.db import DatabaseError, connection
from django.utils import timezone

from luvalla.mailroom.claiming import Window
from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.gateways import Gateway
from luvalla.mailroom.journal import Journal
from luvalla.mailroom.leases import Lease, renew
from luvalla.mailroom.owners import boot_seconds
from luvalla.mailroom.recording import UNANSWERED, Answered
from luvalla.sending.dialogue import Item
from luvalla.sending.outcome import Outcome

LOOK_UP: Final = 0.25
"""Seconds after which a window that takes long is looked up from: to keep the lease, to see a pause."""
RENEWAL: Final = 5.0
LAST_WORDS: Final = 3.0
"""Seconds that a worker which was told to end waits for answers to letters already begun."""


class Orders(Protocol):
    """What a worker has been told meanwhile; asked now and then."""

    def may_begin(self, campaign_id: int) -> bool:
        """Tell whether further letters of the campaign may begin."""

    def must_end(self) -> bool:
        """Tell whether the worker itself is to end soon."""


class Courier:
    """Sends windows, one at a time, in an event loop of its own."""

    def __init__(self, journal: Journal, orders: Orders, *, clock: Callable[[], float] = boot_seconds) -> None:
        """Take the worker's journal, which a worker with a new name replaces, and where it hears its orders."""
        self.journal = journal
        self._orders = orders
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._may_begin = True

    def send(self, gateway: Gateway, lease: Lease, window: Window, items: Sequence[Item]) -> Answered:
        """Send the items of a window and give the answers, one for every letter of it.

        Items are numbered as the window's letters are.
        """
        claimed, clock, until, note = window.claimed, self._clock, window.until, self.journal
        outcomes = [UNANSWERED] * len(claimed)
        note.begin_window(claimed)
        self._may_begin = True

        def may_start() -> bool:
            return self._may_begin and clock() < until

        def on_answer(indexes: Sequence[int], outcome: Outcome) -> None:
            note.note_outcome(indexes, outcome)
            for index in indexes:
                outcomes[index] = outcome

        began = clock()
        sending = gateway.pool.send_window(
            items,
            may_start=may_start,
            on_outcome=lambda index, outcome: on_answer((index,), outcome),
            on_begin=note.note_begun,
            on_accepted=on_answer,
        )
        self._finish(self._loop.create_task(sending), lease)
        gateway.took(len(items), clock() - began)
        by_contact = {each.contact_id: outcome for each, outcome in zip(claimed, outcomes, strict=True)}
        return Answered(claimed, by_contact, gateway.relay_id)

    def close(self, gateways: Sequence[Gateway]) -> None:
        """Say goodbye to the relays."""
        self._loop.run_until_complete(_close(gateways))
        self._loop.close()

    def _finish(self, sending: asyncio.Task[None], lease: Lease) -> None:
        """Run the loop until the window is over, looking up from it every now and then."""
        renewed, ending = self._clock(), math.inf
        while not self._loop.run_until_complete(_wait(sending)):
            now = self._clock()
            if now - renewed > RENEWAL:
                renewed = now
                self._renew(lease)
            self._may_begin = self._may_begin and self._orders.may_begin(lease.campaign_id)
            ending = min(ending, now) if self._orders.must_end() else ending
            if now - ending > LAST_WORDS:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    self._loop.run_until_complete(sending)
                return
        sending.result()

    def _renew(self, lease: Lease) -> None:
        """Keep the lease while answers are awaited; without it nothing more is begun."""
        try:
            renew(lease, now=timezone.now())
        except LeaseLost:
            self._may_begin = False
        except DatabaseError:
            connection.close()


async def _wait(sending: asyncio.Task[None]) -> bool:
    done, _ = await asyncio.wait({sending}, timeout=LOOK_UP)
    return bool(done)


async def _close(gateways: Sequence[Gateway]) -> None:
    await asyncio.gather(*(each.pool.close() for each in gateways))
