"""The check the ledger contributes to the claims of the notice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.errors import ErasuresBroken
from luvalla.ledger.models import ErasuresMark, LedgerRow
from luvalla.rules.ports import Claim, Finding, Verdict, claims
from luvalla.rules.retention import BACKUP

MAKE_BACKUP: Final = "ledger.make_backup"
TRIALS: Final = ("ledger.drill_restore", "ledger.restore")
TRIED_WITHIN: Final = timedelta(days=90)


def erasures_are_continuous() -> Finding:
    """X2: the ledger of erasures is unbroken, reaches the database and each backup; a restore was tried lately."""
    mark = ErasuresMark.objects.first()
    known = mark.seq if mark else 0
    try:
        lines = {line.seq: line.mac for line in erasures.read_lines()}
    except ErasuresBroken as fault:
        return Finding(Verdict.BROKEN, {"line": fault.line, "fault": fault.fault})
    if mark and lines.get(known) != bytes(mark.mac):
        is_behind = not any(seq >= known for seq in lines)
        return Finding(Verdict.BROKEN, {"known": known, "fault": "behind the database" if is_behind else "another one"})
    breaches = {"backups_beyond": _backups_beyond(lines), "without_drill": int(not _was_tried_lately())}
    verdict = Verdict.BROKEN if any(breaches.values()) else Verdict.HOLDS
    return Finding(verdict, {"lines": max(lines, default=0), "known": known, **breaches})


def _backups_beyond(lines: Collection[int]) -> int:
    """Count the backups that still exist and that the ledger of erasures could not tell what happened since."""
    made = LedgerRow.objects.filter(verb=MAKE_BACKUP, at__gt=timezone.now() - BACKUP).values_list("facts", flat=True)
    known = {int(facts["erasures"]) for facts in made}
    begins = min(lines, default=0)
    return sum(1 for seq in known if seq not in lines and (seq or begins > 1))


def _was_tried_lately() -> bool:
    """Tell whether a backup was put back within 90 days, on trial or in earnest, since there was something to lose."""
    since = timezone.now() - TRIED_WITHIN
    if not LedgerRow.objects.filter(at__lt=since).exists():
        return True
    return LedgerRow.objects.filter(verb__in=TRIALS, at__gte=since).exists()


CLAIMS: Final = (
    Claim("X2", erasures_are_continuous, "tests/ledger/test_claims.py::test_a_cut_ledger_of_erasures_breaks_x2"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)
