"""The last word on every answer below the API's address.

What no operation answered for is a problem document too. Nothing is kept on its way: it may hold addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from luvalla.api.errors import Problem, Slug
from luvalla.api.problems import CONTENT_TYPE, PROBLEMS, problem_answer

API: Final = "/api/"
GET, HEAD = "GET", "HEAD"
BY_STATUS: Final = {
    PROBLEMS[each].status: each for each in (Slug.NOT_FOUND, Slug.WRONG_METHOD, Slug.TOO_LARGE, Slug.UNEXPECTED)
}
"""What Django and ninja answer by themselves where there is no such address or method, and where something fails."""
Answer = Callable[[HttpRequest], HttpResponse]


def answer_in_problems(get_response: Answer) -> Answer:
    """Put a problem document (RFC 9457) in the place of a page or a line of text that tells of a fault."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(API):
            return get_response(request)
        is_head = request.method == HEAD
        if is_head:
            request.method = GET
        response = problem_answer(Problem(Slug.NO_LENGTH)) if _has_no_end(request) else get_response(request)
        slug = BY_STATUS.get(response.status_code)
        if slug is not None and response.headers.get("Content-Type") != CONTENT_TYPE:
            response = _in_words(slug, response)
        response.headers.setdefault("Cache-Control", "no-store")
        return _without_content(response) if is_head else response

    return answer


def _has_no_end(request: HttpRequest) -> bool:
    """Tell whether a body came without its length: it would be read as an empty one (RFC 9110, 15.5.12)."""
    return "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH")


def _in_words(slug: Slug, response: HttpResponse) -> HttpResponse:
    """Say the same as a problem document; with the methods that are allowed, as RFC 9110 (15.5.6) asks."""
    said = problem_answer(Problem(slug))
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response.headers["Allow"].split(", ")
        said.headers["Allow"] = ", ".join([*allowed, HEAD] if GET in allowed else allowed)
    return said


def _without_content(response: HttpResponse) -> HttpResponse:
    """Leave the header of a GET and its length alone, as HEAD asks (RFC 9110, 9.3.2)."""
    response.headers.setdefault("Content-Length", str(len(response.content)))
    response.content = b""
    return response
