"""The front page, what there is to say about cookies and accessibility, and the door without a language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.translation.trans_real import parse_accept_lang_header

from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.queries import the_controller
from luvalla.public.archive import letters, line
from luvalla.public.page import public_page, show
from luvalla.public.paths import LANGUAGES, path_of
from luvalla.public.purposes import to_ask_for, to_forbid
from luvalla.register.sign_up import source_of_sign_ups
from luvalla.rules.purposes import Prohibited

NEWEST = 3


def choose_language(request: HttpRequest) -> HttpResponse:
    """Lead to the front page in the first language that the browser asks for and we speak."""
    response = HttpResponseRedirect(path_of("front", wished_language(request)))
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Ask search engines to leave alone what belongs to one person or to the staff."""
    return HttpResponse(
        "User-agent: *\nDisallow: /s/\nDisallow: /staff/\nDisallow: /accounts/\n", content_type="text/plain"
    )


def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Lead browsers that ask for an icon where none is named, as letters of the archive do, to the site's own."""
    return HttpResponseRedirect(static("luvalla/favicon.svg"))


@public_page
def front(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Say who we are, what letters there are, and how to get, read and stop them."""
    context = {
        "page": "front",
        "purposes": to_forbid(Prohibited.NOTHING, language),
        "is_open": source_of_sign_ups() is not None and bool(to_ask_for(language)),
        "newest": [line(each, language) for each in letters(language)[:NEWEST]],
    }
    return show("front.html", language, context)


@public_page
def cookies(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Say that there are none."""
    return show("cookies.html", language, {"page": "cookies"})


@public_page
def accessibility(request: HttpRequest, *, language: str) -> HttpResponse:  # noqa: ARG001  # a view is given the request
    """Give the accessibility statement (act 306/2019, section 9)."""
    return show("accessibility.html", language, {"page": "accessibility"})


def wished_language(request: HttpRequest) -> str:
    """Give the first language that the browser asks for and we speak, or the controller's own."""
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code[:2] in LANGUAGES:
            return code[:2]
    try:
        own = the_controller().default_language
    except NotSetUp:
        return "fi"
    return own if own in LANGUAGES else "fi"
