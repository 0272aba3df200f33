"""A file that is huge, broken or hostile is refused with its reason, quickly."""

from __future__ import annotations

import contextlib
import time
import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from luvalla.notices.adoption.adopting import adopt
from luvalla.notices.adoption.errors import NotANotice, NoticeFault
from luvalla.notices.adoption.patterns import LANGUAGES, patterns
from luvalla.notices.adoption.reading import LARGEST_FILE, LONGEST_LINE, read_notice
from luvalla.notices.adoption.weak_points import weak_points
from tests.notices.adoption.notices import WATER, as_docx, as_pdf


def archive(entries: dict[str, bytes]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return kept.getvalue()


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(as_pdf("fi", WATER.splitlines()[:9]))))
    writer.encrypt("secret")
    kept = BytesIO()
    writer.write(kept)
    return kept.getvalue()


def lines_of(body: str) -> list[str]:
    padding = "<p>" + "Tietoja ja osoitteita säilytetään. " * 8 + "</p>"
    return [line.text for line in read_notice(f"<html><body>{body}{padding}</body></html>".encode()).lines][:-1]


def test_line_ends_of_html_source_are_spaces_and_breaks_are_breaks() -> None:
    assert lines_of("<p>Rekisterin käyttötarkoitus\n  on tiedottaminen.</p>") == [
        "Rekisterin käyttötarkoitus on tiedottaminen."
    ]
    assert lines_of("<p>Varastotie 5<br>60100 Seinäjoki</p>") == ["Varastotie 5", "60100 Seinäjoki"]
    assert lines_of("<pre>Varastotie 5\n60100 Seinäjoki</pre>") == ["Varastotie 5", "60100 Seinäjoki"]


def test_no_text_of_html_is_lost_wherever_it_stands() -> None:
    nested = "<div>Kysy <a href='#'>meiltä</a> lisää.<p>Poistamme <b>osoitteen</b>.</p>Kiitos.</div>Loppu <i>tähän</i>."
    assert lines_of(nested) == ["Kysy meiltä lisää.", "Poistamme osoitteen.", "Kiitos.", "Loppu tähän."]
    assert lines_of("<ul><li>Nimet <b>ja</b><ul><li>osoitteet</li></ul></li></ul><!-- ei tätä -->") == [
        "Nimet ja", "osoitteet",
    ]  # fmt: skip


def test_letters_that_a_pdf_draws_as_one_are_told_apart() -> None:
    assert lines_of("<p>Kirjoita: tietosuojavastaava@sen.\ufb01, o\ufb03ce</p>") == [
        "Kirjoita: tietosuojavastaava@sen.fi, office"
    ]


