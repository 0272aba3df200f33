"""How long evidence is kept: every run for thirteen months; after that the runs in which a verdict turned.

A run is let go as a whole: the ledger's hash of its evidence can be computed anew for as long as any of it is there.
What the checks counted is never about a person, so the notice need not speak of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.models import ClaimVerdict
from luvalla.rules.ports import Keeping

EVIDENCE: Final = timedelta(days=396)
"""A year between two audits and a month for the auditor."""
RUNS_AT_ONCE: Final = 50


def evidence_past_its_time(now: datetime) -> set[uuid.UUID]:
    """Give the runs older than that in which every claim was seen as the time before, and has been seen again since."""
    newest = set(ClaimVerdict.objects.values("claim").annotate(row=Max("pk")).values_list("row", flat=True))
    before: dict[str, str] = {}
    old: set[uuid.UUID] = set()
    kept: set[uuid.UUID] = set()
    for pk, run, claim, verdict in _rows(now - EVIDENCE):
        old.add(run)
        if before.get(claim) != verdict or pk in newest:
            kept.add(run)
        before[claim] = verdict
    return old - kept


def let_go_evidence(now: datetime) -> int:
    """Delete these runs in small transactions, with a row of the ledger; tell how many rows went."""
    runs, gone = sorted(evidence_past_its_time(now)), 0
    while runs:
        some, runs = runs[:RUNS_AT_ONCE], runs[RUNS_AT_ONCE:]
        with transaction.atomic():
            count, _ = ClaimVerdict.objects.filter(run__in=some).delete()
            facts = {"runs": len(some), "rows": count}
            record("notices.let_go_evidence", actor=SYSTEM, subject=Subject("claims"), facts=facts)
        gone += count
    return gone


def _rows(before: datetime) -> Iterator[tuple[int, uuid.UUID, str, str]]:
    """Go through the old verdicts in the order they were seen."""
    old = ClaimVerdict.objects.filter(checked_at__lt=before).order_by("pk")
    return old.values_list("pk", "run", "claim", "verdict").iterator()


KEEPING: Final = Keeping("evidence", lambda now: len(evidence_past_its_time(now)), let_go_evidence, kept=EVIDENCE)
