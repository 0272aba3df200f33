"""Fetching the site's own pages as a browser without cookies would, through the whole application but no network."""

from __future__ import annotations

from functools import cache
from http.cookies import Morsel
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.utils import translation


class Fetched(NamedTuple):
    """What came back: the status, the policy the browser is given, the names of cookies it would keep, and the page.

    unprotected: those cookies that a script could read, another site could send, or a plain connection would carry
    although the site has a safe one.
    """

    status: int
    policy: str
    cookies: tuple[str, ...]
    text: str
    unprotected: tuple[str, ...] = ()


def fetch(path: str) -> Fetched:
    """Fetch a page of the site by GET.

    The response isn't closed: that would tell the application that a request has ended, and take away the database
    connection of whoever asks. A page holds nothing that needs closing.
    """
    where = urlsplit(settings.BASE_URL)
    environ: dict[str, object] = {
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": where.netloc,
        "wsgi.url_scheme": where.scheme,
        "wsgi.input": BytesIO(),
        "REMOTE_ADDR": "127.0.0.1",
    }
    setup_testing_defaults(environ)
    with translation.override(translation.get_language()):
        response = _application().get_response(WSGIRequest(environ))
    text = response.content.decode("utf-8", "replace") if isinstance(response, HttpResponse) else ""
    policy = response.headers.get("Content-Security-Policy", "")
    unprotected = tuple(name for name, each in response.cookies.items() if not _is_protected(each, where.scheme))
    return Fetched(response.status_code, policy, tuple(response.cookies), text, unprotected)


def _is_protected(cookie: Morsel[str], scheme: str) -> bool:
    """Tell whether a cookie is HttpOnly, SameSite, our own host's alone, and Secure where the site is (RFC 6265bis)."""
    is_safe = bool(cookie["secure"]) or scheme != "https"
    return bool(cookie["httponly"]) and cookie["samesite"] in {"Lax", "Strict"} and not cookie["domain"] and is_safe


@cache
def _application() -> WSGIHandler:
    """Make the application once: its middleware reads folders when it begins."""
    return get_wsgi_application()
