"""What a worker notes at once: which letters it began, and what was answered.

The database learns of outcomes a window at a time. A worker that is killed in between leaves this small file, one a
worker, unsynced: what was never begun goes again, what was answered is recorded, and only letters on the wire at that
moment, at most the pipeline of each connection, are unknown. It holds contact ids and codes, nothing else. Its space is
reserved when it is made, so that a full disk doesn't silence it.

The file: a head; the contact ids of the window; the attempt of each; a mark for each; the answers that marks stand for.
"""

from __future__ import annotations

import mmap
import os
from array import array
from collections.abc import Collection, Sequence
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple, Protocol

from luvalla.mailroom.owners import is_surely_gone
from luvalla.sending.outcome import Kind, Outcome, Reason

HEAD: Final = Struct("<QQ")
"""Window, counted from 1, and its letters. 0 while a window is being written down: of that one nothing has begun."""
ANSWER: Final = Struct("<BBH9s3x")
"""Kind, reason, reply code, enhanced status."""
A_LETTER: Final = 8 + 2 + 2
"""Bytes of a letter's contact id, attempt and mark."""
NOT_BEGUN, BEGUN, FIRST_ANSWER = 0, 1, 2
"""Marks. From FIRST_ANSWER on they count answers."""
MOST_MARK: Final = 0xFFFF
RESERVED_BYTES: Final = 1 << 16
OUTDATED: Final = 86_400.0
"""Seconds after which a file that nobody takes over is of no use."""
KINDS: Final = tuple(Kind)
REASONS: Final = tuple(Reason)
KIND_NUMBERS: Final = {kind: number for number, kind in enumerate(KINDS)}
REASON_NUMBERS: Final = {reason: number for number, reason in enumerate(REASONS)}


class Letter(Protocol):
    """What the journal has to know of a claimed letter."""

    @property
    def contact_id(self) -> int:
        """Tell whom it is for."""

    @property
    def attempt(self) -> int:
        """Tell which attempt it is."""


class Noted(NamedTuple):
    """The last thing noted of a letter: its attempt, and its outcome or None while there was no answer."""

    attempt: int
    outcome: Outcome | None


class Journal:
    """The file of one worker. Each window begins at its start again: the notes before are in the database by then.

    It is written through mapped memory: a note costs no system call, and the kernel keeps it when the process dies.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        """Make the file for a worker of that name and reserve its space."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / owner
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._file, 0, RESERVED_BYTES)
        self._notes = mmap.mmap(self._file, RESERVED_BYTES)
        self._window = 0
        self._marks = memoryview(b"")
        self._answers_at = 0
        self._answers: dict[Outcome, int] = {}

    def begin_window(self, letters: Sequence[Letter]) -> None:
        """Write down the letters of the next window; from here on they are known by their places in it."""
        count, notes = len(letters), self._room_for(len(letters))
        HEAD.pack_into(notes, 0, 0, 0)  # until all of it stands there
        marks_at = HEAD.size + 10 * count
        attempts = array("H", [each.attempt for each in letters])
        notes[HEAD.size : marks_at] = array("Q", [each.contact_id for each in letters]).tobytes() + attempts.tobytes()
        notes[marks_at : marks_at + 2 * count] = bytes(2 * count)
        self._marks = memoryview(notes)[marks_at : marks_at + 2 * count].cast("H")
        self._answers_at = HEAD.size + A_LETTER * count
        self._answers.clear()
        self._window += 1
        HEAD.pack_into(notes, 0, self._window, count)

    def note_begun(self, places: Sequence[int]) -> None:
        """Note letters whose MAIL commands are about to be written."""
        marks = self._marks
        for place in places:
            marks[place] = BEGUN

    def note_outcome(self, places: Sequence[int], outcome: Outcome) -> None:
        """Note letters that were answered or given up."""
        mark = self._answers.get(outcome)
        if mark is None:
            mark = self._answers[outcome] = self._note_answer(outcome)
        marks = self._marks
        for place in places:
            marks[place] = mark

    def remove(self) -> None:
        """Close and remove the file: everything in it is recorded."""
        self._marks.release()
        self._notes.close()
        os.close(self._file)
        self.path.unlink(missing_ok=True)

    def _room_for(self, letters: int) -> mmap.mmap:
        """Give the file, grown where a window needs more than was reserved: all its answers may differ."""
        self._marks.release()
        needed = HEAD.size + letters * (A_LETTER + ANSWER.size)
        while len(self._notes) < needed:
            size = 2 * len(self._notes)
            os.posix_fallocate(self._file, 0, size)
            self._notes.resize(size)
        return self._notes

    def _note_answer(self, outcome: Outcome) -> int:
        """Write an answer down and give its mark; BEGUN, which makes it unknown, when there is no room for another."""
        number = len(self._answers)
        place = self._answers_at + number * ANSWER.size
        if place + ANSWER.size > len(self._notes) or number + FIRST_ANSWER > MOST_MARK:
            return BEGUN
        kind, reason = KIND_NUMBERS[outcome.kind], REASON_NUMBERS[outcome.reason]
        ANSWER.pack_into(self._notes, place, kind, reason, outcome.code, outcome.status.encode())
        return number + FIRST_ANSWER


def read_journal(folder: Path, owner: str) -> dict[int, Noted] | None:
    """Read what a worker noted of the letters it began in its last window, by contact id.

    None when it left no file on this machine.
    """
    try:
        content = (folder / owner).read_bytes()
    except FileNotFoundError:
        return None
    _, count = HEAD.unpack_from(content)
    ids_end, marks_at, answers_at = (HEAD.size + each * count for each in (8, 10, A_LETTER))
    contacts = array("Q", content[HEAD.size : ids_end])
    attempts, marks = array("H", content[ids_end:marks_at]), array("H", content[marks_at:answers_at])
    return {
        contact: Noted(attempt, _outcome(content, answers_at, mark))
        for contact, attempt, mark in zip(contacts, attempts, marks, strict=True)
        if mark != NOT_BEGUN
    }


def remove_journal(folder: Path, owner: str) -> None:
    """Remove the file of a worker whose shard was taken over."""
    (folder / owner).unlink(missing_ok=True)


def sweep_journals(folder: Path, *, holders: Collection[str], now: float) -> int:
    """Remove what ended workers left that hold no shard; of those on other machines, what is older than a day.

    now: seconds since the epoch. Tells how many files went.
    """
    left = [each for each in folder.iterdir() if each.name not in holders] if folder.is_dir() else []
    gone = [each for each in left if is_surely_gone(each.name) or now - each.stat().st_mtime > OUTDATED]
    for each in gone:
        each.unlink(missing_ok=True)
    return len(gone)


def _outcome(content: bytes, answers_at: int, mark: int) -> Outcome | None:
    if mark == BEGUN:
        return None
    kind, reason, code, status = ANSWER.unpack_from(content, answers_at + (mark - FIRST_ANSWER) * ANSWER.size)
    return Outcome(KINDS[kind], code, status.rstrip(b"\0").decode(), REASONS[reason])
