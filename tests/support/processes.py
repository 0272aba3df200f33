"""Several processes of the program that do the same thing in the same instant."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE: Final = 60
SOON: Final = 0.05
"""Seconds in which every process has read when to act."""
RACER: Final = """
import sys, time
import django
django.setup()
{preparation}
print("ready", flush=True)
for line in sys.stdin:
    at, given = line.split(maxsplit=1)
    given = given.strip()
    while time.time() < float(at):
        pass
    print({act}, flush=True)
"""


class Racers:
    """Processes that wait for a word and then act together."""

    def __init__(self, running: list[subprocess.Popen[str]]) -> None:
        self._running = running
        assert [self._line(each) for each in running] == ["ready"] * len(running)

    def together(self, given: str = "-") -> list[str]:
        """Have all act on a word in the same instant, and give what each prints of it."""
        at = time.time() + SOON
        for each in self._running:
            self.send(each, at, given)
        return [self._line(each) for each in self._running]

    def in_turn(self, given: str = "-") -> Iterator[str]:
        """Have one after the other act on a word, round and round."""
        while True:
            for each in self._running:
                self.send(each, 0.0, given)
                yield self._line(each)

    @staticmethod
    def send(process: subprocess.Popen[str], at: float, given: str) -> None:
        """Tell a process when to act, and on what."""
        assert process.stdin is not None
        process.stdin.write(f"{at} {given}\n")
        process.stdin.flush()

    @staticmethod
    def _line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


@contextmanager
def racers(count: int, *, preparation: str, act: str, environment: dict[str, str]) -> Iterator[Racers]:
    """Start processes that do `act`, an expression of `given`, after `preparation`; end them with the block."""
    command = [sys.executable, "-c", RACER.format(preparation=preparation, act=act)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(count)
    ]
    try:
        yield Racers(running)
    finally:
        for each in running:
            each.kill()
            each.communicate(timeout=PATIENCE)
