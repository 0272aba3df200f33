"""How many would get a campaign if it left now: the gate asked about every contact of the audience, nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.campaigns.queries import campaign_facts
from luvalla.register.facts import FactsReader, shares_of_audience
from luvalla.rules.gate import ContactFacts, Permit, Reason, decide

WINDOW: Final = 5_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the gate would say at a moment. Only a forecast: it is asked again for each letter as it leaves."""

    permitted: int
    refused: Mapping[Reason, int]
    """Contacts by the reason that is counted, in the order of the gate's conditions."""
    at: datetime

    @property
    def total(self) -> int:
        """Contacts of the audience."""
        return self.permitted + sum(self.refused.values())


def forecast(campaign: Campaign, now: datetime | None = None) -> Forecast:
    """Ask the gate about every contact of the campaign's audience, a window at a time (about 200,000 a second)."""
    at = now or timezone.now()
    facts = campaign_facts(campaign, at)
    reader = FactsReader()
    counted: Counter[ContactFacts] = Counter()
    for share in shares_of_audience(campaign.audience_id, WINDOW):
        found = reader.next_of_audience(
            audience=campaign.audience_id, low=share.low, high=share.high, limit=share.contacts, now=at
        )
        counted.update(each.facts for each in found)
    reasons: Counter[Reason | None] = Counter()
    for contact, number in counted.items():
        decision = decide(facts, contact)
        reasons[None if isinstance(decision, Permit) else decision.reasons[0]] += number
    return Forecast(reasons[None], {reason: reasons[reason] for reason in Reason if reasons[reason]}, at)
