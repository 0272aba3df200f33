from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from luvalla.ledger.claims import CLAIMS, erasures_are_continuous
from luvalla.ledger.erasures import Entry, Operation, append
from luvalla.ledger.models import ErasuresMark, LedgerRow
from luvalla.rules.ports import Verdict, claims

pytestmark = pytest.mark.django_db
STOP = [Entry(Operation.ERASE, (bytes(32),)), Entry(Operation.SUPPRESS, (bytes(32),))]


def test_the_claims_are_at_the_port() -> None:
    assert all(claims.get(each.id) is each for each in CLAIMS)


def test_a_whole_ledger_of_erasures_holds() -> None:
    assert erasures_are_continuous().verdict is Verdict.HOLDS
    append(STOP)
    finding = erasures_are_continuous()
    assert finding.verdict is Verdict.HOLDS
    assert finding.figures == {"lines": 2, "known": 2, "backups_beyond": 0, "without_drill": 0}


def test_a_ledger_ahead_of_the_database_holds() -> None:
    append(STOP)
    ErasuresMark.objects.all().delete()
    assert erasures_are_continuous().verdict is Verdict.HOLDS


def test_a_cut_ledger_of_erasures_breaks_x2(outside: Path) -> None:
    append(STOP)
    outside.write_bytes(outside.read_bytes().splitlines(keepends=True)[0])
    finding = erasures_are_continuous()
    assert (finding.verdict, finding.figures["fault"]) == (Verdict.BROKEN, "behind the database")


def test_a_lost_ledger_of_erasures_breaks_x2(outside: Path) -> None:
    append(STOP)
    outside.unlink()
    assert erasures_are_continuous().verdict is Verdict.BROKEN


def test_a_changed_line_breaks_x2(outside: Path) -> None:
    append(STOP)
    outside.write_bytes(outside.read_bytes().replace(b'"erase"', b'"lift"'))
    finding = erasures_are_continuous()
    assert (finding.verdict, finding.figures) == (Verdict.BROKEN, {"line": 1, "fault": "changed"})


def test_another_ledger_of_erasures_breaks_x2(outside: Path) -> None:
    append(STOP)
    mark = ErasuresMark.objects.get()
    outside.unlink()
    append(STOP)
    ErasuresMark.objects.update(mac=mark.mac)
    finding = erasures_are_continuous()
    assert (finding.verdict, finding.figures["fault"]) == (Verdict.BROKEN, "another one")


def row(verb: str, days_ago: int, **facts: int) -> None:
    LedgerRow.objects.create(actor="operator", verb=verb, at=timezone.now() - timedelta(days=days_ago), facts=facts)


def test_a_restore_that_nobody_has_tried_for_three_months_breaks_x2() -> None:
    row("luvalla.first", 91)
    assert erasures_are_continuous().verdict is Verdict.BROKEN
    row("ledger.drill_restore", 89)
    assert erasures_are_continuous().verdict is Verdict.HOLDS


def test_a_backup_that_the_ledger_of_erasures_does_not_reach_breaks_x2() -> None:
    append(STOP)
    row("ledger.make_backup", 1, erasures=2)
    assert erasures_are_continuous().verdict is Verdict.HOLDS
    row("ledger.make_backup", 1, erasures=3)
    assert erasures_are_continuous().figures["backups_beyond"] == 1
    LedgerRow.objects.update(at=timezone.now() - timedelta(days=36))
    assert erasures_are_continuous().verdict is Verdict.HOLDS
