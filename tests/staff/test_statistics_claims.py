"""Figures about few people are not told, and the check notices when one is."""

from __future__ import annotations

import pytest
from django.utils import translation

from luvalla.rules.ports import Verdict
from luvalla.staff import formats
from luvalla.staff.deliveries.live import refusals_shown
from luvalla.staff.statistics_claims import small_groups_are_not_told

pytestmark = pytest.mark.django_db


def test_few_contacts_are_written_as_under_ten() -> None:
    with translation.override("en"):
        shown = [row.shown for row in refusals_shown({"suppressed": 3, "restricted": 10, "prohibited": 1200})]
    assert [each.replace("\xa0", "") for each in shown] == ["under 10", "10", "1,200"]
    assert small_groups_are_not_told().verdict is Verdict.HOLDS


def test_a_group_of_three_breaks_x6(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "group", formats.number)
    finding = small_groups_are_not_told()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["small_groups_told"] == 9
