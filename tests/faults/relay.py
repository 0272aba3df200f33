"""A relay in a process of its own, with moods, that writes down each letter it took before it answers.

    python -m tests.faults.relay PORT LOG SEED DELAY ACT=SHARE ...

Each line of the log is one letter: the moment of its MAIL command (the machine's monotonic clock) and its recipient; or
"!" for a connection that was broken off. An act is one of luvalla.sending.testing.magic, played on that share of the
recipients, whatever their names.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable, Mapping
from typing import Final

from luvalla.sending.testing import Received, Receiver, Switches
from luvalla.sending.testing.magic import Magic, magic_of
from luvalla.sending.testing.session import Session

SILENCE: Final = 1.5
"""Seconds after which a connection that fell silent is gone: the network's end, not the sender's patience."""


BREAK: Final = b"!\n"


class Moody(Session):
    """Takes letters, or misbehaves at random."""

    moods: Mapping[str, float] = {}
    dice = random.Random()  # noqa: S311  # moods are no secret
    log = 2

    def _what_to_do(self, recipient: bytes) -> Magic | None:  # noqa: ARG002  # moods don't look at names
        throw = self.dice.random()
        for act, share in self.moods.items():
            throw -= share
            if throw < 0:
                return magic_of(act.encode() + b"@")
        return None

    def _slam(self) -> None:
        os.write(self.log, BREAK)
        super()._slam()

    def _stall(self) -> None:
        os.write(self.log, BREAK)
        super()._stall()
        if self._transport is not None:
            asyncio.get_running_loop().call_later(SILENCE, self._transport.abort)


def written_to(log: int) -> Callable[[Received], None]:
    """Write each letter down in one piece: a kill leaves whole lines."""

    def write(letter: Received) -> None:
        os.write(log, b"%.6f %b\n" % (letter.mailed_at, letter.recipients[0]))

    return write


def main(port: int, log: str, seed: int, delay: float, moods: Mapping[str, float]) -> None:
    """Serve until killed, or until standard input ends with the parent."""
    Moody.moods, Moody.dice = moods, random.Random(seed)  # noqa: S311  # moods are no secret
    Moody.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    taking = written_to(Moody.log)
    with Receiver(Switches(delay=delay), port=port, on_message=taking, session=Moody) as running:
        sys.stdout.write(f"{running.port}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    place, name, number, seconds, *said = sys.argv[1:]
    shares = {act: float(share) for act, _, share in (each.partition("=") for each in said)}
    main(int(place), name, int(number), float(seconds), shares)
