"""What the gate has to know of the contacts of a window, read in one query inside the claiming transaction.

The workers of the mailroom run without models, so this is plain SQL that SQLite and PostgreSQL both take. The register
keeps the meaning of its tables here: which permission is live, what its evidence is, who is suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import connection

from luvalla.rules.gate import ContactFacts, PermissionFacts
from luvalla.rules.purposes import PermissionKind, Prohibited

Row: TypeAlias = tuple[Any, ...]

# A batch counts from its flip on. Batches that don't count are few and everything else has one that does, or none.
PENDING: Final = "select id from register_batch where state not in ('applied', 'settled')"
LIVE: Final = (
    "{0}.ended_at is null"
    f" and ({{0}}.batch_id is null or {{0}}.batch_id not in ({PENDING}))"
    f" and ({{0}}.ending_batch_id is null or {{0}}.ending_batch_id in ({PENDING}))"
)
# A sign-up proves itself; an address from anywhere else stands on the statement of its source.
EVIDENCE: Final = "case when s.is_sign_up then p.proof is not null else s.evidence <> '' end"
FACTS: Final = f"""
select c.id, c.token, c.sealed, p.kind, p.audience_id, p.purposes, {EVIDENCE}, coalesce(x.kinds, 0),
       exists (select 1 from register_suppression b
               where b.token in (c.folded, c.domain) and (b.expires_at is null or b.expires_at > %s)),
       c.restricted_at is not null, coalesce(c.undeliverable_until > %s, false)
from {{contacts}}
left join register_permission p on p.contact_id = c.id and {LIVE.format("p")}
left join register_source s on s.id = p.source_id
left join register_prohibition x on x.folded = c.folded
"""  # noqa: S608  # only our own conditions are put together
NEXT_OF_AUDIENCE: Final = f"""(
    select distinct q.contact_id from register_permission q
    where q.audience_id = %s and q.contact_id >= %s and q.contact_id < %s and {LIVE.format("q")}
    order by q.contact_id limit %s
) w join register_contact c on c.id = w.contact_id"""  # noqa: S608  # the same
KINDS: Final = frozenset(each.value for each in PermissionKind)
"""A permission of any other kind is none."""
BY_CONTACT: Final = itemgetter(0)
BINARY: Final = 1
"""The format of a result in PostgreSQL's protocol (psycopg's Cursor.format)."""
GIVEN: Final = "(select * from register_contact where id in ({places})) c"


class Candidate(NamedTuple):
    """A contact of a window: its id, its exact token, its sealed address, and what the gate decides on."""

    contact_id: int
    token: bytes
    sealed: bytes
    facts: ContactFacts


class FactsReader:
    """Reads windows. Contacts of whom the same is known share one ContactFacts, so equal facts are one object."""

    def __init__(self) -> None:
        """Know no facts yet."""
        self._permissions: dict[Row, PermissionFacts] = {}
        self._facts: dict[Row, ContactFacts] = {}

    def next_of_audience(self, *, audience: int, low: int, high: int, limit: int, now: datetime) -> list[Candidate]:
        """Read the next contacts with low <= id < high, at most limit of them, along (audience, contact).

        A contact belongs to the audience by a live permission in it; with several permissions it is read whole.
        """
        moment = connection.ops.adapt_datetimefield_value(now)
        return self._read(NEXT_OF_AUDIENCE, (moment, moment, audience, low, high, limit))

    def given(self, contact_ids: Sequence[int], *, now: datetime) -> list[Candidate]:
        """Read these contacts, whatever their permissions; the erased ones are not among them."""
        if not contact_ids:
            return []
        moment = connection.ops.adapt_datetimefield_value(now)
        places = ", ".join(["%s"] * len(contact_ids))
        return self._read(GIVEN.format(places=places), (moment, moment, *contact_ids))

    def _read(self, contacts: str, parameters: Sequence[Any]) -> list[Candidate]:
        with connection.cursor() as cursor:
            if connection.settings_dict["OPTIONS"].get("server_side_binding"):
                cursor.cursor.format = BINARY  # half of a row are bytes, which would be spelled out and read again
            cursor.execute(FACTS.format(contacts=contacts), parameters)
            rows = cursor.fetchall()
        rows.sort(key=BY_CONTACT)  # cheaper here than in the database, whose joins keep most of the order anyway
        if len({row[0] for row in rows}) == len(rows):
            known, made = self._facts, self._made
            return [Candidate(row[0], row[1], row[2], known.get(row[3:]) or made(row[3:])) for row in rows]
        return [self._joined(list(group)) for _, group in groupby(rows, BY_CONTACT)]

    def _joined(self, rows: Sequence[Row]) -> Candidate:
        """Make one candidate of a contact's rows: one for each of its permissions."""
        about, *others = (row[3:] for row in rows)
        key = (about, *others) if others else about
        contact_id, token, sealed = rows[0][:3]
        return Candidate(contact_id, token, sealed, self._facts.get(key) or self._made(about, *others))

    def _made(self, about: Row, *others: Row) -> ContactFacts:
        *_, prohibited, suppressed, restricted, undeliverable = about
        made = self._facts[(about, *others) if others else about] = ContactFacts(
            permissions=tuple(self._permission(each[:4]) for each in (about, *others) if each[0] in KINDS),
            prohibited=Prohibited(prohibited),
            suppressed=bool(suppressed),
            restricted=bool(restricted),
            undeliverable=bool(undeliverable),
        )
        return made

    def _permission(self, raw: Row) -> PermissionFacts:
        known = self._permissions.get(raw)
        if known is None:
            kind, audience, purposes, evidence = raw
            known = PermissionFacts(PermissionKind(kind), audience, bool(evidence), frozenset(purposes.split()))
            self._permissions[raw] = known
        return known


class Share(NamedTuple):
    """A range of an audience, low <= id < high, and about how many contacts it has."""

    low: int
    high: int
    contacts: int


def shares_of_audience(audience: int, size: int) -> list[Share]:
    """Cut an audience into ranges of about so many contacts each, in the order of their ids. Nothing is held in memory.

    The counts are upper bounds: permissions that have ended or are still staged are among them.
    """
    shares: list[Share] = []
    low = 0
    while (share := _next_share(audience, low, size)) is not None:
        shares.append(share)
        low = share.high
    return shares


def _next_share(audience: int, low: int, size: int) -> Share | None:
    beyond = (
        "select contact_id from register_permission where audience_id = %s and contact_id >= %s"
        " order by contact_id limit 1 offset %s"
    )
    rest = "select count(*), max(contact_id) from register_permission where audience_id = %s and contact_id >= %s"
    with connection.cursor() as cursor:
        cursor.execute(beyond, (audience, low, size))
        found = cursor.fetchone()
        if found is not None:
            return Share(low, max(found[0], low + 1), size)
        cursor.execute(rest, (audience, low))
        contacts, last = cursor.fetchone()
    return Share(low, last + 1, contacts) if contacts else None


def mark_undeliverable(contact_ids: Sequence[int], *, until: datetime) -> None:
    """Leave contacts in peace whose mailbox was said to be gone, inside the caller's transaction.

    A bounce is not an objection: nothing is prohibited, and the mark ends by itself.
    """
    places = ", ".join(["%s"] * len(contact_ids))
    moment = connection.ops.adapt_datetimefield_value(until)
    with connection.cursor() as cursor:
        cursor.execute(
            f"update register_contact set undeliverable_until = %s where id in ({places})",  # noqa: S608  # only places
            (moment, *contact_ids),
        )
