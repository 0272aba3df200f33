"""Counting the letters that came back because there is no such mailbox. Plain SQL: workers count them as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from luvalla.register.facts import mark_undeliverable
from luvalla.rules.retention import UNDELIVERABLE

COUNT: Final = """
insert into mailroom_hardbounce (contact_id, letters, last_at) values (%s, 1, %s)
on conflict (contact_id) do update set letters = mailroom_hardbounce.letters + 1, last_at = excluded.last_at
"""


def note_hard_bounces(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Leave these contacts in peace and count the letter, in the caller's transaction: one for each contact."""
    mark_undeliverable(contact_ids, until=now + UNDELIVERABLE)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.executemany(COUNT, [(each, moment) for each in sorted(contact_ids)])
