"""What answers tell the browser to refuse, in the staff interface and over https."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from luvalla.staff import headers
from tests.staff.conftest import Browse

pytestmark = pytest.mark.django_db
TEMPLATES = Path(headers.__file__).parent / "templates"


def directive(policy: str, name: str) -> list[str]:
    return next(each.split()[1:] for each in policy.split(";") if each.split()[:1] == [name])


@pytest.mark.parametrize(
    "path", ["/staff/", "/staff/people/", "/staff/account/", "/accounts/login/", "/staff/nowhere/"]
)
def test_no_script_in_a_page_runs(browse: Browse, path: str) -> None:
    answer = browse().get(path, follow=True)
    policy = answer["Content-Security-Policy"]
    assert directive(policy, "script-src") == ["'self'"]
    assert directive(policy, "style-src") == ["'self'"]
    assert directive(policy, "default-src") == directive(policy, "base-uri") == ["'none'"]
    assert directive(policy, "form-action") == ["'self'"]
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.content.decode())
    assert all("application/json" in each for each in inline)
    assert not re.search(r"\son[a-z]+=\"", answer.content.decode())
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]
    assert "geolocation=()" in answer["Permissions-Policy"]


def test_forms_of_the_sign_in_page_go_on_to_the_organisations_directory(settings: Settings) -> None:
    client = {"provider_id": "directory", "settings": {"server_url": "https://id.esimerkki.fi/realms/x"}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [client]}}
    assert directive(headers.policy("/accounts/login/"), "form-action") == ["'self'", "https://id.esimerkki.fi"]


def test_what_is_no_page_loads_nothing_and_is_in_no_frame() -> None:
    for path in ("/api/v1/me", "/metrics", "/static/staff/campaigns.css", "/robots.txt"):
        answer = Client().get(path)
        answer.close()
        policy = answer["Content-Security-Policy"]
        assert directive(policy, "default-src") == directive(policy, "frame-ancestors") == ["'none'"], path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert "Access-Control-Allow-Origin" not in answer, path


def test_over_https_the_browser_is_told_to_stay_there(settings: Settings) -> None:
    assert "Strict-Transport-Security" not in Client().get("/accounts/login/")
    settings.BASE_URL = "https://uutiskirje.esimerkki.fi"
    for path in ("/accounts/login/", "/"):
        assert Client().get(path)["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_over_https_cookies_are_bound_to_the_host(tmp_path: Path) -> None:

    names = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE"
    code = f"from django.conf import settings as s; print({names})"
    given = {**os.environ, "LUVALLA_HOME": str(tmp_path), "LUVALLA_BASE_URL": "https://uutiskirje.esimerkki.fi"}
    said = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["__Host-sessionid", "__Host-csrftoken", "True"]


def test_our_own_templates_have_no_script_in_them() -> None:
    found = [
        place.name
        for place in TEMPLATES.rglob("*.html")
        for attributes in re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", place.read_text(encoding="utf-8"))
        if "application/json" not in attributes
    ]
    assert found == []


def test_only_where_letters_are_written_are_style_elements_let_in() -> None:
    editor = headers.policy(f"{headers.EDITOR}edit/1/")
    assert directive(editor, "style-src") == ["'self'", "'unsafe-inline'"]
    assert directive(editor, "script-src") == ["'self'"]
    assert directive(headers.policy("/staff/campaigns/"), "style-src") == ["'self'"]