REFUSED = {
    "huge": (b"a" * (LARGEST_FILE + 1), NoticeFault.TOO_LARGE),
    "endless text": (b"tietoja ja " * 30_000, NoticeFault.TOO_LARGE),
    "empty": (b"", NoticeFault.NO_TEXT),
    "a few words": (b"Tietosuojaseloste", NoticeFault.NO_TEXT),
    "half a pdf": (as_pdf("fi", WATER.splitlines())[:900], NoticeFault.BROKEN),
    "a pdf under a password": (encrypted(), NoticeFault.ENCRYPTED),
    "half a document": (as_docx()[:2000], NoticeFault.BROKEN),
    "a bomb": (archive({"word/document.xml": b" " * (40 << 20)}), NoticeFault.TOO_LARGE),
    "elements without end": (b"<html>" + b"<p>sana</p>" * 20_000, NoticeFault.TOO_LARGE),
    "elements in elements": (b"<html>" + b"<div>" * 600 + b"sana " * 30, NoticeFault.BROKEN),
    "entities": (archive({"word/document.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), NoticeFault.BROKEN),
    "another archive": (archive({"xl/workbook.xml": b"<x/>"}), NoticeFault.UNKNOWN_FORMAT),
    "an old word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), NoticeFault.UNKNOWN_FORMAT),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, NoticeFault.UNKNOWN_FORMAT),
    "german": (b"Wir verarbeiten Ihre Daten nur dann, wenn Sie zugestimmt haben. " * 5, NoticeFault.UNKNOWN_LANGUAGE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_notice_is_refused_with_its_reason(name: str) -> None:
    content, fault = REFUSED[name]
    with pytest.raises(NotANotice) as refused:
        adopt(content)
    assert refused.value.fault is fault


@settings(max_examples=60)
@given(st.binary(max_size=3000), st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"", b"{\\rtf1"]))
def test_no_file_makes_it_fail_in_another_way(content: bytes, start: bytes) -> None:
    sentences: tuple[object, ...] = ()
    fault = None
    try:
        sentences = adopt(start + content).sentences
    except NotANotice as refused:
        fault = refused.fault
    assert bool(sentences) != (fault in set(NoticeFault)), "either something was read or it says why not"


def test_hard_wrapped_lines_are_put_together_and_an_address_is_not() -> None:
    wrapped = (
        "Rekisterinpitäjä\n\nKuviteltu Oy\nMallitie 1\n99999 Kuvitelma\n\n"
        "Lähetämme tiedotteita niille, jotka ovat antaneet meille osoitteensa ja\n"
        "pyytäneet kirjeitä, emmekä kenellekään muulle, eikä tietoja anneta\nmuille.\n"
    )
    lines = [line.text for line in read_notice(wrapped.encode()).lines]
    assert lines[:4] == ["Rekisterinpitäjä", "Kuviteltu Oy", "Mallitie 1", "99999 Kuvitelma"]
    assert len(lines) == 5
    assert lines[4].endswith("eikä tietoja anneta muille.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_know_the_same_things(language: str) -> None:
    known, finnish = patterns(language), patterns("fi")
    assert set(known.heads) == set(finnish.heads)
    assert set(known.claims) == set(finnish.claims) == {f"S{n}" for n in range(3, 49)}
    assert set(known.weak) == set(finnish.weak) <= set(weak_points())
    assert list(known.elements) == list(finnish.elements)
    assert set(known.words) == set(finnish.words)


def test_every_weak_point_says_what_is_wrong_and_how_it_is_resolved() -> None:
    assert list(weak_points()) == [f"W{number}" for number in range(1, 19)]
    for each in weak_points().values():
        assert set(each.wrong) == set(each.now) == set(LANGUAGES)
        assert all(text.endswith(".") for text in (*each.wrong.values(), *each.now.values()))


def document(body: str) -> bytes:
    """Make a DOCX whose body is this, in the place of a usual one's."""
    with zipfile.ZipFile(BytesIO(as_docx())) as usual:
        entries = {name: usual.read(name) for name in usual.namelist()}
    head, _, rest = entries["word/document.xml"].partition(b"<w:body>")
    return archive({**entries, "word/document.xml": head + b"<w:body>" + body.encode() + rest})


CELL = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="900000000"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>'
WORDS = "<p>" + "Tietoja ja osoitteita säilytetään. " * 8 + "</p>"


@pytest.mark.parametrize(
    "content",
    [
        document(CELL * 3),
        document("<w:p/>" * 200_000),
        document("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 40_000),
        f"<html><body>{WORDS}{'<a ' * 15_000}".encode(),
        f"<html><body>{WORDS}{'<p a=' * 3_000}{'a<br>' * 9_000}".encode(),
        f"<html><body>{WORDS}{'a<br>' * 9_000}".encode(),
        f"<html><body>{WORDS}{'&' * 3_000_000}".encode(),
        ("tietosuojaseloste on seloste " * 20 + "\n" + "a" * 190_000).encode(),
        ("tietosuojaseloste on seloste " * 20 + "\n" + "A-" * 90_000).encode(),
    ],
    ids=[
        "a wide cell",
        "empty paragraphs",
        "paragraphs",
        "open tags",
        "open quotes",
        "breaks",
        "entities",
        "one word",
        "dashes",
    ],
)
def test_no_file_takes_long_or_much(content: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(NotANotice):
        adopt(content)
    assert time.process_time() - began < 12, "these took from ten seconds to for ever"


def test_a_paragraph_without_end_is_cut_behind_a_sentence() -> None:
    sentences = [f"Lause numero {number} kertoo jotakin tietojen käsittelystä." for number in range(200)]
    lines = read_notice(" ".join(sentences).encode()).lines
    assert " ".join(line.text for line in lines) == " ".join(sentences)
    assert all(len(line.text) <= LONGEST_LINE and line.text.endswith(".") for line in lines)
    assert len(read_notice(("sana " * 40 + "x" * 5000).encode()).lines) == 4


def test_a_cell_that_spans_others_is_read_once() -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="3"/></w:tcPr><w:p><w:r><w:t>Tärkeä rivi</w:t></w:r></w:p></w:tc>'
    lines = read_notice(document(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")).lines
    assert [line.text for line in lines].count("Tärkeä rivi") == 1
