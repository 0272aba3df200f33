"""Putting a backup back: close, restore, replay the ledger of erasures, prove, open.

0. Read: the whole backup into nothing, to see that this installation has made it, before anything is touched.
1. Close: the marker of the quarantine stands before anything is changed.
2. Restore: the database in one step, then the folders.
3. Replay: every line of the ledger of erasures after the last one the backup knows, each once and for good only when
   its effect was found in the restored database.
4. Prove: the checks of the claims about erasure, restriction and suppression are made on it.
5. Open: the chain of the ledger gets its head from the restored database, with a row that says so.

What fails leaves the installation closed with its reason; the same step can be tried again.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction

from luvalla.ledger import quarantine
from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.backups import postgresql, sqlite
from luvalla.ledger.backups.authenticity import check_authentic
from luvalla.ledger.backups.container import LARGEST_PIECE, Key, Payload, Sink, read_backup
from luvalla.ledger.backups.errors import BackupError, DatabaseInUse, NotABackup, OtherEngine
from luvalla.ledger.backups.making import MANIFEST, kept_folders
from luvalla.ledger.backups.manifest import Manifest
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.erasures_upkeep import complete_from_copy
from luvalla.ledger.errors import ErasuresBroken, ErasuresGap, KeysAhead, Quarantined
from luvalla.ledger.head import head_place
from luvalla.ledger.key_changes import announce_keys
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerSeal
from luvalla.ledger.quarantine import Quarantine, Stage
from luvalla.ledger.rekeying import rekey_tokens
from luvalla.ledger.replaying import Known, Replayed, done_so_far, known_here, lines_since, replay
from luvalla.rules.ports import Verdict, claims

VERB: Final = "ledger.restore"
PROOFS: Final = ("S18", "S42", "S48", "X2")
"""Claims that have to hold on the restored database before it is opened."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back and opened."""

    made_at: datetime
    replayed: Replayed


def restore(*, place: Path, key: Key, replace: bool, actor: Actor, may_be_unauthenticated: bool = False) -> Restored:
    """Put a backup back and open it; one that nobody has authenticated only where that may be, and it is noted.

    Raises BackupError with nothing changed, or KeysWrong, ErasuresGap, ErasuresBroken or NotProved with the
    installation closed; `reopen` goes on from there.
    """
    with alone():
        with place.open("rb") as file:
            payload = read_backup(file, key, _Nothing)
            check_authentic(payload, may_be_unauthenticated=may_be_unauthenticated)
            closed = _put_back(file, key, payload, replace=replace)
        return reopen(closed, actor=actor)


@contextmanager
def alone() -> Iterator[None]:
    """Keep a second restore out, or raise DatabaseInUse: they would write the same files, and open what isn't whole.

    The lock goes with its process, however it ends.
    """
    place = quarantine.marker_place().with_name("restoring.lock")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseInUse from None
        yield


def reopen(closed: Quarantine, *, actor: Actor) -> Restored:
    """Go on with a restored database that is closed: replay, prove, open.

    The caller is `alone`, and has asked for the quarantine since: another process may have opened it meanwhile.
    """
    closed = quarantine.move_on(closed, Stage.REPLAYING)
    call_command("migrate", verbosity=0, interactive=False)
    _bring_up_to_keys(actor)
    try:
        complete_from_copy()
        known = max(Known(closed.known_seq, closed.known_mac), done_so_far(closed.began_at), key=lambda each: each.seq)
        lines = lines_since(closed.seq, closed.mac, replaced=known)
        replayed = replay(lines, began_at=closed.began_at)
    except (ErasuresGap, ErasuresBroken) as fault:
        quarantine.move_on(closed, Stage.GAP, fault.why if isinstance(fault, ErasuresGap) else fault.fault)
        raise
    facts = {
        "lines": replayed.lines, "rows": replayed.rows, "effects": replayed.effects, "missed": len(replayed.missed),
    }  # fmt: skip
    open_again(closed, facts=facts, missed=replayed.missed, actor=actor)
    return Restored(closed.backup_made_at, replayed)


def _bring_up_to_keys(actor: Actor) -> None:
    """See that the keys are the database's; a backup older than a change of the token key goes through it again."""
    try:
        check_keys()
    except KeysAhead:
        rekey_tokens(actor=actor)
        check_keys()


class NotProved(BackupError):
    """A check on the restored database is broken. Carries the ids of the claims, and the lines without their effect."""

    def __init__(self, broken: Sequence[str], missed: Sequence[str] = ()) -> None:
        """Keep them; a line is named by its number, its operation and random references."""
        super().__init__(", ".join((*broken, *missed)))
        self.broken, self.missed = broken, missed


def open_again(closed: Quarantine, *, facts: dict[str, object], missed: Sequence[str] = (), actor: Actor) -> None:
    """Prove the restored database and open it; NotProved leaves it closed."""
    head_place().unlink(missing_ok=True)  # it names a link of the database that was replaced
    with transaction.atomic():
        made_at = closed.backup_made_at.isoformat()
        seals = LedgerSeal.objects.count()
        of_backup = {"backup_made_at": made_at, "authenticated": closed.is_authenticated, "from": closed.seq}
        record(VERB, actor=actor, facts={**of_backup, "seals": seals, **facts})
        announce_keys(actor=actor)
    seal_rows(everything=True)
    broken = [] if missed else broken_claims()
    if broken or missed:
        fault = NotProved(broken, missed)
        quarantine.move_on(closed, Stage.UNPROVED, str(fault))
        raise fault
    quarantine.leave()


