"""Staging: what an export would change is written in small transactions, invisibly until one flip.

New contacts and permissions carry the batch; permissions that end carry it as their ending batch, and what is to be
forbidden waits in a table of its own. None of it counts before the batch is applied (facts.LIVE, prohibiting.py), so a
crash at any moment changes nothing that anybody sees.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

from django.db import IntegrityError
from django.utils import timezone

from luvalla.ledger.sealing import Sealer
from luvalla.ledger.vault import sealer
from luvalla.register.columns import CONTACT_ADDRESS, SOURCE_NOTICE
from luvalla.register.importing.ahead import Ahead
from luvalla.register.importing.bulk import Bulk, Grant, NewContact, bulk_of_connection
from luvalla.register.importing.comparing import Comparison, Group, Judged, Note
from luvalla.register.importing.errors import Lost
from luvalla.register.importing.export import Export
from luvalla.register.importing.faults import SAME_MAILBOX
from luvalla.register.importing.lanes import Lanes, open_lanes
from luvalla.register.importing.pace import Pace
from luvalla.register.importing.preparing import Chunk, Prepared, Preparer
from luvalla.register.models import Batch, Permission, SourceNotice
from luvalla.rules.purposes import PermissionKind

Progress: TypeAlias = Callable[[int], None]
"""Is told how many rows have been read."""
LEASE: Final = timedelta(seconds=20)
RENEWED_AFTER: Final = 5.0
"""Seconds without a write after which the lease is renewed by itself."""
MOST_ATTEMPTS: Final = 20
LOOKED_UP_AT_ONCE: Final = 4_000
REF_BYTES: Final = 16
TOLD_ALREADY: Final = ("withdrawal", "objection", "erasure", "company", "bounced", "suppressed")
"""Kinds of notices after which a source knows that it shouldn't deliver the mailbox."""
SIGNAL: Final = "suppressed"


class Reading:
    """One reading of an export for a comparison; counts its rows by group, and writes nothing."""

    def __init__(self, batch: Batch, export: Export, *, on_progress: Progress | None = None) -> None:
        """Prepare to read for a batch, which need not be in the database."""
        self.batch, self.export = batch, export
        self.bulk: Bulk = bulk_of_connection()
        self.counts: Counter[str] = Counter(dict.fromkeys((*Group, *Note), 0))
        self.faults: dict[str, tuple[int, int]] = {}
        """Refused rows by fault: how many, and the first line."""
        self.rows = 0
        self._on_progress = on_progress or (lambda _: None)
        permission, purposes = PermissionKind(batch.permission), batch.reading.get("purposes", ())
        self.comparison = Comparison(batch.source, batch.audience, permission, purposes, self.bulk)
        self._preparer = Preparer(export.form.columns, permission, sealer())

    def run(self) -> None:
        """Read the whole file, then look for those it no longer has."""
        had_any = self.comparison.has_lived()
        with open_lanes(self.bulk) as lanes:
            for chunk in self._chunks():
                self._take(chunk, lanes)
                self._on_progress(self.rows)
        self._finish_rows()
        if had_any:
            self._look_for_gone()

    def _finish_rows(self) -> None:
        """Do nothing: a comparison alone has changed no table."""

    def _chunks(self) -> Iterable[Chunk]:
        chunks = self._preparer.chunks(self.export.rows())
        return Ahead(chunks) if self.bulk.works_beside else chunks

    def _take(self, chunk: Chunk, lanes: Lanes) -> None:
        self.rows += len(chunk)
        self.counts[Group.REFUSED] += len(chunk.refused)
        for line, fault in chunk.refused:
            count, first = self.faults.get(fault, (0, line))
            self.faults[fault] = (count + 1, first)
        for judged in lanes(self._judge, self._windows(chunk.rows)):
            self._note(judged)

    def _note(self, judged: Judged) -> None:
        self.comparison.remember(judged)
        self.counts.update(judged.counts)

    def _windows(self, rows: Sequence[Prepared]) -> Iterator[Sequence[Prepared]]:
        """Cut rows into pieces between mailboxes, so that no two of them hold the same one."""
        at = 0
        while at < len(rows):
            end = at + self._size()
            while end < len(rows) and rows[end].folded == rows[end - 1].folded:
                end += 1
            yield rows[at:end]
            at = end

    def _size(self) -> int:
        return LOOKED_UP_AT_ONCE

    def _judge(self, rows: Sequence[Prepared]) -> Judged:
        return self.comparison.judge(rows)

    def _look_for_gone(self) -> None:
        for gone in self.comparison.gone():
            self._stay()
            self.counts[Note.BEFORE] += gone.looked_at
            self.counts[Note.GONE] += len(gone.permissions)
            self.counts[Note.GONE_STAYING] += gone.staying
            self._end(gone.permissions)

    def _stay(self) -> None:
        """Do nothing: a comparison alone holds no lease."""

    def _end(self, permissions: Sequence[int]) -> None:
        """Do nothing: a comparison alone leaves nothing behind."""


