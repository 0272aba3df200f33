"""A second send of a finished campaign to just those who didn't get its letter, chosen by outcome and reason.

It is the same frozen letter under the same Message-ID. Each goes through the gate again: who has stopped, or whose
mailbox is known to be gone, is left in peace.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.expressions import CombinedExpression
from django.utils import timezone

from luvalla.campaigns.actions import reopen_campaign
from luvalla.campaigns.models import Campaign
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.mailroom.models import Delivery, Shard

State = Delivery.State
FAILED: Final = (State.REFUSED, State.EXPIRED, State.UNKNOWN)
"""What may be sent again; a deferred letter goes by itself."""


class Missed(NamedTuple):
    """Letters with one outcome and reason."""

    state: str
    reason: str


@transaction.atomic
def send_again(*, campaign: Campaign, chosen: Collection[Missed], actor: Actor) -> int:
    """Have the chosen letters of a finished campaign sent again, and tell how many; 0 changes nothing.

    Raises IllegalStep where the campaign isn't finished.
    """
    letters = sum(_letters(campaign, each).count() for each in chosen)
    if not letters:
        return 0
    reopen_campaign(campaign=campaign, actor=actor)
    for each in chosen:
        _make_due(campaign, each)
    facts = {"letters": letters, "chosen": sorted(f"{each.state}:{each.reason}" for each in chosen)}
    record("mailroom.send_again", actor=actor, subject=Subject("campaign", str(campaign.ref)), facts=facts)
    return letters


def _letters(campaign: Campaign, missed: Missed) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(campaign=campaign, state=missed.state, reason=missed.reason)
    return found if missed.state in FAILED else found.none()


def _make_due(campaign: Campaign, missed: Missed) -> None:
    """Let letters be tried again from now on, with as many attempts as at first.

    One that is unknown stays so until somebody has answered: it may have arrived.
    """
    now = timezone.now()
    for shard_id in list(_letters(campaign, missed).values_list("shard_id", flat=True).distinct()):
        mine = _letters(campaign, missed).filter(shard_id=shard_id)
        if missed.state == State.UNKNOWN:
            mine.update(retry_at=now, attempt=1)
            moved: dict[str, CombinedExpression] = {}
        else:
            count = mine.update(state=State.DEFERRED, retry_at=now, attempt=0)
            moved = {missed.state: F(missed.state) - count, "deferred": F("deferred") + count}
        Shard.objects.filter(pk=shard_id).update(done_at=None, **moved)
