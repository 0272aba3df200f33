"""The public pages against the evidence of the release, without a browser."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import clear_url_caches, path

from luvalla.config import urls as site
from luvalla.notices.models import NoticeVersion
from luvalla.public import accessibility
from luvalla.public.accessibility import faults, pages_are_as_they_were_examined, shapes
from luvalla.rules.ports import Finding, Verdict
from tests.support.world import World

pytestmark = pytest.mark.django_db
PAGE = "<!doctype html><html lang=fi><title>x</title><main><h1>x</h1>{}</main></html>"


def test_the_pages_are_those_that_were_examined(world: World) -> None:
    finding = pages_are_as_they_were_examined()
    assert finding.verdict is Verdict.HOLDS, finding.figures
    assert int(str(finding.figures["pages"])) >= 24


def test_a_page_without_a_label_breaks_x5(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.format('<form><input id="name" name="name" type="text"></form>')
    changed = [path("fi/evasteet/", lambda _: HttpResponse(page)), *site.urlpatterns]
    monkeypatch.setattr("luvalla.config.urls.urlpatterns", changed)
    finding = _fresh()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["without_a_name"] == ["/fi/evasteet/"]


def test_a_text_that_brings_other_elements_breaks_x5(world: World) -> None:
    notice = NoticeVersion.objects.get()
    NoticeVersion.objects.update(html_fi=notice.html_fi + '<marquee class="x">Hei</marquee>')
    finding = pages_are_as_they_were_examined()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["never_examined"] == ["/fi/tietosuojaseloste/"]


def test_evidence_of_another_version_proves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accessibility, "sources_digest", lambda: "0" * 64)
    assert pages_are_as_they_were_examined().verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('<label for="a">A</label><input id="a">', []),
        ("<label>A <input></label>", []),
        ('<input type="hidden"><button>Go</button>', []),
        ('<input id="a">', ["input"]),
        ('<a href="/"><img src="x.png" alt=""></a>', ["a"]),
        ('<img src="x.png">', ["img"]),
    ],
)
def test_what_has_no_name_is_found_without_a_browser(content: str, found: list[str]) -> None:
    assert faults(PAGE.format(content)) == found


def test_words_and_numbers_leave_the_shapes_as_they_are() -> None:
    one, many = PAGE.format("<ul><li>a</li></ul>"), PAGE.format("<ul><li>b</li><li>c</li></ul>")
    assert shapes(one) == shapes(many)
    assert shapes(PAGE.format('<b class="x-holds">')) == shapes(PAGE.format('<b class="x-broken">'))
    assert shapes(PAGE.format('<input id="a">')) != shapes(PAGE.format('<label for="a">A</label><input id="a">'))


def test_where_an_address_may_break_leaves_the_shapes_as_they_are() -> None:
    whole, broken = PAGE.format("<p>a@b.example</p>"), PAGE.format("<p>a@<wbr>b.example</p>")
    assert shapes(whole) == shapes(broken)


def _fresh() -> Finding:
    clear_url_caches()
    try:
        return pages_are_as_they_were_examined()
    finally:
        clear_url_caches()
