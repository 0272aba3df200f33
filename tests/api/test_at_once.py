"""Calls that arrive at the same moment over connections of their own: each change once, no limit passed, no fault."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from luvalla.api import changes, contacts
from luvalla.api.models import BroughtChange
from luvalla.api.scopes import Scope
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.people.actions import set_roles
from luvalla.people.models import Role
from luvalla.register.models import Contact, Permission, SourceNotice
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from tests.api.conftest import Call, MakeKey
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)
MAIJA, VILLE = "maija@kotiposti.example", "ville@kotiposti.example"
Customer = Callable[[str], Contact]


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make calls in threads of their own that all begin at one moment; give the answers in the calls' order."""
    start = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            start.wait(30)
            answers[number] = calls[number]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    assert None not in answers
    return answers


def bring(key: str, *told: dict[str, Any]) -> Callable[[], Any]:
    return lambda: Client().post(
        "/api/v1/changes",
        {"changes": list(told)},
        content_type="application/json",
        headers={"authorization": f"Bearer {key}"},
    )


def told(number: str, happened: str, address: str = MAIJA, **more: Any) -> dict[str, Any]:
    given = {"permission": "customer"} if happened == "present" else {}
    return {"id": number, "happened": happened, "address": address, **given, **more}


def outcomes(answers: list[Any]) -> list[tuple[str, bool]]:
    assert {each.status_code for each in answers} == {200}, [each.content for each in answers]
    return [(row["outcome"], row["is_repeated"]) for each in answers for row in each.json()["changes"]]


@pytest.mark.parametrize(
    ("change", "outcome", "verb"),
    [
        (told("a-1", "present", VILLE), "granted", "register.add_permission"),
        (told("a-2", "gone"), "ended", "register.end_permission"),
        (told("a-3", "moved", to=VILLE), "corrected", "register.rectify"),
    ],
    ids=["present", "gone", "moved"],
)
def test_one_change_told_by_four_connections_at_once_is_carried_out_once(
    make_key: MakeKey, customer: Customer, change: dict[str, Any], outcome: str, verb: str
) -> None:
    customer(MAIJA)
    key, before = make_key()[1], LedgerRow.objects.filter(verb=verb).count()
    said = outcomes(at_once([bring(key, change)] * 4))
    assert Counter(said) == {(outcome, False): 1, (outcome, True): 3}
    assert LedgerRow.objects.filter(verb=verb).count() == before + 1
    assert BroughtChange.objects.count() == 1


def test_a_stopped_address_told_by_four_connections_at_once_is_one_notice(
    make_key: MakeKey, customer: Customer
) -> None:
    customer(MAIJA)
    withdraw(address=normalise(MAIJA), channel="link", actor=OPERATOR)
    key, before = make_key()[1], SourceNotice.objects.count()
    said = outcomes(at_once([bring(key, told("b-1", "present"))] * 4))
    assert Counter(said) == {("stopped", False): 1, ("stopped", True): 3}
    assert SourceNotice.objects.count() == before + 1


@pytest.mark.parametrize("attempt", range(3))
def test_two_changes_of_one_contact_at_once_come_out_as_if_one_had_come_after_the_other(
    make_key: MakeKey, customer: Customer, attempt: int
) -> None:
    customer(MAIJA)
    key = make_key()[1]
    said = outcomes(
        at_once([
            bring(key, told(f"c-{attempt}", "present", permission="legal_entity")),
            bring(key, told(f"d-{attempt}", "gone")),
        ])
    )  # fmt: skip
    assert [each[0] for each in said] == ["granted", "ended"]
    live = list(Permission.objects.filter(ended_at=None).values_list("kind", flat=True))
    assert live in ([], ["legal_entity"])
    assert (find_contact(normalise(MAIJA)) is None) is (live == [])


