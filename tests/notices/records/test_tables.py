from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.apps import apps
from django.utils import timezone, translation

from luvalla.ledger.actors import OPERATOR
from luvalla.notices.records.processing import Activity, activities, stores_listed
from luvalla.notices.records.tables import RECORDS, record_of
from luvalla.notices.registry import entries
from luvalla.organisation.breaches import Account, record_breach
from luvalla.register.models import PermissionProof
from luvalla.rules.breach import Kind
from luvalla.rules.ports import holdings
from tests.support.world import World, make_world

ACCOUNTED_WITH: dict[str, str] = {
    "register.": "register.Contact",
    "mailroom.": "mailroom.Delivery",
    "people.": "people.User",
    "rights.": "rights.DataRequest",
    "paper.": "paper.PaperItem",
}
"""Rooms whose further tables belong to an activity that names their main one."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_every_store_of_the_record_exists_and_every_claim_it_names() -> None:
    labels = {each._meta.label for each in apps.get_models()}
    assert stores_listed() <= labels
    known = {each.id for each in entries()}
    assert all(set(each.claims) <= known for each in _activities_without_database())


def test_every_holding_is_accounted_for_by_an_activity() -> None:
    listed = stores_listed()
    for label in (label for holding in holdings for label in holding.models):
        room = next((prefix for prefix in ACCOUNTED_WITH if label.startswith(prefix)), None)
        assert label in listed or (room and ACCOUNTED_WITH[room] in listed), label


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_each_record_is_a_table_whose_rows_fit_its_columns(language: str, world: World) -> None:
    now = timezone.now()
    record_breach(
        kind=Kind.AVAILABILITY, detected_at=now, aware_at=now, account=Account("Levy rikkoutui."), actor=OPERATOR
    )
    with translation.override(language):
        tables = {key: record.table() for key, record in RECORDS.items()}
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)
    filled = {key for key, table in tables.items() if table.rows}
    assert filled == {"processing", "authorities", "balancing-tests", "processors", "retention", "breaches", "access"}


def test_the_record_of_processing_says_what_is_really_kept(world: World) -> None:
    with translation.override("fi"):
        table = RECORDS["processing"].table()
    names = [row[0] for row in table.rows]
    assert names[0] == "Uutiskirjerekisteri"
    deliveries = next(row for row in table.rows if row[0] == "Toimitukset")
    assert deliveries[5] == "30 päivää kirjeestä, sen jälkeen vain summat"
    assert "oikeutettu etu, 6 artiklan 1 kohdan f alakohta" in str(deliveries[2])


def test_a_retention_that_is_late_is_shown(world: World) -> None:
    PermissionProof.objects.create(folded=b"x" * 32, sealed=b"y", expires_at=timezone.now() - timedelta(days=2))
    with translation.override("en"):
        rows = {row[0]: row[1:3] for row in RECORDS["retention"].table().rows}
    assert rows["Proofs of ended permissions"] == ("3 years", 1)
    assert rows["What was said in answered requests"] == ("30 days", 0)


def test_an_unknown_record_is_none() -> None:
    assert record_of("recipes") is None


def _activities_without_database() -> list[Activity]:
    with mock.patch("luvalla.notices.records.processing.purposes", return_value=[]):
        return activities()
