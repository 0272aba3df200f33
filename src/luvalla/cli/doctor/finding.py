"""What a look at the installation gives: how it stands, what was seen, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How something stands. Only faults and what couldn't be looked at change the exit code."""

    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    state: State
    saw: str
    do: str = ""


def good(check: str, saw: str) -> Finding:
    """Say that something is in order."""
    return Finding(check, State.GOOD, saw)


def note(check: str, saw: str, do: str) -> Finding:
    """Say what would be better in another way."""
    return Finding(check, State.NOTE, saw, do)


def fault(check: str, saw: str, do: str) -> Finding:
    """Say what is wrong."""
    return Finding(check, State.FAULT, saw, do)


def unknown(check: str, saw: str, do: str = "") -> Finding:
    """Say what couldn't be looked at."""
    return Finding(check, State.UNKNOWN, saw, do)
