"""Old evidence goes run by run; the turns of a verdict, the newest of each claim and the last thirteen months stay."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from luvalla.jobs.testing import run_periodic
from luvalla.ledger.models import LedgerRow
from luvalla.notices.keeping import EVIDENCE, evidence_past_its_time, let_go_evidence
from luvalla.notices.models import ClaimVerdict
from luvalla.notices.retention import look_at_retention

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - EVIDENCE - timedelta(days=30)


def saw(day: int, *, since: datetime = LONG_AGO, **verdicts: str) -> uuid.UUID:
    """Write a run of that day."""
    run = uuid.uuid4()
    for claim, verdict in verdicts.items():
        ClaimVerdict.objects.create(
            run=run, claim=claim, verdict=verdict, digest="", checked_at=since + timedelta(days=day)
        )
    return run


def test_what_turned_stays_and_what_only_repeated_goes() -> None:
    first = saw(0, S8="holds", S9="holds")
    again = saw(1, S8="holds", S9="holds")
    broke = saw(2, S8="broken", S9="holds")
    still = saw(3, S8="broken")
    mended = saw(4, S8="holds", S9="holds")
    after = saw(5, S8="holds", S9="holds")
    young = saw(0, since=timezone.now() - timedelta(days=399), S8="holds", S9="holds")
    assert evidence_past_its_time(timezone.now()) == {again, still, after}
    assert let_go_evidence(timezone.now()) == 5
    assert set(ClaimVerdict.objects.values_list("run", flat=True)) == {first, broke, mended, young}
    assert LedgerRow.objects.get(verb="notices.let_go_evidence").facts == {"runs": 3, "rows": 5}
    assert evidence_past_its_time(timezone.now()) == set()
    assert let_go_evidence(timezone.now()) == 0


def test_a_claim_that_was_never_seen_again_keeps_its_newest_run_whole() -> None:
    saw(0, S8="holds")
    saw(1, S8="holds")
    last = saw(2, S8="holds", S9="holds")
    newest = saw(3, S8="holds")
    let_go_evidence(timezone.now())
    kept = ClaimVerdict.objects.order_by("pk").values_list("run", "claim")
    assert [each for each in kept if each[0] in {last, newest}] == [(last, "S8"), (last, "S9"), (newest, "S8")]


def test_it_goes_by_itself_every_day_and_stands_in_the_schedule() -> None:
    for day in range(4):
        saw(day, S8="holds")
    assert {each.kind: each.overdue for each in look_at_retention(timezone.now())}["evidence"] == 2
    run_periodic("notices.let_go")
    assert {each.kind: each.overdue for each in look_at_retention(timezone.now())}["evidence"] == 0
    assert ClaimVerdict.objects.count() == 2