def test_the_same_contact_gone_twice_under_two_numbers_is_ended_once(make_key: MakeKey, customer: Customer) -> None:
    customer(MAIJA)
    key = make_key()[1]
    said = outcomes(at_once([bring(key, told(f"e-{number}", "gone")) for number in range(3)]))
    assert Counter(each[0] for each in said) == {"ended": 1, "unknown": 2}
    assert LedgerRow.objects.filter(verb="register.end_permission").count() == 1


def test_a_new_customer_told_under_three_numbers_has_one_permission(make_key: MakeKey, world: World) -> None:
    key = make_key()[1]
    said = outcomes(at_once([bring(key, told(f"f-{number}", "present")) for number in range(3)]))
    assert Counter(each[0] for each in said) == {"granted": 1, "unchanged": 2}
    assert Permission.objects.filter(ended_at=None).count() == Contact.objects.count() == 1


def test_a_move_and_a_goodbye_at_once_leave_nobody_half_moved(make_key: MakeKey, customer: Customer) -> None:
    customer(MAIJA)
    key = make_key()[1]
    said = outcomes(at_once([bring(key, told("g-1", "moved", to=VILLE)), bring(key, told("g-2", "gone"))]))
    words = [each[0] for each in said]
    assert words in (["corrected", "unknown"], ["unknown", "ended"]), words
    assert find_contact(normalise(MAIJA)) is None
    assert (find_contact(normalise(VILLE)) is not None) is (words[0] == "corrected")
    assert is_suppressed(normalise(MAIJA)) is (words[0] == "corrected")


def test_a_call_that_broke_off_in_the_middle_is_taken_over(
    call: Call, customer: Customer, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer(MAIJA)
    monkeypatch.setattr(changes, "TAKEN_OVER", changes.TAKEN_OVER / 600)

    def breaks(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(changes.changes, "note_gone", breaks)
        with pytest.raises(KeyboardInterrupt):
            call("post", "/changes", {"changes": [told("h-1", "gone")]})
    answer = call("post", "/changes", {"changes": [told("h-1", "gone")]})
    assert outcomes([answer]) == [("ended", False)]


def test_a_change_that_failed_leaves_nothing_in_the_way_of_the_next_try(
    call: Call, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer(MAIJA)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as failing:
        failing.setattr(changes.changes, "note_gone", fails)
        assert call("post", "/changes", {"changes": [told("i-1", "gone")]}).status_code == 500
    assert not BroughtChange.objects.exists()
    assert outcomes([call("post", "/changes", {"changes": [told("i-1", "gone")]})]) == [("ended", False)]


def test_calls_at_once_do_not_pass_the_limit_of_addresses_together(
    make_key: MakeKey, customer: Customer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "ALONE_AT_MOST", 5)
    for number in range(2):
        customer(f"asiakas{number}@kotiposti.example")
    set_roles(user=world.author, roles=[Role.REGISTER_OWNER], actor=OPERATOR)
    keys = [make_key(Scope.READ_CONTACTS, Scope.READ_ADDRESSES, person=world.author)[1] for _ in range(3)]
    path = "/api/v1/contacts?purpose=direct_marketing&audience=customers&uncovered=true"
    reads = [lambda key=key: Client().get(path, headers={"authorization": f"Bearer {key}"}) for key in keys * 2]
    answers = at_once(reads)
    assert Counter(each.status_code for each in answers) == {200: 2, 403: 4}
    rows = LedgerRow.objects.filter(verb="api.read_contacts")
    assert sum(each.facts["uncovered"] for each in rows) == 4


def test_equal_stops_at_once_have_one_answer_each_and_stop_once(make_key: MakeKey, customer: Customer) -> None:
    customer(MAIJA)
    key = make_key()[1]
    body = {"address": MAIJA, "kind": "objection"}
    stop = lambda: Client().post(  # noqa: E731  # one call, made four times
        "/api/v1/stops", body, content_type="application/json", headers={"authorization": f"Bearer {key}"}
    )
    answers = at_once([stop] * 4)
    assert {each.status_code for each in answers} == {200}
    assert find_contact(normalise(MAIJA)) is None
    assert is_suppressed(normalise(MAIJA))
    assert SourceNotice.objects.count() == 1
