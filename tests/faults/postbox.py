"""The receiver's end of a fault: a relay's process, which can be killed and started again, and its log."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.support.database import CHECKOUT

BROKEN_OFF: Final = "!"


class Taken(NamedTuple):
    """A letter as the relay's log has it: when its MAIL command came (seconds, monotonic) and for whom."""

    mailed_at: float
    recipient: str


class Postbox:
    """A relay that may misbehave, seen from outside."""

    def __init__(self, log: Path, *, moods: Mapping[str, float], delay: float, seed: int) -> None:
        """Prepare; start() starts it."""
        self._log = log
        self._said = [str(seed), str(delay), *(f"{act}={share}" for act, share in moods.items())]
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Give its address as a relay's URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, at the same port as before."""
        command = [sys.executable, "-m", "tests.faults.relay", str(self.port), str(self._log), *self._said]
        self._process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        """Kill it where it stands."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def taken(self) -> list[Taken]:
        """List the letters it took, in their order."""
        pairs = (line.split(" ", 1) for line in self._lines() if line != BROKEN_OFF)
        return [Taken(float(moment), recipient) for moment, recipient in pairs]

    def breaks(self) -> int:
        """Count the connections it broke off, or fell silent on."""
        return self._lines().count(BROKEN_OFF)

    def wait_for(self, letters: int, *, seconds: float) -> None:
        """Wait until it has taken so many."""
        end = time.monotonic() + seconds
        while len(self.taken()) < letters:
            assert time.monotonic() < end, "the letters did not come in time"
            time.sleep(0.02)

    def letters(self) -> Counter[str]:
        """Count the letters each recipient got."""
        return Counter(each.recipient for each in self.taken())

    def _lines(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@contextmanager
def running_postbox(
    log: Path, *, moods: Mapping[str, float] | None = None, delay: float = 0.0, seed: int = 1
) -> Iterator[Postbox]:
    """Run a relay for the length of a block."""
    box = Postbox(log, moods=moods or {}, delay=delay, seed=seed)
    box.start()
    try:
        yield box
    finally:
        box.kill()
