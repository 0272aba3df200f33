from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.api import contacts, doors
from luvalla.api.limits import CallLimit
from luvalla.api.scopes import Scope
from luvalla.api.tokens import revoke_token
from luvalla.jobs.testing import run_due
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Processor
from luvalla.people.actions import revoke_undertaking, set_roles
from luvalla.people.models import Role
from luvalla.register.models import Batch, Contact, SourceNotice
from luvalla.register.queries import find_contact, is_suppressed
from luvalla.rules import ports
from luvalla.rules.address import normalise
from tests.api.conftest import Call, MakeKey
from tests.support.campaigns import approved_campaign
from tests.support.world import World

Customer = Callable[[str], Contact]
MAIJA = "maija@kotiposti.example"
LISTING = "/contacts?purpose=direct_marketing&audience=customers"


def slug_of(answer: Any) -> tuple[int, str]:
    """Give the status and the kind of a problem."""
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:luvalla:problem:")


def test_contacts_are_masked_and_each_page_is_a_row_with_its_purpose(call: Call, customer: Customer) -> None:
    for number in range(3):
        customer(f"asukas{number}@kotiposti.example")
    first = call("get", LISTING + "&limit=2").json()
    second = call("get", f"{LISTING}&limit=2&after={first['next']}").json()
    assert [len(each["contacts"]) for each in (first, second)] == [2, 1]
    assert second["next"] is None
    assert "asukas" not in json.dumps([first, second])
    rows = LedgerRow.objects.filter(verb="api.read_contacts").order_by("pk")
    assert [(each.purpose, each.facts["contacts"], each.facts["uncovered"]) for each in rows] == [
        ("direct_marketing", 2, 0), ("direct_marketing", 1, 0),
    ]  # fmt: skip
    assert all(each.actor.startswith("program:") for each in rows)


