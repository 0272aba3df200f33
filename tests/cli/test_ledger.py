from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from luvalla.cli.main import main
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.models import LedgerRow, LedgerSeal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows() -> list[LedgerRow]:
    """Write three rows in an installation whose keys are in order."""
    check_keys()
    with transaction.atomic():
        return [record("register.test", actor=SYSTEM) for _ in range(3)]


def verify(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["ledger", "verify", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_ledger_that_holds_is_told_with_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verify(capsys)
    assert code == 0
    assert (said["holds"], said["rows"], said["late"], said["broken"]) == (True, 3, 0, None)
    assert main(["ledger", "verify"]) == 0
    assert "The ledger holds: 3 rows." in capsys.readouterr().out


def test_the_first_broken_link_is_named(rows: list[LedgerRow], capsys: pytest.CaptureFixture[str]) -> None:
    verify(capsys)
    LedgerRow.objects.filter(pk=rows[1].pk).update(verb="register.other")
    code, said = verify(capsys)
    assert code == 1
    assert said["holds"] is False
    assert (said["broken"]["link"], said["broken"]["row"], said["broken"]["fault"]) == (2, rows[1].pk, "changed")
    assert main(["ledger", "verify"]) == 1
    assert f"row {rows[1].pk} was changed" in capsys.readouterr().out


def test_an_end_cut_off_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    verify(capsys)
    last = LedgerSeal.objects.get(pk=3)
    last.delete()
    LedgerRow.objects.filter(pk=last.row_id).delete()
    code, said = verify(capsys)
    assert (code, said["broken"]["link"], said["broken"]["fault"]) == (1, 3, "cut_off")


def test_rows_that_waited_long_for_their_seal_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    LedgerRow.objects.update(at=timezone.now() - timedelta(hours=1))
    assert main(["ledger", "verify"]) == 0
    assert "3 rows had no seal" in capsys.readouterr().err


def test_a_command_seals_what_it_wrote() -> None:
    main(["show", "nobody@esimerkki.fi"])
    assert not LedgerRow.objects.filter(seal=None).exists()
    assert LedgerSeal.objects.count() == 4
