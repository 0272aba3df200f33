"""The API as a whole: its routers, its faults as problem documents, and the document that describes it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from luvalla import VERSION
from luvalla.api import campaigns, changes, contacts, copies, imports, stops
from luvalla.api.doors import Bearer, caller_of
from luvalla.api.errors import Problem, Slug
from luvalla.api.imports import MEGABYTE
from luvalla.api.problems import CONTENT_TYPE, TYPE, problem_answer

log = logging.getLogger(__name__)
PROBLEM: Final = {
    "type": "object",
    "description": "What is wrong and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "next"],
    "properties": {
        "type": {"type": "string", "enum": [TYPE + each.value for each in Slug]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "next": {"type": "string"},
        "faults": {"type": "array", "items": {"type": "object"}},
    },
}
# Ninja's own page of documentation loads scripts from another host, so it is off; the document has no public address.
service: Final = NinjaAPI(
    title="Luvalla",
    version=VERSION,
    description="Every call needs a token; what is read of a person is a row in the ledger.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
ROUTERS: Final = (contacts.router, imports.router, changes.router, stops.router, campaigns.router, copies.router)
for each in ROUTERS:
    service.add_router("/v1/", each)


class MeOut(Schema):
    """The token of the call."""

    name: str
    belongs_to: str
    scopes: list[str]
    source: str | None
    expires_at: str


@service.get("/v1/me", response=MeOut, auth=Bearer(), operation_id="show_me", tags=["token"])
def show_me(request: HttpRequest) -> MeOut:
    """Tell what the token of the call is, to try whether it works."""
    token = caller_of(request).token
    return MeOut(
        name=token.name,
        belongs_to="person" if token.person_id else "system" if token.processor_id else "controller",
        scopes=token.scopes.split(),
        source=token.source.key if token.source else None,
        expires_at=token.expires_at.isoformat(),
    )


@service.get("/v1/openapi.json", auth=Bearer(), operation_id="describe", tags=["token"], response=dict[str, Any])
def describe(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  # ninja's signature
    """Give this document (OpenAPI 3.1)."""
    return document()


def document() -> dict[str, Any]:
    """Give the description of the API: every operation answers with its own document or with a problem."""
    described = dict(service.get_openapi_schema())
    described["components"]["schemas"]["Problem"] = PROBLEM
    answer = {
        "description": "A problem",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    scopes = _scopes()
    for place in described["paths"].values():
        for operation in place.values():
            operation["responses"]["default"] = answer
            if operation["operationId"] in scopes:
                operation["x-scope"] = scopes[operation["operationId"]]
    return described


def _scopes() -> dict[str, str]:
    """Give the scope of each operation that needs one."""
    found = {}
    for router in ROUTERS:
        for view in router.path_operations.values():
            for operation in view.operations:
                bearer = operation.auth_callbacks[0]
                if isinstance(bearer, Bearer) and bearer.scope is not None:
                    found[str(operation.operation_id)] = bearer.scope.value
    return found


@service.exception_handler(Problem)
def answer_problem(request: HttpRequest, fault: Problem) -> HttpResponse:  # noqa: ARG001  # ninja's signature
    """Give the problem document of a fault of ours."""
    return problem_answer(fault)


@service.exception_handler(AuthenticationError)
def answer_no_token(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:  # noqa: ARG001  # the same
    """Say that there is no token."""
    return problem_answer(Problem(Slug.NO_TOKEN))


@service.exception_handler(ValidationError)
def answer_not_valid(request: HttpRequest, fault: ValidationError) -> HttpResponse:  # noqa: ARG001  # the same
    """Name the places that are wrong; values are left out, since one might be somebody's address."""
    problem = Problem(Slug.NOT_VALID)
    problem.faults = [{"at": _place(each["loc"]), "type": each["type"]} for each in fault.errors]
    return problem_answer(problem)


@service.exception_handler(HttpError)
def answer_not_readable(request: HttpRequest, fault: HttpError) -> HttpResponse:  # noqa: ARG001  # the same
    """Say that the body can't be read."""
    return problem_answer(Problem(Slug.NOT_READABLE))


@service.exception_handler(RequestDataTooBig)
def answer_too_large(request: HttpRequest, fault: RequestDataTooBig) -> HttpResponse:  # noqa: ARG001  # the same
    """Say how large a body of JSON may be."""
    most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) / MEGABYTE
    return problem_answer(Problem(Slug.TOO_LARGE, megabytes=f"{most:.1f}"))


@service.exception_handler(Http404)
def answer_not_found(request: HttpRequest, fault: Http404) -> HttpResponse:  # noqa: ARG001  # the same
    """Say that there is no such thing."""
    return problem_answer(Problem(Slug.NOT_FOUND))


@service.exception_handler(Exception)
def answer_unexpected(request: HttpRequest, fault: Exception) -> HttpResponse:  # noqa: ARG001  # the same
    """Say that something failed; only the fault's class goes to the log."""
    log.error("a call of the API failed: %s", type(fault).__name__)
    return problem_answer(Problem(Slug.UNEXPECTED))


def _place(parts: Iterable[object]) -> str:
    """Name a place in a call: ninja says twice that it is in the body.

    >>> _place(("body", "body", "rows", 3, "since")), _place(("query", "limit"))
    ('body.rows.3.since', 'query.limit')
    """
    named = [str(part) for part in parts]
    return ".".join(named[1:] if named[:2] == ["body", "body"] else named)
