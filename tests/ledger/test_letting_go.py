from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from luvalla.ledger import letting_go
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.letting_go import KEEPING, VERB, let_go_looks, looks_past_their_time
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.queries import Fault, verify_chain
from luvalla.rules.retention import ACCESS_LOG

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LOOK, WRITE = "register.uncover_address", "register.stop"


def write(*verbs: str, days_ago: int = 0) -> None:
    with time_machine.travel(NOW - timedelta(days=days_ago), tick=False), transaction.atomic():
        for verb in verbs:
            record(verb, actor=SYSTEM, purpose="request", facts={"contacts": 1})
    seal_rows()


@pytest.fixture
def two_years() -> None:
    """Write looks and writes of three ages: past their time, on its last day, and of today."""
    write(LOOK, WRITE, LOOK, "people.read_own_log", days_ago=ACCESS_LOG.days + 1)
    write(LOOK, WRITE, days_ago=ACCESS_LOG.days - 1)
    write(LOOK)


def verbs() -> list[str]:
    return list(LedgerRow.objects.exclude(verb=VERB).order_by("pk").values_list("verb", flat=True))


def test_old_looks_go_and_writes_stay_and_the_chain_holds(two_years: None) -> None:
    assert KEEPING.overdue(NOW) == 3
    assert let_go_looks(NOW) == 3
    assert verbs() == [WRITE, LOOK, WRITE, LOOK]
    assert not looks_past_their_time(NOW).exists()
    seal_rows()
    report = verify_chain()
    assert (report.broken, report.sealed, report.unsealed.rows) == (None, 8, 0)
    assert let_go_looks(NOW) == 0


def test_stretches_follow_one_another(two_years: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letting_go, "SEALS_AT_ONCE", 2)
    assert let_go_looks(NOW) == 3
    facts = LedgerRow.objects.filter(verb=VERB).order_by("pk").values_list("facts", flat=True)
    assert [(each["first"], each["last"], each["gone"]) for each in facts] == [(1, 2, 1), (3, 4, 2)]
    later = NOW + timedelta(days=2)
    assert let_go_looks(later) == 1
    seal_rows()
    assert verify_chain().broken is None


def test_a_row_removed_without_a_statement_is_found(two_years: None) -> None:
    let_go_looks(NOW)
    seal_rows()
    seal = LedgerSeal.objects.exclude(row=None).earliest("pk")
    row, seal.row = seal.row_id, None
    seal.save()
    LedgerRow.objects.filter(pk=row).delete()
    broken = verify_chain().broken
    assert broken is not None
    assert (broken.number, broken.fault) == (1, Fault.REMOVED)


def test_a_changed_statement_is_found(two_years: None) -> None:
    let_go_looks(NOW)
    seal_rows()
    statement = LedgerRow.objects.get(verb=VERB)
    statement.facts = {**statement.facts, "first": 2}
    statement.save()
    broken = verify_chain().broken
    assert broken is not None
    assert broken.fault is Fault.REMOVED


def test_a_link_that_was_changed_under_a_row_let_go_is_found(two_years: None) -> None:
    let_go_looks(NOW)
    seal_rows()
    LedgerSeal.objects.filter(pk=1).update(link=b"\0" * 32)
    broken = verify_chain().broken
    assert broken is not None
    assert broken.number == 2


def test_a_ledger_of_old_looks_alone_goes_on() -> None:
    write(LOOK, LOOK, days_ago=ACCESS_LOG.days + 1)
    assert let_go_looks(NOW) == 2
    write(WRITE)
    assert verify_chain().broken is None
    assert verify_chain().sealed == 4
