"""The organisation's records are checked when they are written, and a document is recorded whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from luvalla.cli.installation import install, read_document
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.actions import record_controller, record_processor, record_transfer
from luvalla.organisation.errors import NotInOrder, NotSetUp
from luvalla.organisation.models import Controller, Processor, Purpose
from luvalla.organisation.queries import balancing_test_until, egress_allowed, the_controller
from luvalla.rules.purposes import Prohibited
from tests.support.world import EXAMPLE, make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def test_the_example_document_records_all_that_an_import_and_a_send_need() -> None:
    world = make_world()
    assert world.controller.business_id == "1234567-1"
    sales = Prohibited.DIRECT_ADVERTISING | Prohibited.DISTANCE_SELLING | Prohibited.DIRECT_MARKETING
    assert world.marketing.forbidden_by == sales
    assert world.crm.default_audience == world.customers
    assert world.crm.evidence
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert all((balancing_test_until(each, now) or now) > now for each in Purpose.objects.all())


def test_every_record_of_the_document_has_its_ledger_row() -> None:
    make_world()
    verbs = set(LedgerRow.objects.values_list("verb", flat=True))
    assert {"organisation.record_controller", "organisation.declare_purpose", "register.declare_source"} <= verbs
    assert LedgerRow.objects.filter(verb="organisation.approve_balancing_test").count() == 3


def test_a_business_id_with_a_flipped_digit_is_refused_and_nothing_is_recorded() -> None:
    document = read_document(EXAMPLE)
    document["controller"]["business_id"] = "1234567-2"
    with pytest.raises(NotInOrder, match="check digit"):
        install(document)
    assert not Controller.objects.exists()
    assert not Purpose.objects.exists()


def test_a_document_without_a_key_names_it() -> None:
    document = read_document(EXAMPLE)
    del document["source"][0]["evidence"]
    with pytest.raises(NotInOrder, match="evidence"):
        install(document)
    assert not Controller.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"), [("key", "muu"), ("name_fi", "Muu viestintä"), ("description_sv", "Övrigt.")]
)
def test_a_purpose_that_could_be_anything_is_refused(name: str, value: str) -> None:
    document = read_document(EXAMPLE)
    document["purpose"][0][name] = value
    with pytest.raises(NotInOrder, match="could be anything"):
        install(document)
    assert not Purpose.objects.exists()


def test_an_unknown_prohibition_or_basis_is_refused() -> None:
    document = read_document(EXAMPLE)
    document["purpose"][0]["forbidden_by"] = ["everything"]
    with pytest.raises(NotInOrder, match="everything"):
        install(document)
    document = read_document(EXAMPLE)
    document["purpose"][0]["basis"] = "because"
    with pytest.raises(NotInOrder, match="basis"):
        install(document)


def test_a_field_the_controller_does_not_have_is_named() -> None:
    with pytest.raises(NotInOrder, match="motto"):
        record_controller(details={"motto": "x"}, actor=OPERATOR)


def test_before_init_there_is_no_controller() -> None:
    with pytest.raises(NotSetUp):
        the_controller()


def processor(country: str, *, until: date | None = None) -> Processor:
    details = {
        "name": f"Postitus {country}",
        "role": "relay",
        "country": country,
        "contract_reference": "DPA-1",
        "contract_from": date(2026, 1, 1),
        "contract_until": until,
    }
    return record_processor(details=details, actor=OPERATOR)


def test_a_processor_in_the_eea_needs_a_live_contract_and_no_transfer() -> None:
    assert egress_allowed("fi", processor("FI"), TODAY)
    assert not egress_allowed("SE", processor("SE", until=TODAY - timedelta(days=1)), TODAY)
    assert not egress_allowed("FI", None, TODAY)


def test_outside_the_eea_only_a_live_transfer_record_opens_the_way() -> None:
    american = processor("US")
    assert not egress_allowed("US", american, TODAY)
    transfer = record_transfer(
        processor=american,
        country="US",
        ground="clauses",
        reference="SCC-2026-1",
        checked_on=TODAY,
        expires_on=TODAY,
        actor=OPERATOR,
    )
    assert egress_allowed("US", american, TODAY)
    transfer.expires_on = TODAY - timedelta(days=1)
    transfer.save()
    assert not egress_allowed("US", american, TODAY)
