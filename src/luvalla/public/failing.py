"""What is said where a request can't be answered: in plain text, with nothing in it that could fail too.

Django's own answers read the form of the request once more, so that one which can't be read broke the answer as well.
"""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import pgettext

from luvalla.public.front import wished_language


def not_readable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that can't be read (400), or is too large to be (413)."""
    with translation.override(_language(request)):
        if isinstance(exception, RequestDataTooBig):
            said = pgettext("failing", "What was sent is too large, and nothing of it was kept. Send less at a time.")
            return _said(said, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        said = pgettext("failing", "The request could not be read. Nothing was done or kept. Go back and try again.")
        return _said(said, HTTPStatus.BAD_REQUEST)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Answer somebody who may not (403)."""
    with translation.override(_language(request)):
        said = pgettext("failing", "This is not open to you. Nothing was done. Whoever gives the roles can say why.")
        return _said(said, HTTPStatus.FORBIDDEN)


def not_our_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # the same
    """Answer a form that doesn't carry the token of our own page (403)."""
    with translation.override(_language(request)):
        said = pgettext(
            "failing",
            "This form did not come from a page of ours that you have opened, or the page was too old. Nothing was "
            "done. Go back, load the page anew and send the form again. The browser has to take cookies of this site.",
        )
        return _said(said, HTTPStatus.FORBIDDEN)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer where something failed that shouldn't (500)."""
    with translation.override(_language(request)):
        said = pgettext(
            "failing",
            "Something failed here that shouldn't. Go back and look what was done before you try again. If it fails "
            "again, tell whoever looks after this site what time it is now.",
        )
        return _said(said, HTTPStatus.INTERNAL_SERVER_ERROR)


def _said(sentence: str, status: HTTPStatus) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _language(request: HttpRequest) -> str:
    try:
        return wished_language(request)
    except DatabaseError:
        return "en"
