"""What a broken promise of the notice does to letters: none begins, and each campaign says why it waits."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.plainly import record_plainly
from luvalla.mailroom.errors import RelayFault, RelayUnusable
from luvalla.rules.ports import Door, closed_by

HELD: Final = "select relay from mailroom_hold where campaign_id = %s and fault = %s"
HOLD: Final = """
insert into mailroom_hold (campaign_id, fault, relay, since) values (%s, %s, %s, %s)
on conflict (campaign_id) do update set fault = excluded.fault, relay = excluded.relay, since = excluded.since
"""
ROOM_FOR_IDS: Final = 80


def broken_promises(purpose: str) -> str:
    """Name the broken promises that close sending for a purpose, with blanks between; empty while it is open."""
    return " ".join(closed_by(Door.SENDING, purpose))[:ROOM_FOR_IDS]


def refuse_while_closed(purpose: str) -> None:
    """Raise RelayUnusable with PROMISE_BROKEN while sending is closed for the purpose."""
    broken = broken_promises(purpose)
    if broken:
        raise RelayUnusable(RelayFault.PROMISE_BROKEN, broken)


def hold_closed(campaign_id: int, ref: str, broken: str, now: datetime) -> None:
    """Note in the caller's transaction that the campaign waits for its promises, in plain SQL, once for the same ones.

    While this stands no worker takes the campaign's shards.
    """
    fault, moment = RelayFault.PROMISE_BROKEN.value, connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(HELD, (campaign_id, fault))
        if cursor.fetchone() == (broken,):
            return
        cursor.execute(HOLD, (campaign_id, fault, broken, moment))
    facts = {"fault": fault, "relay": broken}
    record_plainly("mailroom.hold_campaign", actor=SYSTEM, subject=("campaign", ref), facts=facts, now=now)
