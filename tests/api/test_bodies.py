"""What an integrator meets when a body is too large, has no length, or has a fault that no schema can tell."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client, RequestFactory

from luvalla.api.answers import answer_in_problems
from luvalla.api.scopes import Scope
from luvalla.register.models import Batch, Stop
from tests.api.conftest import Call, MakeKey
from tests.api.test_calls import LISTING, MAIJA, Customer, slug_of
from tests.support.world import World


def faults_of(answer: Any) -> list[tuple[str, str]]:
    assert slug_of(answer)[0] == 422
    return [(each["at"], each["type"]) for each in answer.json()["faults"]]


def test_a_body_that_is_too_large_is_told_its_limit(call: Call) -> None:
    rows = [{"address": f"{'x' * 240}{number}@example.com"} for number in range(10_000)]
    answer = call("post", "/imports", {"permission": "customer", "rows": rows}, **{"accept-language": "en"})
    assert slug_of(answer) == (413, "too-large")
    assert answer.json()["next"] == "Send at most 2.5 MB."


def test_ten_thousand_rows_of_a_usual_length_are_not_too_large(call: Call) -> None:
    row = {"address": "etunimi.sukunimi-toinen@kotiposti.example", "since": "2024-01-31", "kind": "yksityinen"}
    body = json.dumps({"permission": "service_message", "rows": [row] * 10_000})
    assert faults_of(call("post", "/imports", body)) == [("permission", "enum")]


def test_a_body_without_its_length_is_refused_and_not_read_as_an_empty_one(call: Call, make_key: MakeKey) -> None:
    answer = Client().generic(
        "POST", "/api/v1/imports/file?permission=customer", b"", "text/csv",
        headers={"authorization": f"Bearer {make_key()[1]}", "transfer-encoding": "chunked"}, CONTENT_LENGTH="",
    )  # fmt: skip
    assert slug_of(answer) == (411, "no-length")


def test_nothing_of_the_api_is_kept_on_its_way(call: Call, customer: Customer) -> None:
    customer(MAIJA)
    for answer in (call("get", LISTING + "&uncovered=true"), call("get", "/notices"), call("get", "/nothing")):
        assert answer.headers["Cache-Control"] == "no-store"
    elsewhere = answer_in_problems(lambda _: Client().get("/robots.txt"))(RequestFactory().get("/robots.txt"))
    assert elsewhere.headers.get("Cache-Control") != "no-store"


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/stops", {"address": MAIJA, "kind": "prohibition"}, ("body.forbids", "missing")),
        ("/stops", {"address": "maija", "kind": "erasure"}, ("body.address", "no_at_sign")),
        ("/imports", {"permission": "service_message", "rows": [{"address": MAIJA}]}, ("permission", "enum")),
    ],
)
def test_a_fault_names_its_place(call: Call, path: str, body: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults_of(call("post", path, body)) == [fault]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"happened": "moved"}, ("to", "missing")),
        ({"happened": "gone", "to": MAIJA}, ("to", "extra_forbidden")),
        ({"happened": "present"}, ("permission", "missing")),
        ({"happened": "present", "permission": "prospect"}, ("permission", "enum")),
        ({"happened": "gone", "address": "maija"}, ("address", "no_at_sign")),
        ({"happened": "moved", "to": "maija"}, ("to", "no_at_sign")),
    ],
)
def test_a_fault_in_one_of_many_changes_names_which(call: Call, wrong: dict[str, Any], fault: tuple[str, str]) -> None:
    right = {"id": "1", "happened": "gone", "address": MAIJA}
    changes = [right, {"id": "2", "address": MAIJA, **wrong}]
    at, kind = fault
    assert faults_of(call("post", "/changes", {"changes": changes})) == [(f"body.changes.1.{at}", kind)]


def test_a_document_that_is_no_copy_is_named_as_that(world: World, make_key: MakeKey, call: Call) -> None:
    _, key = make_key(Scope.BRING_COPIES, controller="Toinen Energia")
    answer = call("post", "/copies", {}, key=key, **{"idempotency-key": str(uuid.uuid4())})
    assert faults_of(answer) == [("body", "not_portable")]


def test_what_a_call_adds_to_its_body_is_nobodys_wish(world: World, call: Call) -> None:
    """Mass assignment: fields of rows that no schema has are passed over, and the token's own source counts."""
    wished = {"source": 999, "source_id": 999, "state": "applied", "counts": {"new": 9}, "released_by": 1, "actor": "x"}
    body = {"permission": "customer", "rows": [{"address": MAIJA, "contact_id": 1, "restricted_at": None}]}
    answer = call("post", "/imports", {**body, **wished})
    assert answer.status_code == 202
    batch = Batch.objects.get()
    assert (answer.json()["state"], batch.source) == (batch.state, world.crm)
    assert batch.state not in {"applied", "settled"}
    assert batch.released_by == ""


def test_a_body_of_another_kind_is_no_call(make_key: MakeKey) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml"):
        answer = Client().generic(
            "POST", "/api/v1/stops", "address=maija%40example.com&kind=erasure", kind,
            headers={"authorization": f"Bearer {make_key()[1]}"},
        )  # fmt: skip
        assert slug_of(answer)[0] in {400, 422}, kind
    assert not Stop.objects.exists()
