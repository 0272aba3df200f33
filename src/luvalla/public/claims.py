"""What this room proves on its own pages: stopping is as easy as subscribing (S14), and nothing is stored (S33)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Final, NamedTuple

from django.template.loader import render_to_string
from django.utils import translation

from luvalla.campaigns.models import Letter
from luvalla.public.accessibility import pages_are_as_they_were_examined
from luvalla.public.fetching import Fetched, fetch
from luvalla.public.paths import LANGUAGES, every_plain_path, path_of
from luvalla.rules.ports import Claim, Finding, Verdict, claims

STORING: Final = ("<script", "localstorage", "sessionstorage", "document.cookie", "indexeddb")
"""What a page would need to leave something in a browser without a cookie."""
STAFF_DOORS: Final = ("/accounts/login/",)
"""Where the site sets cookies at all: signing in."""
LOADED_ELSEWHERE: Final = re.compile(
    r"<(?:img|script|iframe|link[^>]*rel=.?stylesheet)[^>]*(?:src|href)=.?(?:https?:)?//", re.IGNORECASE
)
"""What a page would have a browser fetch from another host, which could then set cookies of its own."""
ONE_CLICK_HEADER: Final = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
CONTROL_OF_X5: Final = "tests/public/test_accessibility.py::test_a_page_without_a_label_breaks_x5"


class Effort(NamedTuple):
    """What a form asks of a person: fields that have to be filled in, boxes and choices, and buttons to press."""

    required: int
    choices: int
    buttons: int

    def is_at_most(self, other: Effort) -> bool:
        """Tell whether nothing here asks more than there."""
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({"required": 0, "choices": 0, "buttons": 0})
        elif self.forms:
            form, kind = self.forms[-1], given.get("type") or ""
            form["required"] += "required" in given
            form["choices"] += kind in {"checkbox", "radio"} or tag == "select"
            form["buttons"] += kind == "submit"


def efforts(html: str) -> list[Effort]:
    """Give what each form of a page asks for, in the page's order."""
    reader = _Forms()
    reader.feed(html)
    return [Effort(**each) for each in reader.forms]


def check_channel_parity() -> Finding:
    """Compare what the stop page asks of a person with what signing up asks, and look at the newest letter's header."""
    pages = {each: (_stop_form(each), _sign_up_form(each)) for each in LANGUAGES}
    even = [each for each, (stop, give) in pages.items() if stop and (give is None or stop.is_at_most(give))]
    letter = Letter.objects.order_by("-pk").values_list("compiled", flat=True).first()
    stop, give = (_hardest(each) for each in zip(*pages.values(), strict=True))
    figures = {
        "languages": len(LANGUAGES),
        "no_harder_in": len(even),
        "fields_to_stop": stop and stop.required,
        "fields_to_subscribe": give and give.required,
        "choices_to_stop": stop and stop.choices,
        "choices_to_subscribe": give and give.choices,
        "buttons_to_stop": stop and stop.buttons,
        "buttons_to_subscribe": give and give.buttons,
        "newest_letter_has_one_click": letter is None or ONE_CLICK_HEADER in bytes(letter),
    }
    holds = len(even) == len(LANGUAGES) and figures["newest_letter_has_one_click"]
    return Finding(Verdict.HOLDS if holds else Verdict.BROKEN, figures)


def check_nothing_is_stored() -> Finding:
    """Fetch every public page without a cookie: each answers, none sets one, and none has a way to store anything."""
    pages = {path: fetch(path) for path in every_plain_path()}
    failing = [path for path, page in pages.items() if page.status >= 500]  # noqa: PLR2004  # the server's own faults
    cookies = sorted({name for page in pages.values() for name in page.cookies})
    storing = [path for path, page in pages.items() if _could_store(page)]
    figures = {"pages": len(pages), "failing": failing, "cookies": cookies, "pages_that_could_store": storing}
    return Finding(Verdict.BROKEN if failing or cookies or storing else Verdict.HOLDS, figures)


def check_cookies_are_protected() -> Finding:
    """Fetch every public page and the staff's door: each cookie is protected, and nothing comes from elsewhere."""
    pages = {path: fetch(path) for path in (*every_plain_path(), *STAFF_DOORS)}
    unprotected = sorted({name for page in pages.values() for name in page.unprotected})
    elsewhere = [path for path, page in pages.items() if path not in STAFF_DOORS and LOADED_ELSEWHERE.search(page.text)]
    figures = {
        "pages": len(pages),
        "cookies": sorted({name for page in pages.values() for name in page.cookies}),
        "unprotected": unprotected,
        "pages_with_others_content": elsewhere,
    }
    return Finding(Verdict.BROKEN if unprotected or elsewhere else Verdict.HOLDS, figures)


def register_claims() -> None:
    """Take part in the port."""
    for claim in (
        Claim(
            "S14", check_channel_parity, "tests/public/test_claims.py::test_a_stop_page_that_asks_for_more_breaks_s14"
        ),
        Claim("S27", check_cookies_are_protected, "tests/public/test_claims.py::test_a_cookie_of_others_breaks_s27"),
        Claim("X5", pages_are_as_they_were_examined, CONTROL_OF_X5),
        Claim("S33", check_nothing_is_stored, "tests/public/test_claims.py::test_a_page_that_sets_a_cookie_breaks_s33"),
    ):
        claims.register(claim.id, claim)


def _stop_form(language: str) -> Effort | None:
    """Give what the stop page's first form asks for; it is rendered for nobody in particular."""
    with translation.override(language):
        page = render_to_string("public/stop/stop.html", {"here": "/s/", "languages": (), "language": language})
    return _first(efforts(page))


def _sign_up_form(language: str) -> Effort | None:
    """Give what signing up asks for; None while nobody can sign up."""
    return _first(efforts(fetch(path_of("sign_up", language)).text))


def _hardest(asked: Iterable[Effort | None]) -> Effort | None:
    """Give the most that a form asks for in any language, field by field; None where there is no form."""
    there = [each for each in asked if each is not None]
    return Effort(*(max(each) for each in zip(*there, strict=True))) if there else None


def _first(forms: Iterable[Effort]) -> Effort | None:
    return next(iter(forms), None)


def _could_store(page: Fetched) -> bool:
    text = page.text.lower()
    return any(each in text for each in STORING) or "script-src" in page.policy
