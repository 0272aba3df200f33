"""What programs read: the records as linked data, held to shapes with SHACL."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pyshacl import validate
from rdflib import RDF, Graph, Namespace

from luvalla.ledger.actors import OPERATOR
from luvalla.notices.records.consents import consent_document
from luvalla.notices.records.linked import linked_records
from luvalla.organisation.actions import record_processor, record_transfer
from luvalla.organisation.breaches import Account, record_breach
from luvalla.organisation.models import Disclosee
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact
from luvalla.register.stop import restrict
from luvalla.rules.address import normalise
from luvalla.rules.breach import Kind
from luvalla.rules.ports import barriers
from luvalla.rules.purposes import PermissionKind
from tests.support.world import World, make_world

# rdflib's own reader of JSON-LD and pyshacl still use what rdflib calls outdated.
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
DPV = Namespace("https://w3id.org/dpv#")
SHAPES = Path(__file__).with_name("shapes.ttl")
PROOF = {
    "method": "double opt-in",
    "wording_sha256": "ab" * 32,
    "language": "sv",
    "notice_version": 1,
    "confirmed_at": "2026-11-20T08:00:00+00:00",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def graph_of(document: dict[str, Any]) -> Graph:
    """Read a document as a program that knows nothing of us would, and hold it to the shapes."""
    return Graph().parse(data=json.dumps(document), format="json-ld")


def conforms(document: dict[str, Any]) -> bool:
    is_right, _, _ = validate(graph_of(document), shacl_graph=Graph().parse(SHAPES))
    return bool(is_right)


def consent(world: World, address: str) -> Contact:
    return add_permission(
        address=normalise(address),
        kind=PermissionKind.CONSENT,
        source=world.sign_up,
        audience=world.prospects,
        purposes=["direct_marketing"],
        proof=PROOF,
        actor=OPERATOR,
    ).contact


def test_an_activity_points_at_those_who_are_given_its_data(world: World) -> None:
    given = Disclosee.objects.create(
        name="Postitutka Oy", kind="controller", country="FI", purpose_fi="a", purpose_sv="b", purpose_en="c",
        basis="contract", disclosed_from=timezone.localdate(),
    )  # fmt: skip
    document = linked_records()
    assert conforms(document)
    nodes = {each["@id"]: each for each in document["@graph"]}
    recipient = {"@id": f"luvalla:recipient-{given.pk}"}
    assert recipient in nodes["luvalla:activity-register"]["dpv:hasRecipient"]
    assert nodes["luvalla:activity-accounts"]["dpv:hasRecipient"] == []


def test_the_records_fit_the_shapes_and_name_every_activity(world: World) -> None:
    now = timezone.now()
    account = Account("Neljäkymmentä osoitetta näkyi toisille.")
    record_breach(kind=Kind.CONFIDENTIALITY, detected_at=now, aware_at=now, account=account, actor=OPERATOR)
    british = {
        "name": "Kauko Oy", "role": "relay", "country": "GB", "contract_reference": "D1",
        "contract_from": date(2026, 1, 1),
    }  # fmt: skip
    record_transfer(
        processor=record_processor(details=british, actor=OPERATOR), country="GB", ground="adequacy", reference="x",
        checked_on=date(2026, 11, 22), expires_on=None, actor=OPERATOR,
    )  # fmt: skip
    document = linked_records()
    assert conforms(document)
    graph = graph_of(document)
    assert len(set(graph.subjects(RDF.type, DPV.PersonalDataHandling))) == 9
    assert "Neljäkymmentä" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.parametrize("lost", ["dpv:hasLegalBasis", "dpv:hasPersonalData", "dpv:hasStorageCondition"])
def test_a_record_that_lacks_something_does_not_fit(lost: str, world: World) -> None:
    document = deepcopy(linked_records())
    next(each for each in document["@graph"] if each["@type"] == "dpv:PersonalDataHandling").pop(lost)
    assert not conforms(document)


def test_a_consent_s_record_has_the_fields_of_the_standard_and_no_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barriers, "_parts", {})
    contact = consent(world, "tilaaja@kotiposti.example")
    consent(world, "rajoitettu@kotiposti.example")
    restrict(address=normalise("rajoitettu@kotiposti.example"), reason="accuracy", channel="letter", actor=OPERATOR)
    document = consent_document()
    assert conforms(document)
    records = [each for each in document["@graph"] if each["@type"] == "dpv:ConsentRecord"]
    assert [each["dpv:hasDataSubject"]["dct:identifier"] for each in records] == [str(contact.ref)]
    assert records[0]["dct:language"] == "sv"
    assert records[0]["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"]["@value"] == PROOF["confirmed_at"]
    assert "kotiposti" not in json.dumps(document)


def test_a_consent_without_its_time_does_not_fit(world: World) -> None:
    consent(world, "tilaaja@kotiposti.example")
    document = consent_document()
    del document["@graph"][1]["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"]
    assert not conforms(document)
