"""How a campaign stands at the moment of a claim: its state, and what the gate has to know of it. Plain SQL."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils.dateparse import parse_datetime

from luvalla.mailroom.closing import broken_promises
from luvalla.rules.gate import CampaignFacts
from luvalla.rules.purposes import LegalBasis, Prohibited

SENDING: Final = "sending"
RESEND: Final = "resend"
STANDING: Final = """
select l.state, l.unknown_policy, c.ref, p.key, p.basis, p.is_marketing, p.forbidden_by, c.audience_id,
       (select max(t.expires_at) from organisation_balancingtest t
        where t.purpose_id = p.id and t.approved_at <= %s)
from campaigns_campaign c
join campaigns_lifecycle l on l.campaign_id = c.id
join organisation_purpose p on p.id = c.purpose_id
where c.id = %s
"""


class Standing(NamedTuple):
    """A campaign's state and policy, and its facts for the gate, true inside the reading transaction.

    broken: the promises that close sending for its purpose; while there are any it isn't being sent.
    """

    ref: str
    is_sending: bool
    broken: str
    resends_unknown: bool
    facts: CampaignFacts


def read_standing(campaign_id: int, now: datetime) -> Standing | None:
    """Read how the campaign stands; None when there is no such campaign."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, (connection.ops.adapt_datetimefield_value(now), campaign_id))
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute("select key from organisation_purpose")
        purposes = frozenset(key for (key,) in cursor.fetchall())
    return _standing(row, purposes, now)


def is_sending(campaign_id: int) -> bool:
    """Tell whether the campaign is being sent."""
    with connection.cursor() as cursor:
        cursor.execute("select state from campaigns_lifecycle where campaign_id = %s", (campaign_id,))
        return bool(cursor.fetchone() == (SENDING,))


def as_moment(value: Any) -> datetime | None:
    """Give a moment as the database returned it outside of models: SQLite gives text."""
    if isinstance(value, str):
        value = parse_datetime(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _standing(row: tuple[Any, ...], purposes: frozenset[str], now: datetime) -> Standing:
    state, policy, ref, key, basis, is_marketing, forbidden_by, audience, tested_until = row
    facts = CampaignFacts(
        purpose=key,
        purposes=purposes,
        basis=LegalBasis(basis) if basis in set(LegalBasis) else None,
        is_marketing=bool(is_marketing),
        balancing_test_until=as_moment(tested_until),
        forbidden_by=Prohibited(forbidden_by),
        audience=audience,
        now=now,
    )
    broken = broken_promises(key) if state == SENDING else ""
    return Standing(
        str(ref if isinstance(ref, uuid.UUID) else uuid.UUID(ref)),
        state == SENDING and not broken,
        broken,
        policy == RESEND,
        facts,
    )
