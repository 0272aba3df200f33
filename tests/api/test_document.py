"""The description of the API against the API: no server error, nothing undocumented, and nothing without a right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
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
from tests.api.conftest import Call, MakeKey
from tests.support.world import World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"
OPERATIONS = [
    (method, path, operation)
    for path, methods in document()["paths"].items() for method, operation in methods.items()
]  # fmt: skip
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


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS])
def test_no_call_that_the_document_allows_or_forbids_is_a_server_error(
    world: World, make_key: MakeKey, described: Any, method: str, path: str
) -> None:
    _, key = make_key()
    answers = []

    @given(case=described[path][method.upper()].as_strategy())
    @settings(max_examples=12, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def every_call(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        answers.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    every_call()
    assert answers


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
