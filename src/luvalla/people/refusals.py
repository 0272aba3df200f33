"""What was refused to somebody who is known: pages outside their roles, calls outside a token's scopes (ASVS 16.3.2).

A row names who, when and which door, by the pattern of its address: `staff/contacts/<int:pk>/`, never which contact.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.attempts import Limit

REFUSED: Final = "people.refuse"
WRITTEN_DOWN: Final = Limit("refusals", 30, within=timedelta(hours=1))
"""More than these of one person or program in an hour are refused, too, but no longer written down: a flood of refused
requests must not fill the ledger, and the alarm has long been raised."""


def note_refusal(*, actor: Actor, door: str) -> None:
    """Write down that a door was refused to somebody; `door` is a pattern or a scope and names nobody."""
    if WRITTEN_DOWN.allows(str(actor)):
        with transaction.atomic():
            record(REFUSED, actor=actor, facts={"door": door})


def refusals_by_day(actor: Actor, since: date) -> Counter[date]:
    """Count what was refused to somebody, day by day, from that day on."""
    begin = timezone.make_aware(datetime.combine(since, time()))
    rows = LedgerRow.objects.filter(actor=str(actor), verb=REFUSED, at__gte=begin)
    return Counter(timezone.localtime(at).date() for at in rows.values_list("at", flat=True))
