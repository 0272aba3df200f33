"""What an export would change: every row in exactly one group, compared with the register mailbox by mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from django.db import connection
from django.utils import timezone

from luvalla.organisation.queries import kinds_stopping
from luvalla.register.facts import LIVE
from luvalla.register.importing.bulk import Bulk, KnownContact, KnownPermission, NewPermission
from luvalla.register.importing.preparing import Prepared
from luvalla.register.models import Audience, Batch, Source
from luvalla.register.queries import IN_FORCE
from luvalla.rules.purposes import MARKETING, PermissionKind, Prohibited
from luvalla.rules.retention import SOURCE_NOTICE

KEY_BYTES: Final = 16
"""Enough of a token to tell the mailboxes of a file apart; a million of them take 100 MB."""
WINDOW: Final = 4_000


class Group(StrEnum):
    """Where a row of the file belongs; the sum of all groups is the number of rows."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    SUPPRESSED = "suppressed"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Note(StrEnum):
    """What is counted beside the groups."""

    GONE = "gone"
    """In the register from this source, but no longer in the file."""
    GONE_STAYING = "gone_staying"
    """Those of the gone who keep a permission from elsewhere."""
    BEFORE = "before"
    """How many permissions of the source lived before."""
    RESTRICTED = "restricted"
    """Rows under restriction (GDPR 18), which are left untouched and count as unchanged."""
    PROHIBITED = "prohibited"
    """Rows with an address that say that marketing is forbidden, whatever becomes of them."""
    FORBIDDEN = "forbidden"
    """Mailboxes of these that get a prohibition they don't have yet."""
    SUBSCRIBED = "subscribed"
    """Mailboxes of these that have subscribed by themselves: what they subscribed to isn't forbidden."""
    OTHER_SINCE = "other_since"
    OTHER_KIND = "other_kind"
    OTHER_AUDIENCE = "other_audience"
    OTHER_PURPOSES = "other_purposes"


@dataclass(slots=True)
class Judged:
    """What some rows would change."""

    new: list[Prepared] = field(default_factory=list)
    """Mailboxes the register doesn't have."""
    granted: list[NewPermission] = field(default_factory=list)
    """Permissions for contacts it has: from this source for the first time, or in place of one that is to end."""
    ended: list[int] = field(default_factory=list)
    """Permissions that others take the place of."""
    suppressed: list[Prepared] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    """Lines."""
    mailboxes: set[bytes] = field(default_factory=set)
    prohibited: list[tuple[bytes, int]] = field(default_factory=list)
    """Mailboxes whose row forbids marketing, with the sum of what is forbidden."""
    flagged: set[bytes] = field(default_factory=set)
    """Mailboxes whose prohibition has been looked at."""
    counts: Counter[str] = field(default_factory=Counter)


class Known(NamedTuple):
    """A contact of the register with its live permission from the source, if it has one."""

    contact: KnownContact
    permission: KnownPermission | None


