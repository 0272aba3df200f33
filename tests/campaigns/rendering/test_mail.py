from __future__ import annotations

import re

import pytest

from luvalla.campaigns.rendering.content import Grounds
from luvalla.campaigns.rendering.mail import render_mail
from luvalla.campaigns.rendering.styles import in_colours
from luvalla.rules.purposes import PermissionKind
from tests.campaigns.letters import SITE, Read, content


def test_says_its_language_direction_and_title() -> None:
    html = render_mail(content())
    assert re.search(r'<html lang="fi" dir="ltr"', html)
    assert "<title>Talven sähkökatkot</title>" in html
    assert 'role="article"' in html
    assert 'aria-roledescription="sähköposti"' in html


def test_a_layout_table_is_none_to_those_who_listen() -> None:
    read = Read(render_mail(content()))
    tables = [names for tag, names in read.elements if tag == "table"]
    assert tables
    assert all("role" in names for names in tables)
    assert set(read.values("table", "role")) == {"presentation"}


def test_the_preheader_comes_first_and_is_hidden() -> None:
    html = render_mail(content())
    body = html[html.index("<body") :]
    assert re.match(r'<body[^>]*><div style="display:\s?none;[^"]*">Näin pärjäät\.</div>', body)


def test_without_a_preheader_there_is_no_hidden_text() -> None:
    assert "display:none" not in render_mail(content(preheader="")).replace("display: none", "display:none")


def test_every_word_is_there_once_in_the_order_of_the_blocks() -> None:
    words = Read(render_mail(content())).words
    order = [
        "Talven sähkökatkot",
        "Märkä lumi",
        "Tee nämä",
        "Avaa kartta",
        "Vasen",
        "Oikea",
        "Laskuri",
        "Lopeta kirjeet",
    ]
    places = [words.rindex(each) for each in order]
    assert places == sorted(places)


def test_styles_stand_in_the_elements() -> None:
    html = render_mail(content())
    heading = re.search(r"<h1[^>]*>", html)
    assert heading
    assert "font-size: 30px" in heading[0].replace("font-size:30px", "font-size: 30px")


def test_dark_colours_are_there_in_both_ways_clients_know() -> None:
    html = render_mail(content())
    assert "@media (prefers-color-scheme: dark)" in html
    assert "[data-ogsc] .ink" in html
    assert "[data-ogsb] .bg" in html
    assert '<meta name="color-scheme" content="light dark"' in html


@pytest.mark.parametrize(("dark", "media"), [(True, "@media all"), (False, "@media not all")])
def test_a_preview_fixes_the_colours(media: str, *, dark: bool) -> None:
    html = in_colours(render_mail(content()), dark=dark)
    assert media in html
    assert "prefers-color-scheme" not in html


def test_the_footer_names_the_way_out_first() -> None:
    read = Read(render_mail(content()))
    footer = [link for link in read.values("a", "href") if link.startswith((SITE, "mailto:"))]
    assert footer == [
        f"{SITE}/s/TOKEN",
        f"{SITE}/fi/tietosuojaseloste/",
        f"{SITE}/fi/arkisto/1/",
        "mailto:asiakaspalvelu@esimerkki.fi",
    ]


def test_the_footer_says_why_from_where_and_who() -> None:
    words = Read(render_mail(content())).words
    for each in (
        "Tämä on markkinointikirje.",
        "Saat tämän kirjeen, koska olet asiakkaamme.",
        "Osoitteesi lähde: asiakastietojärjestelmä.",
        "Emme seuraa, avaatko kirjeen tai mitä siinä painat.",
        "Esimerkki Energia Oy, 1234567-1",
        "Mallikatu 5, 00001 Mallila",
        "asiakaspalvelu@esimerkki.fi",
    ):
        assert each in words


@pytest.mark.parametrize(
    ("kinds", "language", "sentence"),
    [
        ((PermissionKind.CONSENT,), "fi", "Saat tämän kirjeen, koska olet tilannut kirjeemme."),
        (
            (PermissionKind.LEGAL_ENTITY,),
            "sv",
            "Du får det här brevet eftersom du företräder ett företag eller en organisation.",
        ),
        (
            (PermissionKind.CUSTOMER, PermissionKind.CONSENT),
            "en",
            "You get this letter because you are our customer or you have ordered our letters.",
        ),
        (
            (),
            "fi",
            "Saat tämän kirjeen, koska olet asiakkaamme, edustat yritystä tai yhteisöä tai olet tilannut kirjeemme.",
        ),
    ],
)
def test_the_reason_is_the_audiences(kinds: tuple[PermissionKind, ...], language: str, sentence: str) -> None:
    letter = content(grounds=Grounds(kinds, ()), language=language)
    assert sentence in Read(render_mail(letter)).words


def test_what_is_no_marketing_does_not_say_it_is() -> None:
    words = Read(render_mail(content(is_marketing=False, label="Asiakastiedote"))).words
    assert "markkinoin" not in words.lower()
    assert "Asiakastiedote" in words


def test_nothing_in_it_reports_back() -> None:
    read = Read(render_mail(content()))
    assert read.values("img", "src") == []
    assert not {"script", "iframe", "object", "form", "link"} & {tag for tag, _ in read.elements}
    assert "url(" not in render_mail(content())


def test_a_letter_without_words_can_be_previewed() -> None:
    html = render_mail(content(("heading", {"words": "", "level": "1"}), ("button", {"words": "", "link": ""})))
    assert "Lopeta kirjeet" in html
