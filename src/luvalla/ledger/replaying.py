"""Doing again what the ledger of erasures says, in a database that a backup has brought back.

Rooms say how their operations are done again; nothing of it is written to the ledger of erasures a second time.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from django.db import DatabaseError, transaction

from luvalla.ledger.erasures import Line, Operation, ledger_place, read_lines
from luvalla.ledger.errors import ErasuresGap, Gap
from luvalla.ledger.models import ErasuresMark, Replay
from luvalla.rules.ports import Registry

AT_ONCE: Final = 2000
"""How many lines are carried out again and proved in one transaction: a minute or two of work is lost at most."""
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


def done_so_far(began_at: datetime) -> Known:
    """Tell the last line that was carried out again for good by the restore that began then; -1 when none was."""
    done = _progress(began_at)
    return Known(done.seq, bytes(done.mac).hex()) if done else Known()


def replay(lines: Sequence[Line], *, began_at: datetime) -> Replayed:
    """Do the lines' operations again, look for the effect of each in the database, and note how far it has come.

    Many lines are one transaction with their proof and the note: what was interrupted, or not proved, leaves nothing
    of them, and the next call begins behind the last line that is done. None is ever carried out a second time: after
    "A is corrected to B, C is corrected to A" the first of the two would take C along.

    lines: all since the backup. began_at: when the restore began.
    """
    done = _progress(began_at) or Replay(pk=1, began_at=began_at, seq=0, mac=b"", rows=0, effects=0)
    rest = [line for line in lines if line.seq > done.seq]
    missed: tuple[str, ...] = ()
    for begin in range(0, len(rest), AT_ONCE):
        some = rest[begin : begin + AT_ONCE]
        with transaction.atomic():
            missed = _carry_out(some, done)
            if missed:
                transaction.set_rollback(True)
                break
            done.save()
    counts = Counter(line.entry.operation.value for line in lines)
    return Replayed(dict(counts), done.rows, lines[-1].seq if lines else 0, done.effects, missed)


def _progress(began_at: datetime) -> Replay | None:
    return Replay.objects.filter(pk=1, began_at=began_at).first()


def _carry_out(lines: Sequence[Line], done: Replay) -> tuple[str, ...]:
    """Do lines again and prove them; count it, and name those without their effect."""
    proofs = [begin(lines) for begin in provers]
    done.rows += sum(map(_done_again, lines))
    missed = sorted((each for proof in proofs for each in proof.missed()), key=lambda each: each.line.seq)
    done.effects += sum(each.effects() for each in proofs)
    done.seq, done.mac = lines[-1].seq, lines[-1].mac
    ErasuresMark.objects.update_or_create(pk=1, defaults={"seq": done.seq, "mac": done.mac})
    return tuple(map(str, missed))


def _done_again(line: Line) -> int:
    operation = line.entry.operation
    replayer = replayers.get(operation.value)
    if replayer is not None:
        return replayer(line)
    if operation not in {Operation.BEGIN, Operation.KEY}:
        raise ErasuresGap(Gap.UNKNOWN_OPERATION)
    return 0