class Comparison:
    """Compares an export with the register. Remembers the mailboxes it has met, by a part of their tokens."""

    def __init__(
        self, source: Source, audience: Audience, permission: PermissionKind, purposes: Collection[str], bulk: Bulk
    ) -> None:
        """Know what the export's permissions are."""
        self._source, self._audience, self._permission, self._bulk = source, audience, permission, bulk
        self.purposes = " ".join(purposes) if permission is PermissionKind.CONSENT else ""
        self._kinds_of = lru_cache(maxsize=256)(lambda purposes: kinds_stopping(purposes.split()) & MARKETING)
        self._met: set[bytes] = set()
        self._flagged: set[bytes] = set()

    def judge(self, rows: Sequence[Prepared]) -> Judged:
        """Compare rows, which stand in the order of their folded tokens, with the register as it is now."""
        folded = {row.folded for row in rows}
        stopped = self._bulk.suppressed(folded.union(row.domain for row in rows)) if rows else set()
        known = self._known(folded) if rows else {}
        judged = Judged()
        for row in rows:
            key = row.folded[:KEY_BYTES]
            if row.folded in stopped or row.domain in stopped:
                judged.suppressed.append(row)
            elif key in self._met or key in judged.mailboxes:
                judged.duplicates.append(row.line)
            else:
                judged.mailboxes.add(key)
                self._judge_mailbox(row, known.get(row.folded), judged)
        if flagged := [row for row in rows if row.prohibited]:
            self._judge_prohibitions(flagged, stopped, known, judged)
        judged.counts[Group.SUPPRESSED] = len(judged.suppressed)
        judged.counts[Group.DUPLICATE] = len(judged.duplicates)
        return judged

    def remember(self, judged: Judged) -> None:
        """Keep in mind which mailboxes the file has had, once what was judged is written."""
        self._met |= judged.mailboxes
        self._flagged |= judged.flagged

    def gone(self) -> Iterator[Gone]:
        """Go through the source's live permissions whose mailboxes the file hasn't."""
        at = (0, 0)
        while rows := _live_of_source(self._source, at):
            at = (rows[-1][1], rows[-1][0])
            yield self._gone(rows)

    def granted(self, contact: int, row: Prepared) -> NewPermission:
        """Give the permission that a row of the file stands for."""
        return NewPermission(contact, row.kind or self._permission, row.since, self.purposes)

    def has_lived(self) -> bool:
        """Tell whether the source has any live permission."""
        return bool(_live_of_source(self._source, (0, 0), limit=1))

    def _known(self, folded: set[bytes]) -> dict[bytes, Known]:
        """Give one contact a mailbox: the one with a permission from the source, else the oldest."""
        contacts = list(self._bulk.contacts(folded))
        if not contacts:
            return {}
        pending = set(Batch.objects.exclude(state__in=IN_FORCE).values_list("pk", flat=True))
        permissions = {
            each.contact: each
            for each in self._bulk.permissions([each.id for each in contacts], self._source.pk)
            if each.batch not in pending and (each.ending_batch is None or each.ending_batch in pending)  # facts.LIVE
        }
        known: dict[bytes, Known] = {}
        for contact in sorted(contacts, key=lambda each: (each.id not in permissions, each.id), reverse=True):
            known[contact.folded] = Known(contact, permissions.get(contact.id))
        return known

    def _judge_prohibitions(
        self, rows: Sequence[Prepared], stopped: set[bytes], known: dict[bytes, Known], judged: Judged
    ) -> None:
        """Find what is to be forbidden that isn't yet; whoever was stopped or is restricted is left alone."""
        judged.counts[Note.PROHIBITED] = len(rows)
        restricted = {folded for folded, each in known.items() if each.contact.is_restricted}
        fresh = (row for row in rows if row.folded[:KEY_BYTES] not in self._flagged)
        asked = {row.folded for row in fresh if row.folded not in stopped and row.domain not in stopped} - restricted
        judged.flagged.update(folded[:KEY_BYTES] for folded in asked)
        spared = self._spared(asked.intersection(known))
        before = self._bulk.prohibited(asked) if asked else {}
        wanted = ((folded, MARKETING & ~spared.get(folded, Prohibited.NOTHING)) for folded in sorted(asked))
        judged.prohibited = [(folded, int(kinds)) for folded, kinds in wanted if kinds & ~before.get(folded, 0)]
        judged.counts[Note.FORBIDDEN] = len(judged.prohibited)
        judged.counts[Note.SUBSCRIBED] = len(spared)

    def _spared(self, known: set[bytes]) -> dict[bytes, Prohibited]:
        """Tell what mailboxes have subscribed to by themselves, as the kinds that would stop it (GDPR 7, 21)."""
        if not known:
            return {}
        mailboxes = {each.id: each.folded for each in self._bulk.contacts(known)}
        spared: dict[bytes, Prohibited] = {}
        for contact, purposes in self._bulk.subscribed(mailboxes):
            if kinds := self._kinds_of(purposes):
                spared[mailboxes[contact]] = spared.get(mailboxes[contact], Prohibited.NOTHING) | kinds
        return spared

    def _judge_mailbox(self, row: Prepared, known: Known | None, judged: Judged) -> None:
        if known is None:
            judged.new.append(row)
            judged.counts[Group.NEW] += 1
        elif known.contact.is_restricted:
            judged.counts[Group.UNCHANGED] += 1
            judged.counts[Note.RESTRICTED] += 1
        elif known.permission is None:
            judged.granted.append(self.granted(known.contact.id, row))
            judged.counts[Group.NEW] += 1
        else:
            self._judge_permission(row, known.permission, judged)

    def _judge_permission(self, row: Prepared, known: KnownPermission, judged: Judged) -> None:
        """Compare the facts of a permission; what the file doesn't tell stays as it was."""
        since, kind = row.since or known.since, row.kind or self._kind_as_before(known.kind)
        different = [
            note
            for note, is_other in (
                (Note.OTHER_SINCE, since != known.since),
                (Note.OTHER_KIND, kind != known.kind),
                (Note.OTHER_AUDIENCE, self._audience.pk != known.audience),
                (Note.OTHER_PURPOSES, self.purposes != known.purposes),
            )
            if is_other
        ]
        judged.counts.update(different)
        if not different:
            judged.counts[Group.UNCHANGED] += 1
            return
        judged.counts[Group.CHANGED] += 1
        judged.granted.append(NewPermission(known.contact, kind, since, self.purposes))
        judged.ended.append(known.id)

    def _kind_as_before(self, kind: str) -> str:
        """Keep a company a company where the file tells customers and companies apart no more."""
        both = {PermissionKind.CUSTOMER, PermissionKind.LEGAL_ENTITY}
        return kind if {kind, self._permission} <= both else self._permission

    def _gone(self, rows: Sequence[tuple[int, int, bytes, bool]]) -> Gone:
        missing = [
            (permission, contact)
            for permission, contact, folded, is_restricted in rows
            if bytes(folded)[:KEY_BYTES] not in self._met and not is_restricted
        ]
        staying = _with_another_source([contact for _, contact in missing], self._source)
        return Gone([permission for permission, _ in missing], len(rows), staying)


