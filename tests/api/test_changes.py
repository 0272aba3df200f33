"""Single changes of the customer system: each by the register's own ways, and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from luvalla.api.models import BroughtChange
from luvalla.api.tasks import forget_calls
from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.register.actions import add_permission, restrict_contact
from luvalla.register.importing.actions import begin_batch
from luvalla.register.models import Contact, Permission, PermissionProof, SourceNotice
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.api.conftest import Call
from tests.support.world import World

pytestmark = pytest.mark.django_db
MAIJA, VILLE = "maija@kotiposti.example", "ville@kotiposti.example"
Customer = Callable[[str], Contact]


def present(number: str, address: str = MAIJA, **more: Any) -> dict[str, Any]:
    return {"id": number, "happened": "present", "address": address, "permission": "customer", **more}


def gone(number: str, address: str = MAIJA) -> dict[str, Any]:
    return {"id": number, "happened": "gone", "address": address}


def moved(number: str, to: str = VILLE) -> dict[str, Any]:
    return {"id": number, "happened": "moved", "address": MAIJA, "to": to}


def outcomes(call: Call, *changes: dict[str, Any]) -> list[str]:
    answer = call("post", "/changes", {"changes": changes})
    assert answer.status_code == 200, answer.content
    return [each["outcome"] for each in answer.json()["changes"]]


def test_a_new_customer_gets_a_permission_with_its_evidence_and_row(call: Call, world: World) -> None:
    assert outcomes(call, present("a-1", since="2026-11-02"), present("a-2")) == ["granted", "unchanged"]
    permission = Permission.objects.get()
    assert (permission.source, permission.kind, str(permission.since)) == (world.crm, "customer", "2026-11-02")
    assert LedgerRow.objects.get(verb="register.add_permission").actor.startswith("program:")
    assert outcomes(call, present("a-3", permission="legal_entity")) == ["granted"]
    assert [each.kind for each in Permission.objects.filter(ended_at=None)] == ["legal_entity"]


def test_a_change_told_again_is_not_carried_out_again(call: Call) -> None:
    assert outcomes(call, present("b-1"), gone("b-2")) == ["granted", "ended"]
    answer = call("post", "/changes", {"changes": [present("b-1"), gone("b-2")]}).json()["changes"]
    assert [(each["outcome"], each["is_repeated"]) for each in answer] == [("granted", True), ("ended", True)]
    assert find_contact(normalise(MAIJA)) is None
    BroughtChange.objects.update(at=timezone.now() - timedelta(days=31))
    assert forget_calls() == 2


def test_who_has_gone_is_erased_with_a_proof_and_can_come_back(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    assert outcomes(call, gone("c-1"), gone("c-2"), present("c-3")) == ["ended", "unknown", "granted"]
    assert PermissionProof.objects.count() == 1
    assert not is_suppressed(normalise(MAIJA))
    assert LedgerRow.objects.get(verb="register.end_permission").facts == {"source": "crm", "permissions": 1}


def test_who_has_gone_from_one_source_stays_with_another(call: Call, customer: Customer, world: World) -> None:
    contact = customer(MAIJA)
    add_permission(
        address=normalise(MAIJA), kind=PermissionKind.CONSENT, source=world.sign_up, audience=world.customers,
        purposes=["direct_marketing"], actor=SYSTEM,
    )  # fmt: skip
    assert outcomes(call, gone("d-1"), gone("d-2")) == ["ended", "unknown"]
    assert find_contact(normalise(MAIJA)) == contact


def test_a_stopped_address_does_not_come_back_and_the_source_is_told(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    withdraw(address=normalise(MAIJA), channel="link", actor=SUBJECT)
    before = SourceNotice.objects.count()
    assert outcomes(call, present("e-1")) == ["stopped"]
    assert find_contact(normalise(MAIJA)) is None
    assert SourceNotice.objects.count() == before + 1


def test_a_new_address_is_a_correction_and_the_old_one_is_stopped(call: Call, customer: Customer) -> None:
    contact = customer(MAIJA)
    assert outcomes(call, moved("f-1"), moved("f-2")) == ["corrected", "unknown"]
    assert find_contact(normalise(VILLE)) == contact
    assert is_suppressed(normalise(MAIJA))
    assert LedgerRow.objects.get(verb="register.rectify").facts["channel"] == "source"


def test_a_source_cannot_move_somebody_to_a_mailbox_that_was_stopped(call: Call, customer: Customer) -> None:
    contact = customer(MAIJA)
    withdraw(address=normalise(VILLE), channel="link", actor=SUBJECT)
    assert outcomes(call, moved("g-1")) == ["stopped"]
    assert find_contact(normalise(MAIJA)) == contact
    assert not is_suppressed(normalise(MAIJA))


def test_what_is_restricted_is_left_as_it_is(call: Call, customer: Customer) -> None:
    contact = customer(MAIJA)
    restrict_contact(contact=contact, reason="accuracy", actor=SYSTEM)
    assert outcomes(call, present("h-1", permission="legal_entity"), gone("h-2")) == ["unchanged", "unchanged"]
    assert Permission.objects.get().kind == "customer"


def test_one_change_that_is_wrong_leaves_all_undone(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    wrongs = [
        gone("i-2", "maija"),
        {**gone("i-2"), "to": VILLE},
        {**moved("i-2"), "to": None},
        present("i-2", permission="prospect"),
        present("i-2", audience="nobody"),
        gone("maija@a.example"),
    ]
    for wrong in wrongs:
        assert call("post", "/changes", {"changes": [gone("i-1"), wrong]}).status_code == 422
    assert find_contact(normalise(MAIJA)) is not None
    assert not BroughtChange.objects.exists()


@pytest.mark.django_db(transaction=True)  # a batch begins in its own transaction
def test_changes_wait_for_the_import_that_is_to_be_decided(call: Call, world: World) -> None:
    begin_batch(source=world.crm, permission=PermissionKind.CUSTOMER, actor=SYSTEM)
    answer = call("post", "/changes", {"changes": [present("j-1")]})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "undecided-import")
