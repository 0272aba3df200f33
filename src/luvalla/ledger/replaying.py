"""Doing again what the ledger of erasures says, in a database that a backup has brought back.

Rooms say how their operations are done again; nothing of it is written to the ledger of erasures a second time.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.db import DatabaseError, transaction

from luvalla.ledger.erasures import Line, Operation, ledger_place, read_lines
from luvalla.ledger.errors import ErasuresGap, Gap
from luvalla.ledger.models import ErasuresMark
from luvalla.rules.ports import Registry

Replayer = Callable[[Line], int]
"""Does a line's operation again, in the caller's transaction, and tells how many rows it changed."""
replayers: Registry[Replayer] = Registry("replayer")
"""By the value of the operation."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A line whose effect isn't in the restored database, and random references of the rows that show it."""

    line: Line
    refs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it as "7 restrict 0c4f...": number, operation, references."""
        return " ".join((str(self.line.seq), self.line.entry.operation.value, *self.refs))


class Proof(Protocol):
    """One room's look for the effect of each line, begun before the replay and finished after it."""

    def effects(self) -> int:
        """Tell how many effects are looked for."""

    def missed(self) -> Iterator[Missed]:
        """Name the lines whose effect isn't there."""


Prover = Callable[[Sequence[Line]], Proof]
"""Begins a room's proof of lines that are to be done again, while the database is still the backup's."""
provers: Registry[Prover] = Registry("prover")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done again: lines by operation, rows changed, and the last line."""

    lines: dict[str, int]
    rows: int
    last: int
    effects: int = 0
    """How many effects of the lines were looked for afterwards."""
    missed: tuple[str, ...] = ()
    """Those that weren't there."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last line of the ledger of erasures that a database knows: 0 for none, -1 where there is no database."""

    seq: int = -1
    mac: str = ""


def known_here() -> Known:
    """Tell what the database that is here knows of the ledger; one that isn't there yet knows nothing."""
    try:
        mark = ErasuresMark.objects.first()
    except DatabaseError:
        return Known()
    return Known(mark.seq, bytes(mark.mac).hex()) if mark else Known(0)


def lines_since(seq: int, mac: str, *, replaced: Known = Known()) -> list[Line]:
    """Give the lines that a database which knows the ledger up to `seq` has to be told.

    replaced: what the database knew in whose place the backup was put, so that a ledger whose newest lines are missing
    is noticed. Raises ErasuresGap when the ledger isn't there, doesn't hold one of the two lines any more, ends before
    it or has another one there, and ErasuresBroken where a line was changed.
    """
    if not ledger_place().exists() and (seq, replaced.seq) != (0, 0):
        raise ErasuresGap(Gap.MISSING)
    lines = list(read_lines())
    first = lines[0].seq if lines else 0
    if replaced.seq > max(first - 1, 0):
        _check_reaches(lines, replaced)
    if seq == 0 and not any(line.entry.operation is Operation.BEGIN for line in lines):
        return lines
    known = next((line for line in lines if line.seq == seq), None)
    if known is None:
        raise ErasuresGap(Gap.BEGINS_LATER if seq < first else Gap.ENDS_EARLIER)
    if not hmac.compare_digest(known.mac.hex(), mac):
        raise ErasuresGap(Gap.ANOTHER)
    return [line for line in lines if line.seq > seq]


def _check_reaches(lines: list[Line], known: Known) -> None:
    line = next((each for each in lines if each.seq == known.seq), None)
    if line is None:
        raise ErasuresGap(Gap.CUT)
    if not hmac.compare_digest(line.mac.hex(), known.mac):
        raise ErasuresGap(Gap.ANOTHER)


def replay(lines: list[Line]) -> Replayed:
    """Do the lines' operations again, each in a transaction, then look for the effect of each in the database.

    Doing a line again once more does no harm: what was interrupted, or not proved, begins at the same line.
    """
    proofs = [begin(lines) for begin in provers]
    replayed = _done_again(lines)
    missed = sorted((each for proof in proofs for each in proof.missed()), key=lambda each: each.line.seq)
    effects = sum(each.effects() for each in proofs)
    return replace(replayed, effects=effects, missed=tuple(map(str, missed)))


def _done_again(lines: list[Line]) -> Replayed:
    counts: Counter[str] = Counter()
    rows = 0
    for line in lines:
        operation = line.entry.operation
        replayer = replayers.get(operation.value)
        with transaction.atomic():
            if replayer is not None:
                rows += replayer(line)
            elif operation not in {Operation.BEGIN, Operation.KEY}:
                raise ErasuresGap(Gap.UNKNOWN_OPERATION)
            ErasuresMark.objects.update_or_create(pk=1, defaults={"seq": line.seq, "mac": line.mac})
        counts[operation.value] += 1
    return Replayed(dict(counts), rows, lines[-1].seq if lines else 0)
