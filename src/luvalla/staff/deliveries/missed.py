"""The letters that were missed, by outcome and reason, as a second send may choose among them."""

from __future__ import annotations

from typing import Any

from luvalla.campaigns.models import Campaign
from luvalla.mailroom.queries import rows_by_reason
from luvalla.mailroom.second_send import FAILED
from luvalla.staff.deliveries.words import OUTCOMES, reason_word


def missed_rows(campaign: Campaign) -> list[dict[str, Any]]:
    """Give the letters that may be sent again by outcome and reason, the most frequent first."""
    found = sorted(rows_by_reason(campaign).items(), key=lambda each: -each[1])
    return [
        {
            "key": f"{state}:{reason}",
            "state": OUTCOMES[state][0],
            "note": OUTCOMES[state][1],
            "word": reason_word(reason),
            "count": count,
        }
        for (state, reason), count in found
        if state in FAILED
    ]
