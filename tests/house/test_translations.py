"""Every text of the interface is there in Finnish and Swedish, whole and compiled."""

from __future__ import annotations

from pathlib import Path

import pytest

from luvalla.cli import catalogues

PACKAGE = Path(catalogues.__file__).resolve().parents[1]


@pytest.mark.parametrize("room", catalogues.rooms_of(PACKAGE), ids=lambda each: each.name)
def test_no_translation_is_missing(room: Path) -> None:
    assert list(catalogues.faults_of(room)) == []


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Make a room that says one text in Python and one in a template."""
    folder = tmp_path / "hall"
    (folder / "templates").mkdir(parents=True)
    (folder / "doors.py").write_text('title = pgettext("doors", "Open %(door)s")\n')
    (folder / "templates" / "door.html").write_text(
        '{% load i18n %}<p>\n      {% translate "Close" context "doors" %}</p>\n'
        '{% blocktranslate count n=doors context "doors" %}one door{% plural %}{{ n }} doors{% endblocktranslate %}\n'
    )
    return folder


def test_texts_are_found_in_python_and_in_templates(room: Path) -> None:
    texts = {(text.context, text.id) for text in catalogues.texts_of(room) if text.id}
    assert texts == {("doors", "Open %(door)s"), ("doors", "Close"), ("doors", ("one door", "%(n)s doors"))}


def test_an_untranslated_text_is_named_for_each_language(room: Path) -> None:
    catalogues.bring_up_to_date(room)
    faults = list(catalogues.faults_of(room))
    assert "hall/fi: not translated: Open %(door)s" in faults
    assert "hall/sv: not translated: Close" in faults


def translate(room: Path, translation: str) -> list[str]:
    """Put one text into the Finnish catalogue and give what is wrong with that text then."""
    catalogues.bring_up_to_date(room)
    place = catalogues.catalogue_place(room, "fi")
    asked = 'msgid "Open %(door)s"\n'
    place.write_text(place.read_text().replace(f'{asked}msgstr ""', f'{asked}msgstr "{translation}"'))
    catalogues.bring_up_to_date(room)
    return [fault for fault in catalogues.faults_of(room) if fault.startswith("hall/fi") and "Open" in fault]


def test_a_translation_keeps_its_placeholders(room: Path) -> None:
    assert translate(room, "Avaa %(ovi)s") == ["hall/fi: other placeholders: Open %(door)s"]


def test_a_whole_translation_is_in_order_and_stays(room: Path) -> None:
    assert translate(room, "Avaa %(door)s") == []
    catalogues.bring_up_to_date(room)
    assert "Avaa %(door)s" in catalogues.catalogue_place(room, "fi").read_text()


def test_a_compiled_file_older_than_its_catalogue_is_noticed(room: Path) -> None:
    catalogues.bring_up_to_date(room)
    place = catalogues.catalogue_place(room, "fi")
    place.write_text(place.read_text().replace('msgid "Close"\nmsgstr ""', 'msgid "Close"\nmsgstr "Sulje"'))
    assert "hall/fi: the .mo file was not made from the .po file" in list(catalogues.faults_of(room))


def test_the_same_catalogue_is_compiled_into_the_same_bytes(room: Path) -> None:
    catalogues.bring_up_to_date(room)
    first = catalogues.compiled(catalogues.read_catalogue(room, "sv"))
    assert catalogues.compiled(catalogues.read_catalogue(room, "sv")) == first
    assert first == catalogues.catalogue_place(room, "sv").with_suffix(".mo").read_bytes()
