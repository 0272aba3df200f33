"""Every public page: strict headers, no cookie, its language, and words in all three."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from luvalla.public.page import with_breaks
from luvalla.public.paths import LANGUAGES, every_plain_path
from tests.support.world import World

PATHS = every_plain_path()


def check_headers(response: HttpResponse) -> None:
    """Hold what every page of the site promises a browser."""
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    text = response.content.decode()
    assert "<script" not in text
    assert not re.search(r"\s(?:style|on\w+)=", text), "an inline style or handler would need a weaker policy"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_strict_headers_and_no_cookie(path: str, world: World, visitor: Client) -> None:
    response = visitor.get(path)
    assert response.status_code == 200
    check_headers(response)
    assert response["Content-Language"] == path[1:3]


@pytest.mark.parametrize("path", [each for each in PATHS if not each.endswith(".xml")])
def test_a_page_says_its_language_and_leads_to_the_others(path: str, world: World, visitor: Client) -> None:
    text = visitor.get(path).content.decode()
    assert f'<html lang="{path[1:3]}"' in text
    assert text.count("hreflang=") == len(LANGUAGES)
    assert '<a class="skip" href="#main">' in text


def test_the_root_goes_by_what_the_browser_asks_for(world: World, visitor: Client) -> None:
    for wished, there in (("sv-FI,sv;q=0.9", "/sv/"), ("en-GB", "/en/"), ("de, fi;q=0.3", "/fi/"), ("", "/fi/")):
        response = visitor.get("/", headers={"accept-language": wished})
        assert response.status_code == 302
        assert response["Location"] == there
        assert "Accept-Language" in response["Vary"]
        assert not response.cookies


@pytest.mark.parametrize("path", ["/fi/nothing", "/sv/nothing/", "/media/original_images/x.jpg", "/nothing"])
def test_a_page_that_is_not_there_says_so_in_its_language(path: str, world: World, visitor: Client) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    check_headers(response)


@pytest.mark.django_db
def test_before_the_organisation_is_recorded_the_pages_say_so(visitor: Client) -> None:
    for path in ("/fi/", "/sv/prenumerera/", "/en/stop/"):
        assert visitor.get(path).status_code == 503


def test_a_browser_finds_the_icon(visitor: Client) -> None:
    assert visitor.get("/favicon.ico")["Location"] == "/static/luvalla/favicon.svg"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Kirjoita: toimisto@laakso.example.</p>", "<p>Kirjoita: toimisto@<wbr>laakso.example.</p>"),
        ('<a href="mailto:a@laakso.example">Kirjoita</a>', '<a href="mailto:a@laakso.example">Kirjoita</a>'),
        ("<title>a@laakso.example</title>", "<title>a@laakso.example</title>"),
        ("<textarea>\n<b@laakso.example></textarea>", "<textarea>\n<b@laakso.example></textarea>"),
        ("<p>@ on miukumauku</p>", "<p>@ on miukumauku</p>"),
    ],
)  # fmt: skip
def test_an_address_may_break_after_its_at_sign_in_words_only(html: str, shown: str) -> None:
    assert with_breaks(html) == shown


def test_robots_are_asked_to_leave_links_alone(visitor: Client) -> None:
    assert "Disallow: /s/" in visitor.get("/robots.txt").content.decode()