@dataclass(frozen=True, slots=True)
class Gone:
    """Some live permissions of the source: those that end, how many were looked at, and whose contacts stay."""

    permissions: list[int]
    looked_at: int
    staying: int


# A source that was told of a correction is given time to deliver the right address before the contact counts as gone.
LIVE_OF_SOURCE: Final = f"""
select p.id, p.contact_id, c.folded, c.restricted_at is not null
from register_permission p join register_contact c on c.id = p.contact_id
where p.source_id = %s and (p.contact_id, p.id) > (%s, %s) and {LIVE.format("p")}
and not exists (select 1 from register_rectification r where r.contact_id = p.contact_id and r.at > %s)
order by p.contact_id, p.id limit %s
"""  # noqa: S608  # put together from constants
FROM_ELSEWHERE: Final = f"""
select count(distinct p.contact_id) from register_permission p
where p.source_id <> %s and p.contact_id in ({{places}}) and {LIVE.format("p")}
"""  # noqa: S608  # the same


def _live_of_source(source: Source, at: tuple[int, int], limit: int = WINDOW) -> list[tuple[int, int, bytes, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(LIVE_OF_SOURCE, [source.pk, *at, timezone.now() - SOURCE_NOTICE, limit])
        rows: list[tuple[int, int, bytes, bool]] = cursor.fetchall()
        return rows


def _with_another_source(contacts: Sequence[int], source: Source) -> int:
    if not contacts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FROM_ELSEWHERE.format(places=",".join(["%s"] * len(contacts))), [source.pk, *contacts])
        (count,) = cursor.fetchone() or (0,)
        return int(count)
