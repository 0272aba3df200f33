from __future__ import annotations

from datetime import date, timedelta

import pytest

from luvalla.ledger.actors import OPERATOR
from luvalla.organisation.actions import record_processor, record_transfer
from luvalla.organisation.adequacy import decision_for, decisions
from luvalla.organisation.models import Processor
from luvalla.organisation.queries import egress_allowed
from luvalla.rules.countries import EEA
from luvalla.rules.purposes import TransferGround

TODAY = date(2026, 11, 22)


@pytest.fixture
def processor(db: None) -> Processor:
    details = {
        "name": "Kauko Oy",
        "role": "relay",
        "country": "GB",
        "contract_reference": "DPA-1",
        "contract_from": date(2026, 1, 1),
    }
    return record_processor(details=details, actor=OPERATOR)


def transfer(processor: Processor, country: str, ground: TransferGround) -> None:
    record_transfer(
        processor=processor, country=country, ground=ground, reference="x", checked_on=TODAY, expires_on=None,
        actor=OPERATOR,
    )  # fmt: skip


def test_the_list_has_no_country_of_the_eea_and_every_decision_its_number() -> None:
    assert not set(decisions()) & EEA
    assert all(each.number and each.decided_on <= each.checked_on for each in decisions().values())
    assert not decisions()["US"].covers_whole_country


def test_a_decision_ends_on_its_last_day() -> None:
    last = decisions()["GB"].expires_on
    assert last is not None
    assert decision_for("gb", last) is not None
    assert decision_for("GB", last + timedelta(days=1)) is None
    assert decision_for("", TODAY) is None


def test_adequacy_opens_the_way_only_while_a_decision_is_in_force(processor: Processor) -> None:
    transfer(processor, "GB", TransferGround.ADEQUACY)
    assert egress_allowed("GB", processor, TODAY)
    assert not egress_allowed("GB", processor, date(2031, 12, 28))
    transfer(processor, "IN", TransferGround.ADEQUACY)
    assert not egress_allowed("IN", processor, TODAY)


def test_a_derogation_never_opens_what_happens_again_and_again(processor: Processor) -> None:
    transfer(processor, "IN", TransferGround.DEROGATION)
    assert not egress_allowed("IN", processor, TODAY)
    transfer(processor, "IN", TransferGround.CLAUSES)
    assert egress_allowed("IN", processor, TODAY)
