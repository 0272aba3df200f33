"""Versions of the notice in public: each text, its difference, its file, and the notice there was before."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from luvalla.ledger.actors import SYSTEM, person
from luvalla.notices.actions import give_opinion, keep_earlier_notice, publish_notice
from luvalla.notices.changes import ADDED, REMOVED, changes
from luvalla.notices.models import NoticeFile
from luvalla.notices.queries import current_notice, next_draft
from luvalla.organisation.actions import record_controller
from luvalla.public.paths import LANGUAGES, path_of
from tests.public.test_pages import check_headers
from tests.support.world import World


@pytest.fixture
def second(world: World) -> None:
    """Publish a second version, in which the street is another one."""
    first = current_notice()
    assert first is not None
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    give_opinion(is_for=True, text="Right.", draft=next_draft().digest, actor=person("officer"))
    publish_notice(published_on=first.published_on, actor=person("owner"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_difference_names_what_went_and_what_came(language: str, second: None, visitor: Client) -> None:
    response = visitor.get(path_of("notice_difference", language, number=2))
    check_headers(response)
    text = response.content.decode()
    assert text.count("<ins>") == text.count("<del>") == 1
    removed, added = (
        text.partition("<del>")[2].partition("</del>")[0],
        text.partition("<ins>")[2].partition("</ins>")[0],
    )
    assert "Mallikatu 5," in removed
    assert "Uusikatu 7," in added
    assert '<span class="vh">' in removed, "whoever listens hears that it was removed"


def test_the_first_version_has_no_difference(world: World, visitor: Client) -> None:
    assert visitor.get("/en/privacy-notice/1/difference/").status_code == 404
    assert visitor.get("/en/privacy-notice/7/difference/").status_code == 404


def test_the_list_leads_to_differences_and_files_and_says_the_opinion(second: None, visitor: Client) -> None:
    text = visitor.get("/en/privacy-notice/versions/").content.decode()
    assert "/en/privacy-notice/2/difference/" in text
    assert "/en/privacy-notice/1/difference/" not in text
    assert "/en/privacy-notice/1.pdf" in text
    assert "opinion" in text


def test_parts_that_are_new_or_gone_are_told_whole() -> None:
    before = "<h2>Data</h2><p>We keep your address.</p><p>We keep nothing else at all here.</p>"
    now = "<h2>Data</h2><p>We keep your address.</p><ul><li>Paper lies under lock and key.</li></ul>"
    found = changes(before, now)
    assert [[piece.kind for piece in each.pieces] for each in found] == [[REMOVED], [ADDED]]
    assert {each.heading for each in found} == {"Data"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_of_a_version_is_tagged_kept_and_always_the_same(language: str, world: World, visitor: Client) -> None:
    path = path_of("notice_file", language, number=1)
    first, again = visitor.get(path), visitor.get(path)
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == again.content
    kept = NoticeFile.objects.get(language=language)
    assert kept.digest == hashlib.sha256(first.content).hexdigest()
    read = PdfReader(BytesIO(first.content))
    root = read.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  # pypdf's own kind of boolean
    assert root["/Lang"] == language
    text = "".join(page.extract_text() for page in read.pages)
    assert "Esimerkki Energia Oy (1234567-1)" in text
    assert "proof" not in text


def test_a_file_that_was_lost_is_made_again_byte_for_byte(world: World, visitor: Client) -> None:
    first = visitor.get("/fi/tietosuojaseloste/1.pdf").content
    NoticeFile.objects.all().delete()
    assert visitor.get("/fi/tietosuojaseloste/1.pdf").content == first


def test_the_notice_before_stands_in_its_own_words_with_the_reasons(world: World, visitor: Client) -> None:
    sentences = [
        {"heading": "Oikeudet", "text": "Pyyntö on allekirjoitettava.", "claims": ["S37"], "weak_points": ["W2"]},
        {"heading": "Oikeudet", "text": "Voit <b>pyytää</b> korjausta.", "claims": ["S40"], "weak_points": []},
    ]
    details = {"language": "fi", "dated": "24.2.202", "digest": "0" * 64, "sentence": sentences}
    kept = keep_earlier_notice(details=details, actor=SYSTEM)
    assert keep_earlier_notice(details=details, actor=SYSTEM) == kept, "the same text is kept once"
    listed = visitor.get("/en/privacy-notice/versions/").content.decode()
    path = path_of("notice_earlier", "en", number=kept.pk)
    assert path in listed
    assert "24.2.202" in listed
    response = visitor.get(path)
    check_headers(response)
    text = response.content.decode()
    assert '<blockquote lang="fi">Pyyntö on allekirjoitettava.</blockquote>' in text
    assert "a signature is never required" in text
    assert "&lt;b&gt;" in text
    assert visitor.get(path_of("notice_earlier", "en", number=kept.pk + 1)).status_code == 404
