"""Reading the mailroom: how far a campaign is, and who didn't get it and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.mailroom.models import Delivery, DeliveryTotal, Hold, Shard, Withheld
from luvalla.rules.gate import Reason
from luvalla.rules.groups import told_apart

COUNTS: Final = ("permitted", "accepted", "refused", "deferred", "expired", "unknown")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. permitted = accepted + refused + deferred + expired + unknown + in_flight; all letters."""

    campaign: int
    state: str
    permitted: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    expired: int = 0
    unknown: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    """Contacts the gate refused, by its reason, in the order of the gate's conditions."""
    total: int = 0
    """Contacts of the audience, as far as they are known before all are asked about."""
    rate: int = 0
    """Letters a second, now."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_try_at: datetime | None = None
    fault: str = ""
    """Why it is held (mailroom.errors.RelayFault); empty when it isn't."""
    relay: str = ""

    @property
    def in_flight(self) -> int:
        """Letters claimed and not answered yet."""
        return self.permitted - self.accepted - self.refused - self.deferred - self.expired - self.unknown

    @property
    def not_to_come(self) -> int:
        """Letters that are given up: refused and expired ones."""
        return self.refused + self.expired

    @property
    def refused_by_gate(self) -> int:
        """Contacts that the gate refused."""
        return sum(self.withheld.values())

    @property
    def withheld_told(self) -> dict[str, int | None]:
        """The contacts that it refused by reason, as they may be told beside their sum; None for few (claim X6)."""
        return told_apart(self.withheld)

    @property
    def handled(self) -> int:
        """Contacts the gate has been asked about."""
        return self.permitted + self.refused_by_gate

    @property
    def left(self) -> int:
        """Contacts it hasn't been asked about."""
        return max(0, self.total - self.handled)


def progress(campaign: Campaign) -> Progress:
    """Tell how far a campaign is, at the cost of a glance: its shards keep count."""
    lifecycle = Lifecycle.objects.get(campaign=campaign)
    counts = Shard.objects.filter(campaign=campaign).aggregate(
        **{each: Sum(each, default=0) for each in COUNTS}, rate=Sum("rate", default=0)
    )
    refused = _withheld(campaign)
    hold = Hold.objects.filter(campaign=campaign).first()
    return Progress(
        campaign=campaign.pk,
        state=lifecycle.state,
        **counts,
        withheld={each.value: sum(refused[each.value].values()) for each in Reason if each.value in refused},
        total=_total(campaign, refused),
        started_at=lifecycle.started_at,
        finished_at=lifecycle.finished_at,
        next_try_at=next_try(campaign) if counts["deferred"] or counts["unknown"] else None,
        fault=hold.fault if hold else "",
        relay=hold.relay if hold else "",
    )


def next_try(campaign: Campaign) -> datetime | None:
    """Tell when the next attempt of a deferred letter is due."""
    waiting = Delivery.objects.filter(campaign=campaign, retry_at__isnull=False)
    shards = Shard.objects.filter(campaign=campaign, done_at=None).values_list("pk", flat=True)
    return waiting.filter(shard_id__in=list(shards)).order_by("retry_at").values_list("retry_at", flat=True).first()


def all_shards_done(campaign: Campaign) -> bool:
    """Tell whether nothing of the campaign is left to send, ever."""
    return not Shard.objects.filter(campaign=campaign, done_at=None).exists()


def is_attended(campaign: Campaign, now: datetime | None = None) -> bool:
    """Tell whether some worker holds a shard of the campaign and has stirred lately."""
    held = Shard.objects.filter(campaign=campaign, done_at=None).exclude(owner="")
    return held.filter(lease_until__gt=now or timezone.now()).exists()


def letters_to(contact_ids: Collection[int]) -> QuerySet[Delivery]:
    """Give the letters to these contacts, found by the key: campaign by campaign."""
    campaigns = list(Shard.objects.order_by().values_list("campaign", flat=True).distinct())
    return Delivery.objects.filter(campaign__in=campaigns, contact_id__in=contact_ids)


def not_delivered(campaign: Campaign) -> QuerySet[Delivery]:
    """Give the letters that were not accepted at once, or at all; those of erased people are only in the totals."""
    return Delivery.objects.filter(campaign=campaign).exclude(reason="").order_by("reason", "contact_id")


def reasons(campaign: Campaign) -> dict[tuple[str, str], int]:
    """Count the letters that were not accepted by state and reason, the erased people's included."""
    found = rows_by_reason(campaign)
    gone = DeliveryTotal.objects.filter(campaign=campaign).exclude(reason="").values_list("state", "reason", "letters")
    for state, reason, letters in gone:
        found[state, reason] = found.get((state, reason), 0) + letters
    return found


def rows_by_reason(campaign: Campaign) -> dict[tuple[str, str], int]:
    """Count the same of people who are still there: those a letter can be sent to again."""
    rows = not_delivered(campaign).order_by().values_list("state", "reason").annotate(letters=Count("contact_id"))
    return {(state, reason): letters for state, reason, letters in rows}


def _withheld(campaign: Campaign) -> dict[str, dict[int, int]]:
    """Count the gate's refusals by reason and shard."""
    found: dict[str, dict[int, int]] = {}
    for reason, shard, contacts in Withheld.objects.filter(campaign=campaign).values_list(
        "reason", "shard_id", "contacts"
    ):
        found.setdefault(reason, {})[shard] = contacts
    return found


def _total(campaign: Campaign, refused: dict[str, dict[int, int]]) -> int:
    """Count the audience: what a shard was made for, until it is known what it really had."""
    total = 0
    for shard in Shard.objects.filter(campaign=campaign).only("contacts", "permitted", "cursor", "high"):
        handled = shard.permitted + sum(each.get(shard.pk, 0) for each in refused.values())
        total += handled if shard.cursor >= shard.high else max(shard.contacts, handled)
    return total
