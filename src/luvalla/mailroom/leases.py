"""Shards under leases: taking one, keeping it, giving it back, and taking over a dead worker's.

A lease is 20 seconds, and its holder begins no letter in the last 5 of them. Both ends measure with a clock that nobody
sets: a holder counts from before its claim, and whoever wants the shard must have seen the same lease unchanged for
lease and margin, or know that the holder's process has ended. So a jump of the wall clock moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.owners import boot_seconds, is_surely_gone

LEASE: Final = timedelta(seconds=20)
MARGIN: Final = timedelta(seconds=5)
LONGEST_SILENCE: Final = (LEASE + MARGIN).total_seconds()
"""Seconds without a sign of life after which a shard may be taken over."""
OPEN: Final = """
select s.id, s.campaign_id, s.low, s.high, s.owner, s.epoch, s.lease_until
from mailroom_shard s join campaigns_lifecycle l on l.campaign_id = s.campaign_id
where s.done_at is null and l.state = 'sending' and (%s = 0 or s.campaign_id = %s)
"""
OF_OPEN_CAMPAIGN: Final = """not exists (
    select 1 from mailroom_hold h where h.campaign_id = s.campaign_id and h.fault = 'promise_broken')"""
"""A campaign that a broken promise holds has nothing for a worker until its hold is taken away."""
DUE: Final = """(s.cursor < s.high or not exists (
    select 1 from mailroom_delivery d where d.shard_id = s.id and d.retry_at is not null
) or exists (select 1 from mailroom_delivery d where d.shard_id = s.id and d.retry_at <= %s))"""
"""Contacts that nobody was asked about, an attempt that is due, or nothing but the shard's closing."""
AT_WORK: Final = """(
    select count(*) from mailroom_shard h
    where h.campaign_id = s.campaign_id and h.owner <> '' and h.done_at is null)"""
FREE_NOW: Final = f"{OPEN} and s.owner = '' and {OF_OPEN_CAMPAIGN} and {DUE}"
FREE: Final = f"{FREE_NOW} order by {AT_WORK}, case when s.campaign_id = %s then 1 else 0 end, s.id limit 1"
"""The campaign with the fewest workers first, and of equals another than the one that was served last."""
OTHERS: Final = f"{FREE_NOW} and s.campaign_id <> %s and {AT_WORK} < %s limit 1"
MINE: Final = "select count(*) from mailroom_shard where campaign_id = %s and owner <> '' and done_at is null"
REMAINS: Final = f"{OPEN} and (s.owner <> '' or ({OF_OPEN_CAMPAIGN} and {DUE})) limit 1"
SOON: Final = timedelta(seconds=60)
"""Attempts that are due later than this are left to whoever sends next."""
HELD: Final = f"{OPEN} and s.owner <> '' order by s.id"
ANY_CAMPAIGN: Final = 0


@dataclass(slots=True)
class Lease:
    """A shard in a worker's hands. `until` (boot seconds): no letter is begun later than that."""

    shard_id: int
    campaign_id: int
    low: int
    high: int
    owner: str
    epoch: int
    until: float


class Held(NamedTuple):
    """A shard in somebody else's hands, as it was last seen."""

    shard_id: int
    campaign_id: int
    low: int
    high: int
    owner: str
    epoch: int
    lease_until: Any


class ShardRow(NamedTuple):
    """What a locked shard row says."""

    owner: str
    epoch: int
    cursor: int
    done: bool


def last_moment(began: float) -> float:
    """Give the boot second after which a claim that began then may begin no letter."""
    return began + (LEASE - MARGIN).total_seconds()


def take_free_shard(
    *, owner: str, campaign_id: int = ANY_CAMPAIGN, after: int = ANY_CAMPAIGN, now: datetime
) -> Lease | None:
    """Take a shard that nobody holds and where something is due; None when there is none.

    after: the campaign served last; others come before it.
    """
    began = boot_seconds()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FREE, (campaign_id, campaign_id, connection.ops.adapt_datetimefield_value(now), after))
        row = cursor.fetchone()
        return _taken(Held(*row), owner, now, began) if row else None


