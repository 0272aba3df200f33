"""A periodic task is one process's, and another's as soon as that one is gone, however it went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from luvalla.jobs.turns import Turns

HOLDER = """
import sys
from luvalla.cli.django import set_up_django
set_up_django()
from luvalla.jobs.turns import Turns
turns = Turns()
print(turns.is_mine("test.seal"), turns.is_mine("test.seal"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(process_environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **process_environment},
    )  # fmt: skip
    yield running
    running.kill()
    running.communicate()


def test_a_turn_passes_on_when_its_process_is_killed(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True True\n"
    turns = Turns()
    assert not turns.is_mine("test.seal")
    assert turns.is_mine("test.other")
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert any(turns.is_mine("test.seal") for _ in range(2000))
    turns.give_up()
