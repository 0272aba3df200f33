from __future__ import annotations

import json

import pytest
from django.utils import timezone, translation

from luvalla.ledger.actors import OPERATOR
from luvalla.organisation.breaches import Account, record_breach
from luvalla.rules.breach import Kind
from luvalla.rules.ports import account_records
from tests.support.world import make_world

pytestmark = pytest.mark.django_db


def rows_of(name: str) -> list[dict[str, object]]:
    record = account_records.get(name)
    assert record is not None
    return [dict(each) for each in record.rows()]


def test_the_pack_s_records_are_in_english_whatever_the_interface_speaks() -> None:
    make_world()
    with translation.override("fi"):
        processing, access = rows_of("processing"), rows_of("access")
    assert processing[0]["Activity"] == "Newsletter register"
    assert {each["Person"] for each in access} >= {"Mikael Lindqvist", "Aino Salmela"}
    assert rows_of("retention")


def test_a_breach_is_in_the_pack_without_its_words() -> None:
    now = timezone.now()
    account = Account("Neljäkymmentä osoitetta näkyi toisille.")
    record_breach(
        kind=Kind.CONFIDENTIALITY, detected_at=now, aware_at=now, account=account, subjects=40, actor=OPERATOR
    )
    [row] = rows_of("breaches")
    assert (row["kind"], row["subjects"], row["closed_at"]) == ("confidentiality", 40, None)
    assert "osoitetta" not in json.dumps(row, ensure_ascii=False)
