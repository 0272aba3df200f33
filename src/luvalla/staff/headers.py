"""What every answer of the staff interface tells the browser to refuse; and, over https, that it is always https.

The public pages have their own, stricter headers (public/page.py); what a view has set itself stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

STAFF, SIGN_IN = "/staff/", "/accounts/"
API: Final = "/api/"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
"""Those of pages and forms; the API says of each of its addresses which it has."""
PICTURES: Final = "/staff/api/"
READING: Final = ("GET", "HEAD")
"""Wagtail's list of pictures is only read; what else it is asked for it fails of."""
EDITOR: Final = "/staff/campaigns/editor/"
YEAR: Final = 365 * 24 * 3600
CLOSED_TO_SCRIPTS: Final = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'; "
WORKING: Final = (
    "script-src 'self'; style-src-attr 'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; "
)
"""No script in a page runs: each comes from a file of ours. Wagtail's widgets set style attributes."""
STYLES: Final = "style-src 'self'; "
STYLES_OF_EDITOR: Final = "style-src 'self' 'unsafe-inline'; "
"""Wagtail's rich text editor puts style elements into its page, so there, and only there, they are let in."""
NOTHING: Final = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
"""For what is no page of its own: answers of the API, files, figures."""
HEADERS: Final[Mapping[str, str]] = {
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self), usb=()"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}
Answer = Callable[[HttpRequest], HttpResponse]


def guard_answers(get_response: Answer) -> Answer:
    """Put the headers on answers as they leave."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if settings.BASE_URL.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
        if request.path.startswith((STAFF, SIGN_IN)):
            response.headers.setdefault("Content-Security-Policy", policy(request.path))
            response.headers.setdefault("Cache-Control", "no-store")
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        return response

    return answer


def know_methods(get_response: Answer) -> Answer:
    """Answer methods that no page has with 405 (RFC 9110, 15.5.6), so that none is taken for reading."""

    def answer(request: HttpRequest) -> HttpResponse:
        has = READING if request.path.startswith(PICTURES) else METHODS
        is_known = request.method in has or request.path.startswith(API)
        return get_response(request) if is_known else HttpResponseNotAllowed(has)

    return answer


def policy(path: str) -> str:
    """Give a page's policy. Forms go to ourselves, and from the sign-in page on to the organisation's own directory."""
    clients = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    places = " ".join(_origin(each["settings"]["server_url"]) for each in clients)
    styles = STYLES_OF_EDITOR if path.startswith(EDITOR) else STYLES
    return f"{CLOSED_TO_SCRIPTS}{WORKING}{styles}form-action 'self' {places}".strip()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