def test_a_listing_holds_only_those_a_letter_of_the_purpose_may_go_to(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    forbid = {"address": MAIJA, "kind": "prohibition", "forbids": ["direct_marketing", "direct_advertising"]}
    assert call("post", "/stops", forbid).status_code == 200
    assert call("get", LISTING).json()["contacts"] == []
    other = call("get", "/contacts?purpose=customer_information&audience=customers")
    assert len(other.json()["contacts"]) == 1


def test_addresses_come_whole_for_their_scope_and_only_so_many_a_day(
    call: Call, customer: Customer, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "ALONE_AT_MOST", 1)
    customer(MAIJA)
    assert call("get", LISTING + "&uncovered=true").json()["contacts"][0]["address"] == MAIJA
    assert slug_of(call("get", LISTING + "&uncovered=true")) == (403, "too-many-addresses")
    _, masked_only = make_key(Scope.READ_CONTACTS)
    assert slug_of(call("get", LISTING + "&uncovered=true", key=masked_only)) == (403, "no-scope")
    assert LedgerRow.objects.filter(verb="api.read_contacts").count() == 1


def test_a_look_up_tells_a_stopped_address_from_no_unknown_one(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    asked = {"address": " Maija@Kotiposti.example", "purpose": "direct_marketing", "audience": "customers"}
    assert call("post", "/contacts/look-up", asked).json()["may_be_sent"] is True
    call("post", "/stops", {"address": MAIJA, "kind": "withdrawal"})
    stopped = call("post", "/contacts/look-up", asked).json()
    unknown = call("post", "/contacts/look-up", {**asked, "address": "kukaan@kotiposti.example"}).json()
    assert stopped == unknown == {"may_be_sent": False, "ref": None, "reasons": ["permission_missing"]}
    assert LedgerRow.objects.filter(verb="register.search").count() == 3


def test_a_stop_is_effective_before_its_answer_and_goes_back_to_the_source(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    known = call("post", "/stops", {"address": MAIJA, "kind": "objection"}).json()
    unknown = call("post", "/stops", {"address": "kukaan@kotiposti.example", "kind": "objection"}).json()
    assert known["finished"] is unknown["finished"] is True
    assert find_contact(normalise(MAIJA)) is None
    assert is_suppressed(normalise(MAIJA))
    page = call("get", "/notices").json()
    assert [(each["address"], each["kind"]) for each in page["notices"]] == [(MAIJA, "objection")]
    handled = {"refs": [page["notices"][0]["ref"]]}
    assert call("post", "/notices/handled", handled).json() == {"handled": 1}
    assert call("post", "/notices/handled", handled).json() == {"handled": 0}
    assert call("get", "/notices").json()["notices"] == []
    assert not any(bytes(each.sealed) for each in SourceNotice.objects.all())


@pytest.mark.django_db(transaction=True)  # reading commits as it goes
def test_a_pushed_export_is_staged_as_files_are_and_people_decide(call: Call, customer: Customer) -> None:
    for number in range(5):
        customer(f"entinen{number}@kotiposti.example")
    body = {"permission": "customer", "rows": [{"address": MAIJA, "since": "2020-01-31"}, {"address": "rikki"}]}
    accepted = call("post", "/imports", body)
    assert (accepted.status_code, accepted.json()["state"]) == (202, "reading")
    assert slug_of(call("post", "/imports", body)) == (409, "undecided-import")
    run_due()
    shown = call("get", f"/imports/{accepted.json()['number']}").json()
    assert (shown["state"], shown["counts"]["new"], shown["counts"]["gone"]) == ("awaiting_release", 1, 5)
    assert find_contact(normalise(MAIJA)) is None
    assert Batch.objects.get().brought_by.startswith("program:")


@pytest.mark.django_db(transaction=True)  # reading commits as it goes
def test_a_pushed_export_tells_who_forbade_marketing(call: Call) -> None:
    rows = [{"address": MAIJA, "prohibited": True}, {"address": "ville@kotiposti.example"}]
    accepted = call("post", "/imports", {"permission": "customer", "rows": rows})
    run_due()
    counts = call("get", f"/imports/{accepted.json()['number']}").json()["counts"]
    assert (counts["new"], counts["prohibited"], counts["forbidden"]) == (2, 1, 1)


@pytest.mark.django_db(transaction=True)  # reading commits as it goes
def test_an_export_is_pushed_as_the_file_it_is(call: Call) -> None:
    accepted = call(
        "post", "/imports/file?permission=customer", "sähköposti;asiakas alkaen\nmaija@kotiposti.example;1.2.2020\n"
    )
    assert accepted.status_code == 202
    run_due()
    assert call("get", f"/imports/{accepted.json()['number']}").json()["counts"]["new"] == 1


def test_campaigns_show_totals_and_nobody(call: Call, world: World) -> None:
    campaign = approved_campaign(world)
    listed = call("get", "/campaigns").json()["campaigns"]
    assert [(each["ref"], each["state"]) for each in listed] == [(str(campaign.ref), "approved")]
    assert call("get", f"/campaigns/{campaign.ref}").json()["accepted"] == 0


def test_a_token_dies_with_its_contract(call: Call, processor: Processor) -> None:
    assert call("get", "/me").json()["belongs_to"] == "system"
    processor.contract_until = timezone.localdate() - timedelta(days=1)
    processor.save()
    assert slug_of(call("get", "/me")) == (403, "no-contract")


def test_a_token_dies_with_its_person_s_undertaking_and_loses_what_the_person_loses(
    call: Call, make_key: MakeKey, world: World
) -> None:
    person = world.approver
    set_roles(user=person, roles=[Role.REGISTER_OWNER.value], actor=OPERATOR)
    person = type(person).objects.get(pk=person.pk)
    _, key = make_key(Scope.READ_CONTACTS, Scope.READ_CAMPAIGNS, person=person)
    assert call("get", LISTING, key=key).status_code == 200
    assert LedgerRow.objects.get(verb="api.read_contacts").actor == f"person:{person.ref}"
    set_roles(user=person, roles=[Role.APPROVER.value], actor=OPERATOR)
    assert slug_of(call("get", LISTING, key=key)) == (403, "no-scope")
    assert call("get", "/campaigns", key=key).status_code == 200
    revoke_undertaking(user=person, reason="Left.", actor=OPERATOR)
    assert slug_of(call("get", "/campaigns", key=key)) == (403, "account-shut")


def test_a_revoked_token_and_one_past_its_time_open_nothing(call: Call, make_key: MakeKey) -> None:
    (revoked, first), (expired, second) = make_key(), make_key()
    revoke_token(token=revoked, actor=OPERATOR)
    type(expired).objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    assert slug_of(call("get", "/me", key=first)) == (401, "token-revoked")
    assert slug_of(call("get", "/me", key=second)) == (401, "token-expired")
    assert slug_of(call("get", "/me", key="luv_something-else")) == (401, "no-token")


def test_a_broken_promise_closes_what_gives_addresses(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports.door_keepers, "_parts", {})
    assert slug_of(call("get", "/notices")) == (503, "promise-broken")
    assert call("get", LISTING).status_code == 200


def test_a_token_that_calls_too_often_waits(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "CALLS", CallLimit(2, seconds=60))
    assert [call("get", "/me").status_code for _ in range(3)] == [200, 200, 429]


def test_a_problem_says_what_to_do_next_in_the_callers_language_and_repeats_no_value(call: Call) -> None:
    body = {"address": "maija(at)kotiposti.example", "kind": "withdrawal"}
    answer = call("post", "/stops", body, **{"accept-language": "fi"})
    assert slug_of(answer) == (422, "not-an-address")
    assert answer.json()["next"] == "Lähetä yksi kokonainen osoite."
    wrong = call("post", "/stops", {"address": 7, "kind": "maija@kotiposti.example"})
    assert slug_of(wrong) == (422, "not-valid")
    assert "maija" not in wrong.content.decode()
    assert {each["at"] for each in wrong.json()["faults"]} == {"body.address", "body.kind"}
    assert slug_of(call("post", "/stops", "{not json")) == (400, "not-readable")


def test_what_is_no_address_of_the_api_is_a_problem_document_too(call: Call) -> None:
    for path in ("/nothing", "/contacts/", "/me/again"):
        for key in ({}, {"key": ""}):
            answer = call("get", path, **key, **{"accept-language": "sv"})
            assert slug_of(answer) == (404, "not-found"), path
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Något sådant finns inte."


def test_a_method_that_an_address_has_not_is_a_problem_document_with_those_it_has(call: Call) -> None:
    answer = call("delete", "/me")
    assert slug_of(answer) == (405, "wrong-method")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Allow"] == "GET, HEAD"
    assert call("get", "/stops").headers["Allow"] == "POST"


def test_pages_that_are_no_part_of_the_api_stay_pages(call: Call, world: World) -> None:
    answer = Client().get("/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/me", "/openapi.json", LISTING, "/campaigns", "/notices", "/nothing", "/stops"])
def test_a_head_is_the_get_without_its_content(call: Call, customer: Customer, path: str) -> None:
    customer(MAIJA)
    got, asked = call("get", path), call("head", path)
    assert asked.status_code == got.status_code
    assert asked.content == b""
    assert dict(asked.headers) == {**got.headers, "Content-Length": asked.headers["Content-Length"]}
    assert int(asked.headers["Content-Length"]) == len(got.content)


def test_a_head_without_a_token_opens_nothing_and_one_that_reads_is_a_row(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    assert call("head", LISTING, key="").status_code == 401
    assert not LedgerRow.objects.filter(verb="api.read_contacts").exists()
    call("head", LISTING)
    assert LedgerRow.objects.filter(verb="api.read_contacts").count() == 1


def test_the_last_use_of_a_token_is_written_down_once_a_minute_and_only_for_calls_that_were_let_through(
    call: Call, make_key: MakeKey
) -> None:
    token, key = make_key(Scope.READ_CAMPAIGNS)

    def last_used() -> datetime | None:
        token.refresh_from_db()
        return token.last_used_at

    begin = timezone.now()
    assert last_used() is None
    assert call("get", "/notices", key=key).status_code == 403
    assert last_used() is None
    assert call("get", "/campaigns", key=key).status_code == 200
    first = last_used()
    assert first is not None
    assert begin <= first <= timezone.now()
    call("get", "/campaigns", key=key)
    assert last_used() == first
    type(token).objects.update(last_used_at=first - timedelta(seconds=61))
    call("get", "/campaigns", key=key)
    assert (last_used() or begin) > first - timedelta(seconds=1)
    revoke_token(token=token, actor=OPERATOR)
    stood = last_used()
    assert call("get", "/campaigns", key=key).status_code == 401
    assert last_used() == stood


def test_a_restricted_contact_is_neither_listed_nor_told_from_an_unknown_one(call: Call, customer: Customer) -> None:
    seen = customer(MAIJA)
    asked = {"address": MAIJA, "purpose": "direct_marketing", "audience": "customers"}
    assert [each["ref"] for each in call("get", LISTING).json()["contacts"]] == [str(seen.ref)]
    assert call("post", "/contacts/look-up", asked).json()["may_be_sent"]
    Contact.objects.update(restricted_at=timezone.now())
    assert call("get", LISTING).json()["contacts"] == []
    unknown = call("post", "/contacts/look-up", {**asked, "address": "tuntematon@kotiposti.example"}).json()
    assert call("post", "/contacts/look-up", asked).json() == unknown