def take_over_shard(held: Held, *, owner: str, now: datetime) -> Lease | None:
    """Take a silent holder's shard inside the caller's transaction; None when it has stirred meanwhile."""
    return _taken(held, owner, now, boot_seconds())


def held_shards(campaign_id: int = ANY_CAMPAIGN) -> list[Held]:
    """List the shards that somebody holds."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, (campaign_id, campaign_id))
        return [Held(*row) for row in cursor.fetchall()]


def work_remains(campaign_id: int, *, now: datetime) -> bool:
    """Tell whether there is something to send now or soon, or somebody at it who might need to be replaced."""
    with connection.cursor() as cursor:
        cursor.execute(REMAINS, (campaign_id, campaign_id, connection.ops.adapt_datetimefield_value(now + SOON)))
        return cursor.fetchone() is not None


def others_wait(lease: Lease, *, now: datetime) -> bool:
    """Tell whether another campaign has something to send and fewer workers than the one of this lease."""
    with connection.cursor() as cursor:
        cursor.execute(MINE, (lease.campaign_id,))
        (mine,) = cursor.fetchone()
        moment = connection.ops.adapt_datetimefield_value(now)
        cursor.execute(OTHERS, (ANY_CAMPAIGN, ANY_CAMPAIGN, moment, lease.campaign_id, mine))
        return cursor.fetchone() is not None


def lock_shard(lease: Lease) -> ShardRow:
    """Lock the shard's row for the transaction; LeaseLost when it is no longer ours.

    Whatever is read after this sees every stop that committed before a stop's own lock of this row.
    """
    row = lock_row(lease.shard_id)
    if row is None or (row.owner, row.epoch) != (lease.owner, lease.epoch):
        raise LeaseLost
    return row


def lock_row(shard_id: int) -> ShardRow | None:
    """Lock and read a shard's row: on PostgreSQL this waits for a claim that is under way."""
    for_update = " for update" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select owner, epoch, cursor, done_at is not null from mailroom_shard where id = %s{for_update}",  # noqa: S608  # names of our own tables and columns
            (shard_id,),
        )
        row = cursor.fetchone()
    return ShardRow(*row) if row else None


def renew(lease: Lease, *, now: datetime) -> None:
    """Keep the shard while answers are awaited; LeaseLost when it is gone. No letter may begin later for that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update mailroom_shard set lease_until = %s where id = %s and owner = %s and epoch = %s",
            (connection.ops.adapt_datetimefield_value(now + LEASE), lease.shard_id, lease.owner, lease.epoch),
        )
        if cursor.rowcount != 1:
            raise LeaseLost


def _taken(seen: Held, owner: str, now: datetime, began: float) -> Lease | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update mailroom_shard set owner = %s, epoch = epoch + 1, lease_until = %s"
            " where id = %s and owner = %s and epoch = %s and done_at is null"
            " and (lease_until = %s or owner = '')",
            (owner, connection.ops.adapt_datetimefield_value(now + LEASE), seen.shard_id, seen.owner, seen.epoch,
             seen.lease_until),
        )  # fmt: skip
        if cursor.rowcount != 1:
            return None
    return Lease(seen.shard_id, seen.campaign_id, seen.low, seen.high, owner, seen.epoch + 1, last_moment(began))


class Watch:
    """Sees who has been silent for too long, by its own clock."""

    def __init__(
        self, *, clock: Callable[[], float] = boot_seconds, is_gone: Callable[[str], bool] = is_surely_gone
    ) -> None:
        """Have seen nothing yet."""
        self._clock = clock
        self._is_gone = is_gone
        self._since: dict[tuple[int, str, int, Any], float] = {}

    def silent(self, held: list[Held]) -> list[Held]:
        """Pick the shards whose holder's process has ended, or whose lease was seen unchanged for too long."""
        now = self._clock()
        signs = {(each.shard_id, each.owner, each.epoch, each.lease_until): each for each in held}
        self._since = {sign: self._since.get(sign, now) for sign in signs}
        return [
            each
            for sign, each in signs.items()
            if now - self._since[sign] >= LONGEST_SILENCE or self._is_gone(each.owner)
        ]
