"""What this room proves: figures about people are sums in which a small group isn't told (X6)."""

from __future__ import annotations

import re
from typing import Final

from luvalla.campaigns.models import Campaign
from luvalla.mailroom.queries import progress
from luvalla.rules.groups import SMALLEST_GROUP, is_small
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.staff.deliveries.live import refusals_shown

NEWEST: Final = 50
DIGITS: Final = re.compile(r"\d+")


def small_groups_are_not_told() -> Finding:
    """X6: no figure by reason, of the newest campaigns as the page writes it, speaks of fewer than ten people.

    Every size from one to nine is tried too: what no campaign happens to have would be written no other way.
    """
    campaigns = list(Campaign.objects.filter(lifecycle__started_at__isnull=False).order_by("-pk")[:NEWEST])
    withheld = [progress(each).withheld for each in campaigns]
    tried = [dict.fromkeys(("suppressed",), size) for size in range(1, SMALLEST_GROUP)]
    rows = [row for each in (*withheld, *tried) for row in refusals_shown(each)]
    told = [row for row in rows if is_small(row.count) and _figure(row.shown) != SMALLEST_GROUP]
    figures = {"small_groups_told": len(told), "figures": len(rows), "campaigns": len(campaigns)}
    return Finding(Verdict.BROKEN if told else Verdict.HOLDS, figures)


def take_part() -> None:
    """Register the check at the port."""
    control = "tests/staff/test_statistics_claims.py::test_a_group_of_three_breaks_x6"
    claims.register("X6", Claim("X6", small_groups_are_not_told, control))


def _figure(shown: str) -> int:
    """Read the first number of a figure as it is written; what has none tells none."""
    found = DIGITS.search(shown)
    return int(found.group()) if found else SMALLEST_GROUP
