from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.apps import apps
from django.utils import timezone, translation
from pytest_django import Settings

from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.models import Relay
from luvalla.notices.records.processing import Activity, activities, stores_listed
from luvalla.notices.records.tables import RECORDS, Cell, record_of
from luvalla.notices.registry import entries
from luvalla.organisation.breaches import Account, record_breach
from luvalla.organisation.models import BalancingTest, Disclosee, Processor, Transfer
from luvalla.register.models import PermissionProof
from luvalla.rules.breach import Kind
from luvalla.rules.ports import holdings
from luvalla.rules.purposes import DiscloseeKind, LegalBasis
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
    columns, names = list(table.columns), [row[0] for row in table.rows]
    assert names[0] == "Uutiskirjerekisteri"
    deliveries = next(row for row in table.rows if row[0] == "Toimitukset")
    assert deliveries[columns.index("Poistaminen")] == "30 päivää kirjeestä, sen jälkeen vain summat"
    assert "oikeutettu etu, 6 artiklan 1 kohdan f alakohta" in str(deliveries[2])


def processing(language: str = "en") -> dict[Cell, dict[str, Cell]]:
    """Give the record of processing: activity, then column, as it stands in a file."""
    with translation.override(language):
        columns, rows = RECORDS["processing"].table().filed()
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def test_the_record_names_the_controller_and_its_officer(world: World) -> None:
    told = processing()["Deliveries"]
    assert str(told["Controller"]).startswith(f"{world.controller.name} ({world.controller.business_id})")
    assert world.controller.dpo_email in str(told["Data protection officer"])
    assert "Joint controllers" not in told
    add_disclosee("Kaukolämpö Oy", DiscloseeKind.JOINT_CONTROLLER)
    assert processing()["Deliveries"]["Joint controllers"] == "Kaukolämpö Oy"


def test_the_record_names_who_is_really_given_the_data(world: World) -> None:
    assert processing()["Accounts and undertakings of secrecy"]["Recipients"] == "nobody outside the controller"
    assert "Postitutka Oy" not in str(processing()["Newsletter register"]["Recipients"])
    add_disclosee("Postitutka Oy", DiscloseeKind.CONTROLLER)
    named = processing()["Newsletter register"]["Recipients"]
    assert "Postitutka Oy" in str(named)
    Disclosee.objects.update(disclosed_until=timezone.localdate() - timedelta(days=1))
    assert "Postitutka Oy" not in str(processing()["Newsletter register"]["Recipients"])


def test_the_record_tells_transfers_with_their_ground_while_they_are_in_force(world: World) -> None:
    owner = Processor.objects.create(
        name="Letters Inc", role="relay", country="US", contract_reference="1", contract_from=timezone.localdate()
    )
    Relay.objects.create(name="far", url="smtp://mx.example.com", country="US", processor=owner, in_use=True, order=9)
    ground = Transfer.objects.create(
        processor=owner, country="US", ground="clauses", reference="SCC 1", checked_on=timezone.localdate()
    )
    with mock.patch("luvalla.mailroom.relays.settings.LUVALLA_SMTP_URL", ""):
        told = processing()["Newsletter register"]
        assert "Letters Inc" in str(told["Recipients"])
        assert told["Outside the EEA"] == "Letters Inc, US: standard clauses, article 46(2)(c) (SCC 1)"
        Transfer.objects.filter(pk=ground.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
        assert processing()["Newsletter register"]["Outside the EEA"] == "none"


def test_the_record_says_when_a_balancing_test_has_run_out(world: World) -> None:
    assert "no test in force" not in str(processing()["Newsletter register"]["Balancing tests until"])
    BalancingTest.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert "no test in force" in str(processing()["Newsletter register"]["Balancing tests until"])


def test_the_record_claims_no_second_factor_where_the_settings_ask_for_none(world: World, settings: Settings) -> None:
    settings.LUVALLA_SECOND_FACTOR = True
    assert "two factors" in str(processing()["Newsletter register"]["Security"])
    settings.LUVALLA_SECOND_FACTOR = False
    assert "two factors" not in str(processing()["Newsletter register"]["Security"])


def add_disclosee(name: str, kind: DiscloseeKind) -> Disclosee:
    return Disclosee.objects.create(
        name=name, kind=kind, country="FI", purpose_fi="posti", purpose_sv="post", purpose_en="post",
        basis=LegalBasis.CONTRACT, disclosed_from=timezone.localdate(),
    )  # fmt: skip


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
