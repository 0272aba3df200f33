"""Letting deliveries go when they have served their time: rows become totals, in small transactions."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.holdings import turn_into_totals
from luvalla.mailroom.models import Delivery, Shard
from luvalla.register.models import Contact
from luvalla.rules.retention import DELIVERIES

ROWS_AT_ONCE: Final = 500
OVER: Final = (Lifecycle.State.FINISHED, Lifecycle.State.CANCELLED)


def purge_deliveries(now: datetime) -> int:
    """Turn the deliveries of campaigns that ended long enough ago into totals; tell how many rows went."""
    return sum(_purge(each) for each in _ended_long_ago(now).order_by("pk"))


def late_deliveries(now: datetime) -> QuerySet[Delivery]:
    """Give the deliveries that have served their time. Those to restricted contacts stay (GDPR 18(1)(b)-(c))."""
    return _of_unrestricted(Delivery.objects.filter(campaign__in=_ended_long_ago(now)))


def _ended_long_ago(now: datetime) -> QuerySet[Campaign]:
    return Campaign.objects.filter(lifecycle__state__in=OVER, lifecycle__finished_at__lt=now - DELIVERIES)


def _of_unrestricted(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.exclude(contact_id__in=Contact.objects.exclude(restricted_at=None).values("pk"))


def close_cancelled(now: datetime) -> int:
    """Close the shards of cancelled campaigns that nobody sends any more: what was still to be tried has expired."""
    idle = Shard.objects.filter(campaign__lifecycle__state=Lifecycle.State.CANCELLED, done_at=None, owner="")
    return sum(_close(pk, now) for pk in idle.order_by("pk").values_list("pk", flat=True))


def _purge(campaign: Campaign) -> int:
    gone = 0
    while some := _purge_some(campaign):
        gone += some
    return gone


@transaction.atomic
def _purge_some(campaign: Campaign) -> int:
    rows = _of_unrestricted(Delivery.objects.filter(campaign=campaign)).order_by("contact_id")[:ROWS_AT_ONCE]
    gone = turn_into_totals(rows)
    if gone:
        subject = Subject("campaign", str(campaign.ref))
        record("mailroom.purge_deliveries", actor=SYSTEM, subject=subject, facts={"rows": gone})
    return gone


@transaction.atomic
def _close(shard_id: int, now: datetime) -> int:
    """Close one shard, unless somebody took it meanwhile; tell how many letters expired."""
    shard = Shard.objects.select_for_update().get(pk=shard_id)
    if shard.owner:
        return 0
    waiting = Delivery.objects.filter(shard_id=shard.pk, state=Delivery.State.DEFERRED)
    expired = waiting.update(state=Delivery.State.EXPIRED, retry_at=None, finished_at=now)
    Delivery.objects.filter(shard_id=shard.pk, retry_at__isnull=False).update(retry_at=None)
    shard.deferred -= expired
    shard.expired += expired
    shard.done_at = now
    shard.save(update_fields=["deferred", "expired", "done_at"])
    subject = Subject("campaign", str(shard.campaign.ref))
    record("mailroom.close_shard", actor=SYSTEM, subject=subject, facts={"shard": shard.pk, "expired": expired})
    return expired
