"""Who holds a shard: a name that tells, on the same machine, whether its process still lives. Knows no framework.

A process has a name for each of its hands (see hands.py).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Runs on while the machine sleeps and is never set: what a lease is measured with."""
DEAD: Final = "ZX"
ELSEWHERE: Final = "elsewhere"


def boot_seconds() -> float:
    """Give the seconds since this machine started, its sleep included."""
    return time.clock_gettime(CLOCK)


def new_owner() -> str:
    """Name a hand of this process: machine, process, its start, and something random. At most 60 characters."""
    pid = os.getpid()
    _, started = _state_and_start(pid)
    return f"{_machine()}-{pid}-{started}-{secrets.token_hex(3)}"


def process_of(owner: str) -> str:
    """Give the part of an owner's name that all hands of its process share."""
    return owner.rpartition("-")[0]


def is_surely_gone(owner: str) -> bool:
    """Tell whether the owner's process has ended. Of another machine nothing is known, so False."""
    machine, pid, started, *_ = (*owner.split("-"), "", "", "")
    if machine != _machine() or machine == ELSEWHERE or not pid.isdecimal():
        return False
    state, began = _state_and_start(int(pid))
    return state in DEAD or began != started


def _machine() -> str:
    """Name the running system and its space of process numbers: what a number means, it means here only."""
    parts = (_read(PROC / "sys/kernel/random/boot_id"), _link(PROC / "self/ns/pid"))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12] if all(parts) else ELSEWHERE


def _state_and_start(pid: int) -> tuple[str, str]:
    """Give a process's state letter and start (clock ticks after boot); ("X", "") when there is none."""
    fields = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else ("X", "")  # noqa: PLR2004  # proc(5): field 22 of stat


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _link(place: Path) -> str:
    try:
        return str(place.readlink())
    except OSError:
        return ""
