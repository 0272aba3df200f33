"""What the site proves of itself, and that it notices when it is no longer true."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, clear_url_caches, path
from django.utils import translation

from luvalla.campaigns.actions import begin_sending
from luvalla.config import urls as site
from luvalla.ledger.actors import SYSTEM
from luvalla.public import claims as checks
from luvalla.public.accessibility import shipped_evidence
from luvalla.public.claims import (
    Effort,
    check_channel_parity,
    check_cookies_are_protected,
    check_nothing_is_stored,
    efforts,
)
from luvalla.public.fetching import fetch
from luvalla.rules.ports import Finding, Verdict
from tests.campaigns.making import approved
from tests.support.world import World


def _resolver_with(page: URLPattern) -> list[URLPattern | URLResolver]:
    """Give the site's addresses with another page before them."""
    return [page, *site.urlpatterns]


def _fresh(check: Callable[[], Finding]) -> Finding:
    """Run a check with addresses that have just changed, and forget them again."""
    clear_url_caches()
    try:
        return check()
    finally:
        clear_url_caches()


def test_stopping_asks_for_less_than_subscribing(world: World) -> None:
    finding = check_channel_parity()
    assert finding.verdict is Verdict.HOLDS
    asked = {name: finding.figures[name] for name in finding.figures if "_to_" in name}
    assert asked == {
        "fields_to_stop": 0,
        "fields_to_subscribe": 1,
        "choices_to_stop": 0,
        "choices_to_subscribe": 3,
        "buttons_to_stop": 1,
        "buttons_to_subscribe": 1,
    }


def test_a_stop_page_that_asks_for_more_breaks_s14(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    render = checks.render_to_string
    field = '<input name="why" type="text" required><input name="name" type="text" required><button'

    def asking(*given: object) -> str:
        return render(*given).replace("<button", field, 1)

    monkeypatch.setattr(checks, "render_to_string", asking)
    assert check_channel_parity().verdict is Verdict.BROKEN


@pytest.mark.parametrize("header", ["List-Unsubscribe-Post", "List-Unsubscribe"])
def test_a_letter_without_one_click_breaks_s14(header: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_sending(campaign=approved(world), actor=SYSTEM)
    assert check_channel_parity().verdict is Verdict.HOLDS
    read = checks.messages_to_leave
    monkeypatch.setattr(checks, "messages_to_leave", lambda: [_without(each, header) for each in read()])
    finding = check_channel_parity()
    assert (finding.verdict, finding.figures["letters_without_one_click"]) == (Verdict.BROKEN, 1)


def _without(message: EmailMessage, header: str) -> EmailMessage:
    del message[header]
    return message


def test_a_page_that_asks_more_to_stop_without_a_letter_breaks_s14(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = HttpResponse('<form><input required><input required><button type="submit">x</button></form>')
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", _resolver_with(path("fi/lopeta/", lambda _: asking)))
    finding = _fresh(check_channel_parity)
    assert (finding.verdict, finding.figures["no_harder_in"]) == (Verdict.BROKEN, 2)


def test_no_page_stores_anything(world: World) -> None:
    finding = check_nothing_is_stored()
    assert finding.verdict is Verdict.HOLDS
    assert int(str(finding.figures["pages"])) >= 27
    assert finding.figures["cookies"] == []


def test_a_page_that_sets_a_cookie_breaks_s33(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_cookie(*_: object, **__: object) -> HttpResponse:
        response = HttpResponse("x")
        response.set_cookie("visitor", "1")
        return response

    resolver = _resolver_with(path("fi/evasteet/", with_cookie))
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", resolver)
    finding = _fresh(check_nothing_is_stored)
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["cookies"] == ["visitor"]


def test_cookies_are_protected(world: World) -> None:
    finding = check_cookies_are_protected()
    assert finding.verdict is Verdict.HOLDS
    assert finding.figures["cookies"] == ["csrftoken"]


@pytest.mark.parametrize("flags", [{"httponly": True}, {"samesite": "Lax"}, {"domain": "tracker.example"}])
def test_a_cookie_of_others_breaks_s27(flags: dict[str, Any], world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_cookie(*_: object, **__: object) -> HttpResponse:
        response = HttpResponse("x")
        response.set_cookie("visitor", "1", **flags)
        return response

    monkeypatch.setattr("luvalla.config.urls.urlpatterns", _resolver_with(path("fi/evasteet/", with_cookie)))
    finding = _fresh(check_cookies_are_protected)
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["unprotected"] == ["visitor"]


def test_a_picture_from_elsewhere_breaks_s27(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = HttpResponse('<img alt="" src="https://tracker.example/p.gif">')
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", _resolver_with(path("fi/evasteet/", lambda _: page)))
    assert _fresh(check_cookies_are_protected).figures["pages_with_others_content"] == ["/fi/evasteet/"]


def test_a_page_with_a_script_breaks_s33(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    script = HttpResponse("<script>localStorage.x = 1</script>")
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", _resolver_with(path("fi/evasteet/", lambda _: script)))
    assert _fresh(check_nothing_is_stored).figures["pages_that_could_store"] == ["/fi/evasteet/"]


def test_a_page_that_fails_breaks_s33(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = HttpResponse(status=500)
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", _resolver_with(path("fi/evasteet/", lambda _: broken)))
    assert _fresh(check_nothing_is_stored).figures["failing"] == ["/fi/evasteet/"]


def test_what_a_browser_kept_at_the_release_breaks_s33(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = shipped_evidence()
    monkeypatch.setattr(checks, "shipped_evidence", lambda: {**evidence, "stored": ["visitor"]})
    assert check_nothing_is_stored().verdict is Verdict.BROKEN


def test_evidence_of_another_version_leaves_s33_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "sources_digest", lambda: "another")
    assert check_nothing_is_stored().verdict is Verdict.UNKNOWN


def test_fetching_leaves_the_language_of_the_thread_alone(world: World) -> None:
    with translation.override("sv"):
        assert fetch("/en/").status == 200
        assert translation.get_language() == "sv"


def test_efforts_count_what_each_form_asks_for() -> None:
    html = '<p><input required></p><form><input required><input type="checkbox"><button type="submit">x</button></form>'
    assert efforts(html + "<form><select></select></form>") == [Effort(1, 1, 1), Effort(0, 1, 0)]
