"""The sender's end in these tests: letters, and what became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from luvalla.sending.outcome import Kind, Outcome
from luvalla.sending.pool import Pool
from luvalla.sending.relay import Relay, Timeouts
from luvalla.sending.smtp import Item, Transport
from luvalla.sending.testing import Switches

QUICK = Timeouts(connect=2.0, greeting=1.0, command=1.0, data=1.0, block=1.0, finish=1.0, leave=0.5)
"""Waits short enough for a test and long enough for a busy machine."""
HASTY = QUICK.scaled(0.25)
"""For tests in which a server is silent on purpose."""

TEXT = b"Subject: Tervehdys\r\nFrom: lehti@esimerkki.fi\r\n\r\n" + b"Hyv=C3=A4=C3=A4 p=C3=A4iv=C3=A4=C3=A4!\r\n" * 3


CHUNKED = Switches()
PIPELINED = Switches(chunking=False)
LOCK_STEP = Switches(pipelining=False)
BARE = Switches(pipelining=False, chunking=False, eight_bit=False, utf8=False, size=0, status_codes=False)

every_form = pytest.mark.parametrize(
    "switches",
    [CHUNKED, PIPELINED, LOCK_STEP, BARE],
    ids=["bdat", "data", "lock-step", "bare"],
)


def people(number: int) -> list[str]:
    """Invent recipients."""
    return [f"asiakas{each}@esimerkki.fi" for each in range(number)]


def letters(recipients: Iterable[str], text: bytes = TEXT) -> list[Item]:
    """Write one letter to each; its number stands in the return path and in the text."""
    return [
        Item(number, b"paluu+%d@esimerkki.fi" % number, recipient.encode(), b"X-Number: %d\r\n%b" % (number, text))
        for number, recipient in enumerate(recipients)
    ]


def always() -> bool:
    """No deadline."""
    return True


class Outcomes(dict[int, Outcome]):
    """What became of each letter; a second outcome for one is an error."""

    def note(self, index: int, outcome: Outcome) -> None:
        """Take an outcome."""
        assert index not in self
        self[index] = outcome

    def kinds(self) -> Counter[Kind]:
        """Count by kind."""
        return Counter(outcome.kind for outcome in self.values())


def send(relay: Relay, items: list[Item], *, may_start: Callable[[], bool] = always) -> Outcomes:
    """Send over one connection."""
    return asyncio.run(send_over(Transport(relay), items, may_start=may_start))


async def send_over(transport: Transport, items: list[Item], *, may_start: Callable[[], bool] = always) -> Outcomes:
    """Send one window and close."""
    outcomes = Outcomes()
    try:
        await transport.send_window(items, may_start=may_start, on_outcome=outcomes.note)
    finally:
        await transport.close()
    assert len(outcomes) == len(items)
    return outcomes


def send_by_pool(pool: Pool, items: list[Item], *, may_start: Callable[[], bool] = always) -> Outcomes:
    """Send one window over a pool and close it."""

    async def run() -> Outcomes:
        outcomes = Outcomes()
        try:
            await pool.send_window(items, may_start=may_start, on_outcome=outcomes.note)
        finally:
            await pool.close()
        return outcomes

    outcomes = asyncio.run(run())
    assert len(outcomes) == len(items)
    return outcomes