def broken_claims() -> list[str]:
    """Name the claims about what must not come back that are broken now."""
    found = ((name, claims.get(name)) for name in PROOFS)
    return [name for name, claim in found if claim is not None and claim.check().verdict is Verdict.BROKEN]


def _put_back(file: IO[bytes], key: Key, payload: Payload, *, replace: bool) -> Quarantine:
    """Take the backup that was authenticated; NotABackup where the file is another one meanwhile."""
    taking = _Taking(payload, replace=replace)
    try:
        return taking.finish(read_backup(file, key, taking.open))
    except BaseException:
        taking.discard()
        raise


def _known_so_far() -> Known:
    """Tell the last line known to the database that is to be replaced, or to one that a closed backup has replaced."""
    try:
        before = quarantine.current()
    except Quarantined:
        before = None
    earlier = Known(before.known_seq, before.known_mac) if before is not None else Known()
    is_there = connection.vendor != "sqlite" or sqlite.database_place().exists()
    here = known_here() if is_there else Known()
    return max(earlier, here, key=lambda each: each.seq)


class _Taking:
    """Takes the members of a backup: the manifest first, then the database, then files."""

    def __init__(self, payload: Payload, *, replace: bool) -> None:
        self._payload, self._replace, self._known = payload, replace, _known_so_far()
        self._manifest: _Memory | None = None
        self._database: sqlite.DatabaseSink | postgresql.TablesSink | None = None
        self._files = Path(settings.LUVALLA_HOME) / "restoring"
        shutil.rmtree(self._files, ignore_errors=True)

    def open(self, name: str) -> Sink:
        """Give what takes the member of that name; NotABackup for one that can't be."""
        if self._manifest is None:
            if name != MANIFEST:
                raise NotABackup
            self._manifest = _Memory()
            return self._manifest
        if name == "database" and self._database is None:
            self._database = sqlite.DatabaseSink() if self._is_ready("sqlite") else None
        elif name.startswith(postgresql.PREFIX):
            if self._database is None and self._is_ready("postgresql"):
                self._database = postgresql.TablesSink(self.manifest())
            if isinstance(self._database, postgresql.TablesSink):
                return self._database.table(name.removeprefix(postgresql.PREFIX))
        else:
            return self._file(PurePosixPath(name))
        if self._database is None or not isinstance(self._database, sqlite.DatabaseSink):
            raise NotABackup
        return self._database

    def manifest(self) -> Manifest:
        """Give the manifest once it has come."""
        if self._manifest is None:
            raise NotABackup
        return Manifest.from_json(self._manifest.content())

    def finish(self, read: Payload) -> Quarantine:
        """Put everything into its place, and tell what is known of it while it is closed.

        NotABackup where what was read isn't what was authenticated.
        """
        if self._database is None or read != self._payload:
            raise NotABackup
        closed = self._close()
        self._database.put_into_place()
        ContentType.objects.clear_cache()  # the numbers are the backup's now, and may be others
        home = Path(settings.LUVALLA_HOME)
        for folder in kept_folders():
            shutil.rmtree(home / folder, ignore_errors=True)
            if (self._files / folder).exists():
                (self._files / folder).replace(home / folder)
        shutil.rmtree(self._files, ignore_errors=True)
        return closed

    def discard(self) -> None:
        """Leave what was taken so far."""
        if self._database is not None:
            self._database.discard()
        shutil.rmtree(self._files, ignore_errors=True)

    def _is_ready(self, engine: str) -> bool:
        """See that the database may be replaced by this backup."""
        if connection.vendor != engine or self.manifest().engine != engine:
            raise OtherEngine(self.manifest().engine)
        (sqlite if engine == "sqlite" else postgresql).make_room(replace=self._replace)
        if engine == "postgresql":
            self._close()  # its tables are made anew from here on
        return True

    def _close(self) -> Quarantine:
        manifest = self.manifest()
        closed = Quarantine(
            Stage.RESTORING,
            datetime.now(UTC),
            manifest.made_at,
            manifest.erasures_seq,
            manifest.erasures_mac,
            known_seq=self._known.seq,
            known_mac=self._known.mac,
            is_authenticated=self._payload.mac is not None,
        )
        quarantine.close(closed)
        return closed

    def _file(self, name: PurePosixPath) -> Sink:
        """Begin a file, each once. Whoever knows a public key can make a backup: its names are nobody's word."""
        if name.is_absolute() or ".." in name.parts or name.parts[:-1][:1] not in {(each,) for each in kept_folders()}:
            raise NotABackup
        place = self._files / name
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return place.open("xb")
        except (FileExistsError, NotADirectoryError, ValueError):
            raise NotABackup from None
        except OSError as fault:
            if fault.errno == errno.ENAMETOOLONG:
                raise NotABackup from None
            raise


class _Nothing:
    """Takes a member and keeps nothing of it."""

    def __init__(self, name: str) -> None:
        """Whatever it is called."""

    def write(self, piece: bytes) -> None:
        """Let it go."""

    def close(self) -> None:
        """Nothing more comes."""


class _Memory:
    """Keeps a small member."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        """Take a piece; NotABackup for more than a small member has."""
        self._pieces.append(piece)
        if sum(map(len, self._pieces)) > LARGEST_PIECE:
            raise NotABackup

    def close(self) -> None:
        """Nothing more comes."""

    def content(self) -> bytes:
        """Give all of it."""
        return b"".join(self._pieces)
