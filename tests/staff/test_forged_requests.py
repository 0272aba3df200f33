"""Requests as an attacker sends them: forged forms, other methods, bodies that can't be read, and what is answered."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.test import Client
from django.urls import get_resolver

from luvalla.ledger.models import LedgerRow
from luvalla.people.refusals import REFUSED
from luvalla.public import failing
from tests.staff.test_matrix import addresses, browsers, filled, named, there, world

pytestmark = pytest.mark.django_db
__all__ = ["browsers", "there", "world"]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def stranger() -> Client:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    return Client(raise_request_exception=False)


def is_guarded(answer: Any) -> bool:
    """Tell whether the browser is told to run no script, to be in no other site's frame, and to guess no kinds."""
    policy = answer["Content-Security-Policy"]
    ours = "default-src 'none'" in policy and ("frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy)
    return ours and "script-src 'unsafe" not in policy and answer["X-Content-Type-Options"] == "nosniff"


def test_no_form_of_the_staff_is_taken_from_another_site(browsers: dict[str, Client], there: dict[str, int]) -> None:
    written = LedgerRow.objects.exclude(verb=REFUSED)
    before, taken = written.count(), []
    browsers = {role: browsers[role] for role in ("stranger", "communications", "register_owner")}
    for browser in browsers.values():
        browser.handler.enforce_csrf_checks = True
    for pattern in sorted({each.pattern for each in addresses(get_resolver())}):
        if not pattern.startswith(("staff/", "accounts/")):
            continue
        for role, browser in browsers.items():
            answer = browser.post(
                filled(pattern, there), {"release": "yes", "name": "x"}, headers={"Origin": "https://evil.example"}
            )
            if answer.status_code not in {302, 403, 404, 405} or "evil" in answer.get("Location", ""):
                taken.append((pattern, role, answer.status_code))
    assert taken == []
    assert written.count() == before
    assert browsers["stranger"].post("/accounts/login/", {"login": "x"}).status_code == 403


def test_reading_a_page_changes_nothing(browsers: dict[str, Client], there: dict[str, int]) -> None:
    written = LedgerRow.objects.filter(is_look=False).exclude(verb=REFUSED)
    before = written.count()
    wish = {"release": "yes", "_method": "POST", "explanation": "x", "reason": "x" * 20, "confirm": "yes"}
    for pattern in named():
        for browser in browsers.values():
            if "logout" not in pattern:
                browser.get(filled(pattern, there), wish, headers={"X-HTTP-Method-Override": "POST"})
    assert list(written[before:]) == []


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/fi/", "/fi/tilaa/", "/s/x", "/r/d/x", "/accounts/login/", "/staff/", "/metrics"])
def test_pages_have_no_other_methods(stranger: Client, method: str, path: str) -> None:
    answer = stranger.generic(method, path)
    assert answer.status_code == 405
    assert set(answer["Allow"].split(", ")) <= {"GET", "HEAD", "OPTIONS", "POST"}
    assert is_guarded(answer)


@pytest.mark.parametrize(
    "path", ["/fi/tilaa/", "/fi/omat-tiedot/", "/fi/lopeta/", "/accounts/login/", "/staff/language/"]
)
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe=1", f"{FORM}; charset=utf-16", 400),
        (b"x=1", f"{FORM}; charset=latin-1", 400),
        (b"a=b&" * 2000, FORM, 400),
        (b"a" * 3_000_000, FORM, 413),
        (b"--x\r\nbroken", "multipart/form-data; boundary=", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 200),
        (b"{}", "application/json", 200),
    ],
    ids=["UTF-16", "Latin-1", "many fields", "large", "no boundary", "broken parts", "JSON"],
)
def test_a_body_that_cannot_be_read_is_answered_in_words(
    stranger: Client, path: str, body: bytes, kind: str, status: int
) -> None:
    answer = stranger.generic("POST", path, body, content_type=kind)
    assert answer.status_code in ({400, 200, 302} if status == 200 else {status, 302}), answer.status_code
    assert is_guarded(answer)
    if answer.status_code in {400, 413} and status != 200:
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Cache-Control"] == "no-store"
        assert answer.content.decode().endswith(".\n")


def test_a_forged_form_is_refused_in_the_persons_language(world: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    said = {
        language: strict.post("/accounts/login/", headers={"Accept-Language": language}).content.decode()
        for language in ("fi", "sv", "en")
    }
    assert len(set(said.values())) == 3
    assert "came from" not in said["en"]
    assert "did not come from a page of ours" in said["en"]
    assert not any("<" in each for each in said.values())


def test_what_fails_is_said_without_a_word_of_why(
    world: object, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        message = "maija@esimerkki.fi"
        raise DatabaseError(message)

    monkeypatch.setattr("luvalla.public.subscribing._offer", fail)
    monkeypatch.setattr(failing, "wished_language", fail)
    answer = stranger.get("/fi/tilaa/")
    assert answer.status_code == 500
    assert answer.content.decode().startswith("Something failed here")
    assert "maija" not in answer.content.decode()
    assert is_guarded(answer)


def test_whoever_may_not_is_told_so(world: object, stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionDenied

    monkeypatch.setattr("luvalla.public.subscribing._offer", refuse)
    answer = stranger.get("/fi/tilaa/", headers={"Accept-Language": "en"})
    assert answer.status_code == 403
    assert answer.content.decode().startswith("This is not open to you.")
    assert is_guarded(answer)


def test_numbers_without_end_narrow_nothing(browsers: dict[str, Client]) -> None:
    for number in ("9" * 30, "9" * 5000, "-1", "1e9", "\u00b2", "\u0661"):
        for name in ("audience", "source", "p", "domain", "kind"):
            assert browsers["handler"].get("/staff/contacts/", {name: number}).status_code == 200, (name, number[:9])


def test_only_hosts_of_ours_are_answered(stranger: Client) -> None:
    assert "evil.example" not in django_settings.ALLOWED_HOSTS
    for host in ("evil.example", "127.0.0.1.evil.example", "a b"):
        answer = stranger.get("/fi/", headers={"Host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.content.decode()
        assert is_guarded(answer)
