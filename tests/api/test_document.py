"""The description of the API against the API: no server error, nothing undocumented, and nothing without a right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans, data, one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from luvalla.api.errors import Slug
from luvalla.api.problems import PROBLEMS
from luvalla.api.scopes import OF_ANOTHER_CONTROLLER, Scope
from luvalla.api.service import document
from luvalla.ledger.actors import SYSTEM
from luvalla.register.importing.actions import begin_batch
from luvalla.register.models import Batch
from luvalla.rules.purposes import PermissionKind
from tests.api.conftest import Call, MakeKey
from tests.api.test_calls import MAIJA, Customer
from tests.api.test_copies import DOCUMENT
from tests.support.campaigns import approved_campaign
from tests.support.world import World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"
OPERATIONS = [
    (method, path, operation)
    for path, methods in document()["paths"].items() for method, operation in methods.items()
]  # fmt: skip
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
Called = tuple[str, str, dict[str, Any]]
FREE = {"show_me", "describe"}
"""What every token may."""


def program(environ: dict[str, Any], start: Any) -> Any:
    """Answer as the WSGI program does, in the test's own transaction: its connection isn't let go between calls."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        answer = WSGIHandler()(environ, start)
        return [b"".join(answer)]
    finally:
        signals.request_started.connect(close_old_connections)
        signals.request_finished.connect(close_old_connections)


@pytest.fixture(scope="session")
def described() -> Any:
    """Give the document as schemathesis reads it, bound to the program."""
    loaded = schemathesis.openapi.from_dict(document())
    loaded.app = program
    return loaded


@pytest.fixture
def there(world: World, customer: Customer) -> dict[str, dict[str, Any]]:
    """Give a call of each operation that has to succeed, with what is there."""
    customer(MAIJA)
    batch = begin_batch(source=world.crm, permission=PermissionKind.CUSTOMER, actor=SYSTEM)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.DISCARDED)
    listing = {"purpose": "direct_marketing", "audience": "customers"}
    gone = {"id": "1", "happened": "gone", "address": MAIJA}
    return {
        "show_me": {},
        "describe": {},
        "list_contacts": {"query": {**listing, "uncovered": True}},
        "look_up_contact": {"body": {**listing, "address": MAIJA}},
        "bring_import": {"body": {"permission": "customer", "rows": [{"address": MAIJA, "since": "2026-01-31"}]}},
        "bring_import_file": {"query": {"permission": "customer"}, "body": f"email\n{MAIJA}\n"},
        "show_import": {"path_parameters": {"number": batch.pk}},
        "bring_changes": {"body": {"changes": [gone]}},
        "bring_stop": {"body": {"address": MAIJA, "kind": "prohibition", "forbids": ["research"]}},
        "list_notices": {"query": {"limit": 1}},
        "handle_notices": {"body": {"refs": ["00000000-0000-4000-8000-000000000000"]}},
        "list_campaigns": {"query": {"limit": 1}},
        "show_campaign": {"path_parameters": {"ref": str(approved_campaign(world).ref)}},
        "bring_copy": {
            "headers": {"Idempotency-Key": "00000000-0000-4000-8000-000000000000"}, "body": json.loads(DOCUMENT),
        },
    }  # fmt: skip


@pytest.fixture
def key_for(make_key: MakeKey) -> Callable[[dict[str, Any]], str]:
    """Give a token that has the scope of an operation."""

    def make(operation: dict[str, Any]) -> str:
        is_anothers = operation.get("x-scope") in OF_ANOTHER_CONTROLLER
        return make_key(Scope.BRING_COPIES, controller="Toinen Yhtiö Oy")[1] if is_anothers else make_key()[1]

    return make


@pytest.mark.django_db(transaction=True)  # an import begins in its own transaction
@pytest.mark.parametrize("called", OPERATIONS, ids=NAMES)
def test_every_operation_answers_as_the_document_says(
    there: dict[str, Any], key_for: Any, described: Any, called: Called
) -> None:
    method, path, operation = called
    case = described[path][method.upper()].Case(**there[operation["operationId"]])
    answer = case.call(headers={"Authorization": f"Bearer {key_for(operation)}"})
    assert answer.status_code in {200, 201, 202}, answer.content
    case.validate_response(answer, checks=CHECKS)


def put_in(made: Any, known: Any, choose: Callable[[], bool]) -> Any:
    """Put what is there in some places of what was made, so that calls come further than the first check."""
    if isinstance(made, dict) and isinstance(known, dict):
        return {name: put_in(part, known[name], choose) if name in known else part for name, part in made.items()}
    if isinstance(made, list) and isinstance(known, list) and known:
        return [put_in(part, known[0], choose) for part in made]
    return known if choose() else made


@pytest.mark.django_db(transaction=True)  # an import begins in its own transaction
@pytest.mark.parametrize("called", OPERATIONS, ids=NAMES)
def test_no_call_that_the_document_allows_or_forbids_is_a_server_error(
    there: dict[str, Any], key_for: Any, described: Any, called: Called
) -> None:
    method, path, operation = called
    key, known, answers = key_for(operation), there[operation["operationId"]], []
    target = described[path][method.upper()]
    allowed = target.as_strategy(generation_mode=GenerationMode.POSITIVE)
    forbidden = [target.as_strategy(generation_mode=GenerationMode.NEGATIVE)] if known else []

    @given(case=one_of(allowed, *forbidden), data=data())
    @settings(max_examples=30, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def every_call(case: Any, data: Any) -> None:
        for part, values in known.items():
            setattr(case, part, put_in(getattr(case, part), values, lambda: bool(data.draw(booleans()))))
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        answers.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    every_call()
    assert len(answers) >= (30 if known else 1)
    assert set(answers) - {401, 403}, "no call went past the door"


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_nothing_answers_without_a_token_and_its_scope(
    call: Call, make_key: MakeKey, method: str, path: str, operation: dict[str, Any]
) -> None:
    filled = re.sub(r"\{ref\}", "00000000-0000-4000-8000-000000000000", path.removeprefix("/api/v1"))
    filled = re.sub(r"\{number\}", "1", filled)
    assert call(method, filled, key="").status_code == 401
    opened = []
    for scope in Scope:
        _, key = make_key(scope, **({"controller": "Toinen Yhtiö Oy"} if scope in OF_ANOTHER_CONTROLLER else {}))
        if call(method, filled, key=key).status_code != 403:
            opened.append(scope)
    expected = list(Scope) if operation["operationId"] in FREE else [Scope(operation["x-scope"])]
    assert opened == expected


def test_the_reference_has_every_call_scope_and_problem() -> None:
    reference = REFERENCE.read_text(encoding="utf-8")
    calls = set(re.findall(r"^### `([A-Z]+ /\S+)`", reference, re.MULTILINE))
    assert calls == {f"{method.upper()} {path}" for method, path, _ in OPERATIONS}
    for method, path, operation in OPERATIONS:
        part = reference.split(f"### `{method.upper()} {path}`\n")[1].split("\n### ")[0].split("\n## ")[0]
        assert f"`{operation.get('x-scope', 'any')}`" in part, path
        assert set(re.findall(r"^- `(\w+)`", part, re.MULTILINE)) == {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"
        }, path
    assert set(re.findall(r"^\| `([a-z-]+)` \| \d+ \|", reference, re.MULTILINE)) == {each.value for each in Slug}
    for slug, kind in PROBLEMS.items():
        assert f"| `{slug.value}` | {kind.status} |" in reference
    assert {each.value for each in Scope} == set(
        re.findall(r"^\| `([a-z]+\.[a-z]+)` \| [a-z]", reference, re.MULTILINE)
    )
