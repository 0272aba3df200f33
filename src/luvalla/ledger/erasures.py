"""The ledger of erasures: what a restored backup must not undo, in a file outside the database (GDPR 17, 18, 21).

One line of JSON for each operation, numbered, each authenticated together with the line before it:

    {"seq": 7, "at": "2026-11-24T08:00:00.000000+00:00", "operation": "erase", "tokens": ["9c1f..."], "keys": 1,
     "value": "", "mac": "..."}

`tokens` are folded or domain tokens of key generation `keys`; `value` is the operation's own: the sum of prohibited
kinds, the restriction's reason, what is lifted, a correction's addresses (sealed), whose account was shut. A line
is on the disk before the stop it belongs to commits. A process that dies while writing leaves half a line, whose stop
has not committed: the next writer cuts it off and says so.

Lines made with a later ledger key than the first also say which, as "mac_key"; it never grows less. Taking a new key
into use is a line itself, of the operation "key".

What is 35 days old goes (erasures_upkeep.py): no backup is so old. The file then begins with a line that carries the
chain on: its number and `mac` are those of the last line that went, and its `value` authenticates both.

The file lies at LUVALLA_HOME/erasures/ledger.jsonl or where LUVALLA_ERASURES says; LUVALLA_ERASURES_COPY names a second
one on another disk, which is brought up to the first after each write.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection

from luvalla.ledger.errors import ErasuresBroken, ErasuresUnwritable, LedgerError
from luvalla.ledger.models import ErasuresMark
from luvalla.ledger.vault import keyring

SUBJECT: Final = b"luvalla ledger of erasures|"
TAIL_BYTES: Final = 65536
TOKENS_A_LINE: Final = 500
"""A line has to be shorter than what is read of the file's end: more tokens take several lines."""
log = logging.getLogger(__name__)


class Operation(StrEnum):
    """What was done, and is done again after a backup was restored."""

    ERASE = "erase"
    SUPPRESS = "suppress"
    PROHIBIT = "prohibit"
    RESTRICT = "restrict"
    LIFT = "lift"
    RECTIFY = "rectify"
    FORGET = "forget"
    REVOKE = "revoke"
    CLOSE = "close"
    BEGIN = "begin"
    """No operation: the first line of a ledger whose older lines have gone."""
    KEY = "key"
    """No operation: from this line on a new ledger key authenticates."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation on tokens of 32 bytes each, with its own value."""

    operation: Operation
    tokens: tuple[bytes, ...]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it stands in the file."""

    seq: int
    at: datetime
    entry: Entry
    keys: int
    """How many token keys there were: tokens are brought up to today's with Sealer.rekeyed(token, keys)."""
    mac: bytes
    mac_key: int = 1
    """Which ledger key authenticates it, in the order they were taken into use."""


def ledger_place() -> Path:
    """Tell where the ledger of erasures lies."""
    return Path(settings.LUVALLA_ERASURES or Path(settings.LUVALLA_HOME) / "erasures" / "ledger.jsonl")


def copy_place() -> Path | None:
    """Tell where its second copy lies; None when there is none."""
    return Path(settings.LUVALLA_ERASURES_COPY) if settings.LUVALLA_ERASURES_COPY else None


def append(entries: Sequence[Entry]) -> int:
    """Put operations on the disk, inside the transaction they belong to and before its commit; tell the last number.

    Raises ErasuresUnwritable when that can't be done: the caller's transaction must then not commit.
    """
    if not connection.in_atomic_block:
        message = "the ledger of erasures is written inside the transaction of its stop"
        raise LedgerError(message)
    place = ledger_place()
    try:
        with opened(place) as file:
            _catch_up_with_copy(file, place)
            last = _write(file, entries)
            _bring_copy_up(place)
    except OSError as fault:
        log.error("the ledger of erasures could not be written: %s", type(fault).__name__)  # noqa: TRY400  # paths stay out
        raise ErasuresUnwritable from None
    _note_mark(last)
    return last.seq


