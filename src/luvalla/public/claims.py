"""What this room proves on its own pages: stopping is as easy as subscribing (S14), nothing is stored (S33)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Final, NamedTuple

from django.template.loader import render_to_string
from django.utils import translation

from luvalla.campaigns.claims import messages_to_leave
from luvalla.public.accessibility import pages_are_as_they_were_examined, shipped_evidence, sources_digest
from luvalla.public.fetching import Fetched, fetch
from luvalla.public.notice_claims import check_every_version_can_be_read, check_served_notice
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
ONE_CLICK: Final = "List-Unsubscribe=One-Click"
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
    """Compare what stopping asks of a person with what signing up asks, and read the letters' headers (GDPR 7(3)).

    Stopping is by a letter's link, or without one by writing the address once.
    """
    by_link = {each: _stop_form(each) for each in LANGUAGES}
    by_address = {each: _first_form("ask_stop", each) for each in LANGUAGES}
    giving = {each: _first_form("sign_up", each) for each in LANGUAGES}
    even = [each for each in LANGUAGES if _are_even(by_link[each], by_address[each], giving[each])]
    letters = list(messages_to_leave())
    stop, give = _hardest(by_link.values()), _hardest(giving.values())
    figures = {
        "languages": len(LANGUAGES),
        "no_harder_in": len(even),
        "fields_to_stop": stop and stop.required,
        "fields_to_subscribe": give and give.required,
        "choices_to_stop": stop and stop.choices,
        "choices_to_subscribe": give and give.choices,
        "buttons_to_stop": stop and stop.buttons,
        "buttons_to_subscribe": give and give.buttons,
        "fields_without_letter": max((each.required for each in by_address.values() if each), default=None),
        "letters": len(letters),
        "letters_without_one_click": sum(not _stops_by_one_click(each) for each in letters),
    }
    holds = len(even) == len(LANGUAGES) and not figures["letters_without_one_click"]
    return Finding(Verdict.HOLDS if holds else Verdict.BROKEN, figures)


def check_nothing_is_stored() -> Finding:
    """Fetch every public page without a cookie: each answers, none sets one, and none has a way to store anything.

    What a real browser kept of them was looked at when the version was released.
    """
    pages = {path: fetch(path) for path in every_plain_path()}
    failing = [path for path, page in pages.items() if page.status >= 500]  # noqa: PLR2004  # the server's own faults
    cookies = sorted({name for page in pages.values() for name in page.cookies})
    storing = [path for path, page in pages.items() if _could_store(page)]
    evidence = shipped_evidence()
    is_of_this_version = evidence["of"] == sources_digest()
    figures = {
        "pages": len(pages),
        "failing": failing,
        "cookies": cookies,
        "pages_that_could_store": storing,
        "stored_in_a_browser": evidence["stored"],
        "evidence_of_this_version": is_of_this_version,
    }
    if failing or cookies or storing or evidence["stored"]:
        return Finding(Verdict.BROKEN, figures)
    return Finding(Verdict.HOLDS if is_of_this_version else Verdict.UNKNOWN, figures)


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
    notice = "tests/public/test_notice_claims.py::"
    for claim in (
        Claim("S1", check_served_notice, notice + "test_a_page_edited_by_hand_breaks_s1"),
        Claim("S2", check_every_version_can_be_read, notice + "test_a_version_that_cannot_be_read_breaks_s2"),
        Claim(
            "S14", check_channel_parity, "tests/public/test_claims.py::test_a_stop_page_that_asks_for_more_breaks_s14"
        ),
        Claim("S27", check_cookies_are_protected, "tests/public/test_claims.py::test_a_cookie_of_others_breaks_s27"),
        Claim("X5", pages_are_as_they_were_examined, CONTROL_OF_X5),
        Claim("S33", check_nothing_is_stored, "tests/public/test_claims.py::test_a_page_that_sets_a_cookie_breaks_s33"),
    ):
        claims.register(claim.id, claim)


def _stop_form(language: str) -> Effort | None:
    """Give what the first form of the page behind a letter's link asks for; it is rendered for nobody in particular."""
    with translation.override(language):
        page = render_to_string("public/stop/stop.html", {"here": "/s/", "languages": (), "language": language})
    return _first(efforts(page))


def _first_form(page: str, language: str) -> Effort | None:
    """Give what the first form of a public page asks for; None where it has none, as when nobody can sign up."""
    return _first(efforts(fetch(path_of(page, language)).text))


def _are_even(by_link: Effort | None, by_address: Effort | None, giving: Effort | None) -> bool:
    """Tell whether both ways to stop are there, and neither asks more than signing up."""
    ways = (by_link, by_address)
    return all(each is not None and (giving is None or each.is_at_most(giving)) for each in ways)


def _stops_by_one_click(message: EmailMessage) -> bool:
    """Tell whether a mail program can stop the letter's recipient by one press (RFC 8058), and by mail (RFC 2369)."""
    ways = str(message["List-Unsubscribe"])
    return message["List-Unsubscribe-Post"] == ONE_CLICK and "<http" in ways and "<mailto:" in ways


def _hardest(asked: Iterable[Effort | None]) -> Effort | None:
    """Give the most that a form asks for in any language, field by field; None where there is no form."""
    there = [each for each in asked if each is not None]
    return Effort(*(max(each) for each in zip(*there, strict=True))) if there else None


def _first(forms: Iterable[Effort]) -> Effort | None:
    return next(iter(forms), None)


def _could_store(page: Fetched) -> bool:
    text = page.text.lower()
    return any(each in text for each in STORING) or "script-src" in page.policy
