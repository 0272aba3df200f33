"""A worker's hands. Each holds a shard of its own, under a name and with a journal of its own, and sends its windows.

Where the database is a server, a hand waits for it about as long as it works. With two of them one writes and sends
while the other one's claim is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from luvalla.mailroom.errands import DONE, RELAYS_FAIL, RELAYS_WAIT

HANDS: Final = {"postgresql": 2}
"""By the database's kind; one where it isn't named: SQLite has one writer, and it works in the worker itself."""


class Hand(Protocol):
    """What runs errands, from a thread of its own."""

    def run(self) -> int:
        """Work, and give the exit code."""

    def end(self) -> None:
        """Finish what has begun; to be called from any thread."""

    def close(self) -> None:
        """Part with the relays and the database."""


class Hands:
    """All hands of a worker."""

    def __init__(self, hands: Sequence[Hand]) -> None:
        """Take at least one."""
        self._hands = hands

    def end(self) -> None:
        """Have all of them finish what they have begun."""
        for each in self._hands:
            each.end()

    def run(self) -> int:
        """Work with all of them until each has ended, and give the code that says most.

        What one fails of ends the others, and is raised here: a worker with a lame hand would hold its shard for good.
        """
        with ThreadPoolExecutor(max_workers=len(self._hands)) as threads:
            others = [threads.submit(self._work, each) for each in self._hands[1:]]
            codes = {self._work(self._hands[0]), *(each.result() for each in others)}
        return next((each for each in (RELAYS_FAIL, RELAYS_WAIT) if each in codes), DONE)

    def _work(self, hand: Hand) -> int:
        code = None
        try:
            code = hand.run()
        finally:
            if code != DONE:
                self.end()
            hand.close()
        return code