def read_lines(place: Path | None = None) -> Iterator[Line]:
    """Read the whole ledger, authenticating line by line; ErasuresBroken names the first one that doesn't hold.

    Half a line at the end is no line yet, and passed over.
    """
    source = place or ledger_place()
    if not source.exists():
        return
    keys, last = keyring().ledger_keys, None
    with source.open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            last = _checked(_parse(raw, last.seq + 1 if last else 1), last, keys)
            yield last


def beginning(last_gone: Line, keys: Sequence[bytes]) -> bytes:
    """Spell the first line of a ledger whose lines up to that one have gone."""
    value = _beginning_mac(last_gone.seq, last_gone.mac, keys[last_gone.mac_key - 1]).hex()
    return _spelled(replace(last_gone, entry=Entry(Operation.BEGIN, (), value)))


def _checked(line: Line, last: Line | None, keys: Sequence[bytes]) -> Line:
    """Give the line when it is authentic and follows the last one; ErasuresBroken otherwise."""
    expected = last.seq + 1 if last else 1
    if not (last.mac_key if last else 1) <= line.mac_key <= len(keys):
        raise ErasuresBroken(expected, "changed")
    key = keys[line.mac_key - 1]
    if last is None and line.entry.operation is Operation.BEGIN:
        if hmac.compare_digest(line.entry.value, _beginning_mac(line.seq, line.mac, key).hex()):
            return line
        raise ErasuresBroken(expected, "changed")
    if line.seq != expected:
        raise ErasuresBroken(expected, "removed")
    if not hmac.compare_digest(line.mac, _mac(key, last.mac if last else b"", _said(line))):
        raise ErasuresBroken(expected, "changed")
    return line


def _beginning_mac(seq: int, mac: bytes, key: bytes) -> bytes:
    return hmac.digest(key, SUBJECT + b"begin|" + seq.to_bytes(8, "big") + mac, "sha256")


def lines_after(seq: int) -> Iterator[Line]:
    """Read the operations that a database brought back from a backup, whose last number is `seq`, must do again."""
    return (line for line in read_lines() if line.seq > seq)


def _note_mark(last: Line) -> None:
    """Note in the database how far the file had come: never backwards, whichever of two first writers is first."""
    older = ErasuresMark.objects.filter(pk=1, seq__lt=last.seq)
    if not older.update(seq=last.seq, mac=last.mac):
        ErasuresMark.objects.bulk_create([ErasuresMark(pk=1, seq=last.seq, mac=last.mac)], ignore_conflicts=True)
        older.update(seq=last.seq, mac=last.mac)


@contextmanager
def opened(place: Path) -> Iterator[IO[bytes]]:
    """Open the file for the one writer of the moment and cut off what a dead one left half written."""
    is_new = not place.exists()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(place) as file:
        if is_new:
            sync_folder(place.parent)
        _cut_half_line(file)
        yield file


def _locked(place: Path) -> IO[bytes]:
    """Open and lock the file that stands at the place: while one waited for the lock, a shorter one may have come."""
    while True:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        if place.exists() and place.stat().st_ino == os.fstat(descriptor).st_ino:
            return file
        file.close()


def _cut_half_line(file: IO[bytes]) -> None:
    end = file.seek(0, os.SEEK_END)
    tail = _tail(file, end)
    whole = tail.rfind(b"\n") + 1
    if len(tail) == whole:
        return
    log.warning("the ledger of erasures ended in half a line, whose stop had not committed: it was cut off")
    file.truncate(end - len(tail) + whole)


def _write(file: IO[bytes], entries: Sequence[Entry]) -> Line:
    """Write the lines in one piece and wait until they are on the disk; a failed write leaves nothing behind."""
    keys, end = keyring(), file.seek(0, os.SEEK_END)
    last, written = _last_line(file, end), list[bytes]()
    for entry in _in_lines(entries):
        seq, before = (last.seq + 1, last.mac) if last else (1, b"")
        unsigned = Line(seq, datetime.now(UTC), entry, len(keys.token_keys), b"", len(keys.ledger_keys))
        last = replace(unsigned, mac=_mac(keys.ledger_key, before, _said(unsigned)))
        written.append(_spelled(last))
    if last is None:
        message = "nothing was to be written to the ledger of erasures"
        raise LedgerError(message)
    try:
        _put(file, b"".join(written))
    except OSError:
        file.truncate(end)
        raise
    return last


