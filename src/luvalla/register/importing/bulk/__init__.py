"""Many rows at once: what an import reads and writes, as each database does it fastest.

The statements are the register's own tables in plain SQL; what a live permission is, facts.py says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Final, NamedTuple, Protocol

from django.db import connection

from luvalla.register.facts import LIVE

CONTACTS: Final = "select folded, id, restricted_at is not null from register_contact where folded {among}"
PERMISSIONS: Final = """
select contact_id, id, kind, since, audience_id, purposes, batch_id, ending_batch_id from register_permission
where source_id = {source} and ended_at is null and contact_id {among}
"""
"""Two questions along one index each: a join is planned badly where the statistics are from before an import."""
PROHIBITED: Final = "select folded, kinds from register_prohibition where folded {among}"
SUBSCRIBED: Final = f"""
select p.contact_id, p.purposes from register_permission p
where p.kind = 'consent' and p.source_id in (select id from register_source where is_sign_up)
and {LIVE.format("p")} and p.contact_id {{among}}
"""  # noqa: S608  # put together from constants
SUPPRESSED: Final = """
select token from register_suppression where (expires_at is null or expires_at > {now}) and token {among}
"""


class NewContact(NamedTuple):
    """A contact to be inserted: its tokens, its sealed address and its random reference (32 hexadecimal digits)."""

    exact: bytes
    folded: bytes
    domain: bytes
    sealed: bytes
    ref: str


class NewPermission(NamedTuple):
    """A permission to be inserted."""

    contact: int
    kind: str
    since: date | None
    purposes: str


class KnownContact(NamedTuple):
    """A contact of the register."""

    folded: bytes
    id: int
    is_restricted: bool


class KnownPermission(NamedTuple):
    """A permission from the source that hasn't ended. Whether it counts, its batches tell."""

    contact: int
    id: int
    kind: str
    since: date | None
    audience: int
    purposes: str
    batch: int | None
    ending_batch: int | None


class Grant(NamedTuple):
    """What all permissions of a batch share."""

    source: int
    audience: int
    batch: int


class Bulk(Protocol):
    """Reads and writes many rows in the caller's transaction."""

    def contacts(self, folded: Collection[bytes]) -> Iterator[KnownContact]:
        """Read the contacts of these mailboxes, in no order."""

    def permissions(self, contacts: Collection[int], source: int) -> Iterator[KnownPermission]:
        """Read the permissions of these contacts from the source that haven't ended, in no order."""

    def suppressed(self, tokens: Collection[bytes]) -> set[bytes]:
        """Pick the tokens of mailboxes and domains that are suppressed now."""

    def prohibited(self, folded: Collection[bytes]) -> dict[bytes, int]:
        """Read what these mailboxes have forbidden; those that have forbidden nothing are left out."""

    def subscribed(self, contacts: Collection[int]) -> Iterator[tuple[int, str]]:
        """Read the contacts of these that have subscribed by themselves, with the purposes of each consent."""

    def is_still_read(self, batch: int) -> bool:
        """Tell whether the batch is still being read, and keep it so until this transaction ends."""

    def insert_contacts(self, rows: Sequence[NewContact]) -> Sequence[int]:
        """Insert contacts and tell their ids, in the same order."""

    def insert_permissions(self, rows: Sequence[NewPermission], grant: Grant) -> None:
        """Insert permissions."""

    def insert_prohibitions(self, rows: Sequence[tuple[bytes, int]], *, batch: int) -> None:
        """Stage prohibitions: the folded token of a mailbox, and the sum of what it forbids."""

    def insert_lines(self, rows: Sequence[tuple[int, str]], *, batch: int, group: str) -> None:
        """Note lines of the file by number and fault."""

    def tuned(self) -> AbstractContextManager[None]:
        """Prepare the connection for many rows, and put it back."""

    def finish(self) -> None:
        """Do after the last transaction what helps whoever reads next."""

    def breathe(self) -> None:
        """Do between transactions what would make them long."""

    works_beside: bool
    """Whether the database works in a process of its own, so that the next rows can be prepared meanwhile."""


def bulk_of_connection() -> Bulk:
    """Give what fits the database in use."""
    from luvalla.register.importing.bulk.postgresql import PostgresBulk  # noqa: PLC0415  # they know this module
    from luvalla.register.importing.bulk.sqlite import SqliteBulk  # noqa: PLC0415  # the same

    return PostgresBulk() if connection.vendor == "postgresql" else SqliteBulk()
