from __future__ import annotations

from luvalla.campaigns.rendering.text import render_text
from tests.campaigns.letters import content

WHOLE = """\
Esimerkki Energia · Markkinointia

Talven sähkökatkot
==================

Märkä lumi taivuttaa puita [1].

- Valo

[1] https://esimerkki.fi/puut

| Tee nämä
| --------
|
| 1. Varaa vettä.
| 2. Lataa puhelin.

Avaa kartta:
https://esimerkki.fi/kartta

                                 * * *

Vasen
-----

Oikea

Laskuri
-------

Mitä katto tuottaisi.

Laske:
https://esimerkki.fi/laske

------------------------------------------------------------------------

Tämä on markkinointikirje. Saat tämän kirjeen, koska olet asiakkaamme.
Osoitteesi lähde: asiakastietojärjestelmä. Emme seuraa, avaatko kirjeen
tai mitä siinä painat.

Lopeta kirjeet:
https://kirjeet.esimerkki.fi/s/TOKEN

Tietosuojaseloste:
https://kirjeet.esimerkki.fi/fi/tietosuojaseloste/

Lue selaimessa:
https://kirjeet.esimerkki.fi/fi/arkisto/1/

Esimerkki Energia Oy, 1234567-1
Mallikatu 5, 00001 Mallila
asiakaspalvelu@esimerkki.fi
"""


def test_reads_as_a_letter() -> None:
    assert render_text(content()) == WHOLE


def test_lines_have_at_most_72_characters_but_for_addresses() -> None:
    words = "Pitkä kappale, joka jatkuu ja jatkuu, kunnes se on monta riviä pitkä. " * 12
    text = render_text(content(("text", f"<p>{words}</p><ul><li>{words}<ul><li>{words}</li></ul></li></ul>")))
    assert all(len(line) <= 72 for line in text.splitlines() if "https://" not in line)


def test_an_item_of_several_lines_stands_under_its_first_word() -> None:
    text = render_text(content(("text", f"<ol><li>{'sana ' * 20}</li></ol>")))
    first, second = [line for line in text.splitlines() if "sana" in line]
    assert first.startswith("1. sana")
    assert second.startswith("   sana")


def test_lists_in_lists_are_numbered_for_themselves() -> None:
    text = render_text(content(("text", "<ol><li>a<ol><li>b</li></ol></li><li>c</li></ol><p>d</p>")))
    assert "1. a\n  1. b\n2. c\n\nd\n" in text


def test_an_address_has_one_number_however_often_it_is_linked() -> None:
    twice = '<p><a href="https://a.fi/">yksi</a> ja <a href="https://a.fi/">kaksi</a>.</p>'
    text = render_text(content(("text", twice)))
    assert "yksi [1] ja kaksi [1]." in text
    assert text.count("[1] https://a.fi/") == 1


def test_a_link_whose_words_are_its_address_has_no_note() -> None:
    text = render_text(content(("text", '<p>Lue <a href="https://a.fi/x">https://a.fi/x</a> tänään.</p>')))
    assert "Lue https://a.fi/x tänään." in text
    assert "[1]" not in text


def test_a_paragraph_that_is_only_a_link_has_its_address_below() -> None:
    text = render_text(content(("text", '<p><a href="https://a.fi/x">Ilmoita viasta</a></p>')))
    assert "Ilmoita viasta:\nhttps://a.fi/x\n" in text


def test_line_breaks_stay() -> None:
    assert "Katu 1\n00100 Helsinki" in render_text(content(("text", "<p>Katu 1<br/>00100 Helsinki</p>")))


def test_an_empty_block_leaves_no_hole() -> None:
    text = render_text(content(("heading", {"words": "", "level": "1"}), ("text", "<p></p>"), ("text", "<p>Hei</p>")))
    assert "\n\n\n" not in text