def _in_lines(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Give each entry as one that fits a line, or as several."""
    for entry in entries:
        for at in range(0, max(1, len(entry.tokens)), TOKENS_A_LINE):
            yield replace(entry, tokens=entry.tokens[at : at + TOKENS_A_LINE])


def _put(file: IO[bytes], written: bytes) -> None:
    """Write to the end of the file and wait until it is on the disk; OSError when the disk takes only a part."""
    if written and file.write(written) != len(written):
        raise OSError
    os.fsync(file.fileno())


def _last_line(file: IO[bytes], end: int) -> Line | None:
    raw = _tail(file, end).splitlines(keepends=True)
    return _parse(raw[-1], 0) if raw else None


def _tail(file: IO[bytes], end: int) -> bytes:
    start = max(0, end - TAIL_BYTES)
    file.seek(start)
    return file.read(end - start)


def _said(line: Line) -> dict[str, object]:
    return {
        "seq": line.seq,
        "at": line.at.isoformat(timespec="microseconds"),
        "operation": line.entry.operation.value,
        "tokens": [each.hex() for each in line.entry.tokens],
        "keys": line.keys,
        "value": line.entry.value,
        **({"mac_key": line.mac_key} if line.mac_key > 1 else {}),
    }


def _mac(key: bytes, before: bytes, said: dict[str, object]) -> bytes:
    return hmac.digest(key, SUBJECT + before + json.dumps(said, sort_keys=True).encode(), "sha256")


def _spelled(line: Line) -> bytes:
    return json.dumps({**_said(line), "mac": line.mac.hex()}).encode() + b"\n"


def _parse(raw: bytes, expected: int) -> Line:
    try:
        read = json.loads(raw)
        tokens = tuple(bytes.fromhex(each) for each in read["tokens"])
        entry = Entry(Operation(read["operation"]), tokens, read["value"])
        at = datetime.fromisoformat(read["at"])
        return Line(
            int(read["seq"]), at, entry, int(read["keys"]), bytes.fromhex(read["mac"]), int(read.get("mac_key", 1))
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ErasuresBroken(expected, "unreadable") from None


def _catch_up_with_copy(file: IO[bytes], place: Path) -> None:
    """Take from the copy what the file lacks: the file's disk was put back to an older state."""
    copy = copy_place()
    if copy is None or not copy.exists():
        return
    missing = _beyond(place.stat().st_size, longer=copy, shorter=place)
    if missing and holds(copy):
        log.warning("the ledger of erasures was shorter than its copy and has been completed from it")
        _put(file, missing)
        _cut_half_line(file)


def catch_up() -> None:
    """Take from the copy what the ledger lacks, where the copy goes on from it."""
    place = ledger_place()
    if place.exists():
        with opened(place) as file:
            _catch_up_with_copy(file, place)


def ensure_there() -> None:
    """Make the file of a ledger in which nothing has had to be yet: one that is missing later was lost."""
    place = ledger_place()
    if not place.exists() and not ErasuresMark.objects.exists():
        with opened(place):
            pass


def holds(place: Path) -> bool:
    """Tell whether every line of a ledger is authentic and none is missing; a broken one is told."""
    try:
        return all(True for _ in read_lines(place))
    except ErasuresBroken:
        log.warning("the copy of the ledger of erasures is broken and was not used")
        return False


def _bring_copy_up(place: Path) -> None:
    """Write to the copy what it lacks; a copy that can't be written waits for the next time, and doctor tells."""
    copy = copy_place()
    if copy is None:
        return
    try:
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with opened(copy) as file:
            _put(file, _beyond(copy.stat().st_size, longer=place, shorter=copy))
    except OSError as fault:
        log.warning("the copy of the ledger of erasures could not be written: %s", type(fault).__name__)


def _beyond(size: int, *, longer: Path, shorter: Path) -> bytes:
    """Give the bytes of the longer file after the end of the shorter; none when the two don't tell the same story."""
    start = max(0, size - TAIL_BYTES)
    with longer.open("rb") as first, shorter.open("rb") as second:
        first.seek(start)
        second.seek(start)
        return first.read() if first.read(size - start) == second.read(size - start) else b""


def sync_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