class Staging(Reading):
    """A reading that stages what it finds."""

    def __init__(self, batch: Batch, export: Export, *, on_progress: Progress | None = None) -> None:
        """Prepare to stage for a batch that is being read."""
        super().__init__(batch, export, on_progress=on_progress)
        self.pace = Pace()
        self._keys: Sealer = sealer()
        self._grant = Grant(batch.source_id, batch.audience_id, batch.pk)
        self._told: set[bytes] = set()
        self._kept_at = time.monotonic()

    def _take(self, chunk: Chunk, lanes: Lanes) -> None:
        super()._take(chunk, lanes)
        lines = [(line, fault.value) for line, fault in chunk.refused]
        for at in range(0, max(1, len(lines)), self.pace.size):
            with self.pace.transaction(len(lines)):
                self._keep_word()
                self.bulk.insert_lines(lines[at : at + self.pace.size], batch=self.batch.pk, group=Group.REFUSED)
        self.bulk.breathe()

    def _note(self, judged: Judged) -> None:
        super()._note(judged)
        self._told.update(row.folded for row in judged.suppressed)

    def _size(self) -> int:
        return self.pace.size

    def _judge(self, rows: Sequence[Prepared]) -> Judged:
        """Compare and stage in one transaction, again when another one has just brought the same address in."""
        for attempt in range(1, MOST_ATTEMPTS):
            try:
                return self._stage(rows)
            except IntegrityError:
                time.sleep(0.01 * attempt)
        return self._stage(rows)

    def _stage(self, rows: Sequence[Prepared]) -> Judged:
        with self.pace.transaction(len(rows)):
            if not self.bulk.is_still_read(self.batch.pk):
                raise Lost
            judged = self.comparison.judge(rows)
            self._write(judged)
        return judged

    def _write(self, judged: Judged) -> None:
        contacts = self.bulk.insert_contacts(list(self._sealed(judged.new)))
        granted = [self.comparison.granted(contact, row) for contact, row in zip(contacts, judged.new, strict=True)]
        self.bulk.insert_permissions(granted + judged.granted, self._grant)
        self._end_in_transaction(judged.ended)
        duplicates = [(line, SAME_MAILBOX) for line in judged.duplicates]
        self.bulk.insert_lines(duplicates, batch=self.batch.pk, group=Group.DUPLICATE)
        self.bulk.insert_prohibitions(judged.prohibited, batch=self.batch.pk)
        self._signal(judged.suppressed)

    def _sealed(self, rows: Sequence[Prepared]) -> Iterator[NewContact]:
        seal, refs = self._keys.seal, os.urandom(REF_BYTES * len(rows)).hex()
        for number, row in enumerate(rows):
            sealed = seal(row.address.encode(), column=CONTACT_ADDRESS, token=row.exact)
            at = 2 * REF_BYTES * number
            yield NewContact(row.exact, row.folded, row.domain, sealed, _random_uuid(refs[at : at + 2 * REF_BYTES]))

    def _signal(self, rows: Sequence[Prepared]) -> None:
        """Tell the source, once a mailbox, that it delivers what was stopped; the notice counts from the flip on."""
        by_mailbox = {row.folded: row for row in rows if row.folded not in self._told}
        if not by_mailbox:
            return
        waiting = SourceNotice.objects.filter(
            source=self.batch.source, folded__in=list(by_mailbox), handled_at=None, kind__in=TOLD_ALREADY
        )
        told = {bytes(each) for each in waiting.values_list("folded", flat=True)}
        SourceNotice.objects.bulk_create(
            SourceNotice(
                source=self.batch.source,
                batch=self.batch,
                kind=SIGNAL,
                folded=folded,
                sealed=self._keys.seal(row.address.encode(), column=SOURCE_NOTICE, token=folded),
            )
            for folded, row in by_mailbox.items()
            if folded not in told
        )

    def _end(self, permissions: Sequence[int]) -> None:
        at = 0
        while at < len(permissions):
            some = permissions[at : at + self.pace.size]
            with self.pace.transaction(len(some)):
                self._keep_word()
                self._end_in_transaction(some)
            at += len(some)

    def _finish_rows(self) -> None:
        """Let the database know what its tables have become."""
        self.bulk.finish()

    def _stay(self) -> None:
        """Renew the lease while the register is only read."""
        if time.monotonic() - self._kept_at > RENEWED_AFTER:
            with self.pace.transaction(1):
                self._keep_word()

    def _end_in_transaction(self, permissions: Sequence[int]) -> None:
        if permissions:
            Permission.objects.filter(pk__in=permissions).update(ending_batch=self.batch)

    def _keep_word(self) -> None:
        """Renew the lease and show the progress; Lost when another process has given the batch up."""
        mine = Batch.objects.filter(pk=self.batch.pk, state=Batch.State.READING)
        if not mine.update(rows_read=self.rows, lease_until=timezone.now() + LEASE):
            raise Lost
        self._kept_at = time.monotonic()


def _random_uuid(digits: str) -> str:
    """Set the digits of a random UUID's version and variant (RFC 9562, section 5.4)."""
    return f"{digits[:12]}4{digits[13:16]}a{digits[17:]}"
