"""What every public page has: its language, its frame, and headers that allow no script, no frame and no cookie."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.queries import the_controller
from luvalla.public.paths import LANGUAGES, path_of

POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

AT: Final = re.compile(r"<(title|textarea)\b.*?</\1>|<[^>]*>|@(?=\w)", re.DOTALL)
"""Finds the @ of an address in a page's words; whatever else it finds is to be passed over whole."""
NEVER_KEPT: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""For pages behind a link that belongs to one person."""


def public_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Make a view a public page: in the language of its address, with strict headers, never with a cookie.

    Forms of the public site need no protection against forged requests: there is no account and no cookie that a
    forged request could use. Before `luvalla init` the answer is 503.
    """

    @csrf_exempt
    @functools.wraps(view)
    def shown(request: HttpRequest, *, language: str, **parts: Any) -> HttpResponseBase:
        with translation.override(language):
            try:
                response = view(request, language=language, **parts)
            except NotSetUp:
                response = HttpResponse("Not set up yet: luvalla init", status=503, content_type="text/plain")
        return secured(response, language)

    return shown


def secured(response: HttpResponseBase, language: str) -> HttpResponseBase:
    """Put the headers of a public page on a response; what the view has set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Language"] = language
    return response


def show(template: str, language: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Render a page of the site in its frame. No request is given to the template, so none of it can leave a trace.

    The context may hold `languages`, pairs of language and address, where the page has addresses of its own;
    otherwise `page` and `parts` name the page for the language switch.
    """
    page, parts = str(context.get("page", "front")), dict(_mapping(context.get("parts")))
    frame = {
        "controller": the_controller(),
        "language": language,
        "languages": [(each, name, path_of(page, each, **parts)) for each, name in LANGUAGES.items()],
        "front_path": path_of("front", language),
        "links": {
            name: path_of(name, language)
            for name in (
                "sign_up",
                "ask_stop",
                "request",
                "archive",
                "feed",
                "notice",
                "notice_versions",
                "cookies",
                "accessibility",
            )
        },
    }
    page_text = render_to_string(f"public/{template}", {**frame, **context}).lstrip()
    return HttpResponse(with_breaks(page_text), status=status)


def with_breaks(html: str) -> str:
    """Let each address in the words of a page break after its @: a narrow window breaks it there before elsewhere.

    Nothing changes in tags, and nothing in what a reader copies.
    """
    return AT.sub(lambda found: "@<wbr>" if found[0] == "@" else found[0], html)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
