"""Upkeep of the ledger of erasures: old lines go, and the file and its copy mend each other.

A line is needed until every backup made before it is gone (35 days). Then it goes, with the tokens of those who were
forgotten altogether and the addresses of corrections: nothing outside the suppressions leads to anybody any more.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from luvalla.ledger.erasures import (
    Line,
    beginning,
    catch_up,
    copy_place,
    holds,
    ledger_place,
    opened,
    read_lines,
    sync_folder,
)
from luvalla.ledger.errors import ErasuresBroken, ErasuresGap, Gap
from luvalla.ledger.models import ErasuresMark
from luvalla.ledger.vault import keyring
from luvalla.rules.retention import BACKUP

MARGIN: Final = timedelta(days=1)
log = logging.getLogger(__name__)


class Condition(StrEnum):
    """How a file of the ledger of erasures stands."""

    WHOLE = "whole"
    BEHIND = "behind"
    """It holds, but lacks lines that the other file or the database has."""
    OTHER = "other"
    """It holds, but tells another story than the other file."""
    BROKEN = "broken"
    MISSING = "missing"
    NOT_SET = "not set"
    """There is no second place: LUVALLA_ERASURES_COPY names none."""


@dataclass(frozen=True, slots=True)
class State:
    """How the ledger of erasures and its copy stand."""

    ledger: Condition
    copy: Condition
    lines: int
    last: int
    """The number of the last line."""

    def is_well(self) -> bool:
        """Tell whether an erasure would survive the loss of one disk."""
        return self.ledger is Condition.WHOLE and self.copy is Condition.WHOLE


def look() -> State:
    """Read both files through and tell how they stand; `doctor` shows it."""
    ledger, copy = _read(ledger_place()), _read(copy_place())
    lines = ledger.lines or []
    last = lines[-1].seq if lines else 0
    return State(_of_ledger(ledger), _of_copy(ledger, copy), len(lines), last)


def mend() -> State:
    """Make a missing, broken or shorter file whole from the other one, where that one holds; tell how they stand then.

    The database's own mark decides which of two stories is told: nothing is taken from a file that ends before it.
    """
    copy = copy_place()
    if copy is None:
        return look()
    catch_up()  # a copy that goes on from the ledger is not overwritten by it
    before = look()
    if before.ledger is Condition.WHOLE and before.copy is not Condition.WHOLE:
        _replace(copy, ledger_place().read_bytes() if ledger_place().exists() else b"")
        log.warning("the copy of the ledger of erasures was %s and has been written anew", before.copy)
    elif before.ledger is not Condition.WHOLE and _reaches_mark(_read(copy)):
        _replace(ledger_place(), copy.read_bytes())
        log.warning("the ledger of erasures was %s and has been written anew from its copy", before.ledger)
    return look()


def complete_from_copy() -> None:
    """See that the ledger has all that its copy has, before a restored backup is told what was done since it.

    Raises ErasuresGap where the two go on differently: then nobody can tell which of them has lost something.
    """
    copy = copy_place()
    if copy is None or not copy.exists():
        return
    catch_up()
    ledger, second = _read(ledger_place()), _read(copy)
    if second.lines is None:
        return
    if ledger.lines is None:
        _replace(ledger_place(), copy.read_bytes())
    elif not (_has_end_of(second, ledger) or _has_end_of(ledger, second)):
        raise ErasuresGap(Gap.TWO_STORIES)


def prune(now: datetime) -> int:
    """Let go the lines that no backup can need any more, in the file and its copy; tell how many.

    Nothing is done to a ledger that doesn't hold.
    """
    place, copy = ledger_place(), copy_place()
    if not place.exists() or not holds(place):
        return 0
    with opened(place) as file:
        file.seek(0)
        raws, lines = file.readlines(), list(read_lines(place))
        old = [line for line in lines if line.at < now - BACKUP - MARGIN]
        if len(old) <= 1 and len(old) == (lines[0].entry.operation.value == "begin" if lines else 0):
            return 0
        shorter = beginning(old[-1], keyring().ledger_keys) + b"".join(raws[len(old) :])
        for each in (copy, place):
            if each is not None:
                _replace(each, shorter)
    return len(old)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one file: its lines, or why not."""

    condition: Condition
    lines: list[Line] | None = None


def _read(place: Path | None) -> _Read:
    if place is None:
        return _Read(Condition.NOT_SET)
    if not place.exists():
        return _Read(Condition.MISSING)
    try:
        return _Read(Condition.WHOLE, list(read_lines(place)))
    except (ErasuresBroken, OSError):
        return _Read(Condition.BROKEN)


def _of_ledger(ledger: _Read) -> Condition:
    """A ledger that isn't there is whole as long as nothing was ever to be in it."""
    if ledger.condition is Condition.MISSING and not ErasuresMark.objects.exists():
        return Condition.WHOLE
    if ledger.condition is Condition.WHOLE and not _reaches_mark(ledger):
        return Condition.BEHIND
    return ledger.condition


def _of_copy(ledger: _Read, copy: _Read) -> Condition:
    if copy.condition is Condition.MISSING and not ledger.lines:
        return Condition.WHOLE
    if ledger.lines is None or copy.lines is None:
        return copy.condition
    if copy.lines == ledger.lines:
        return Condition.WHOLE
    is_shorter = len(copy.lines) < len(ledger.lines) and ledger.lines[: len(copy.lines)] == copy.lines
    return Condition.BEHIND if is_shorter else Condition.OTHER


def _reaches_mark(read: _Read) -> bool:
    """Tell whether a file has the last line that this database knows."""
    mark = ErasuresMark.objects.first()
    if mark is None:
        return read.lines is not None
    return any(line.seq == mark.seq and line.mac == bytes(mark.mac) for line in read.lines or ())


def _has_end_of(longer: _Read, shorter: _Read) -> bool:
    """Tell whether one file has the other's last line, and so, by the chain, all before it; an empty one has none."""
    last = shorter.lines[-1] if shorter.lines else None
    return last is None or any((each.seq, each.mac) == (last.seq, last.mac) for each in longer.lines or ())


def _replace(place: Path, content: bytes) -> None:
    """Put a new file in the place of the old one, in one step and on the disk."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(place)
    sync_folder(place.parent)


def begin_anew() -> None:
    """Take the ledger of erasures as it is for this database; one that doesn't hold is put aside and begun anew.

    Only for a restored backup without anybody in it who might have been erased: backups made before stay closed.
    """
    place, copy = ledger_place(), copy_place()
    if place.exists() and not holds(place):
        for each in (place, copy):
            if each is not None and each.exists():
                each.replace(each.with_name(f"{each.stem}.broken{each.suffix}"))
    last = next(iter(reversed(list(read_lines()))), None)
    ErasuresMark.objects.all().delete()
    if last is not None:
        ErasuresMark.objects.create(pk=1, seq=last.seq, mac=last.mac)
