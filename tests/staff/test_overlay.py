"""The overlay over Wagtail's own translations: made from its source, of texts that Wagtail has, with their holes."""

from __future__ import annotations

from pathlib import Path

import pytest
import wagtail
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils.translation import gettext, override

import luvalla
from luvalla.cli.catalogues import PLACEHOLDER, compiled

OVERLAY = Path(luvalla.__file__).parent / "staff" / "wagtail_locale"
WAGTAIL = Path(wagtail.__file__).parent


def catalogue(language: str) -> Catalog:
    with (OVERLAY / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def texts_of_wagtail() -> set[str]:
    found: set[str] = set()
    for place in WAGTAIL.rglob("locale/en/LC_MESSAGES/django.po"):
        with place.open("rb") as file:
            found |= {each.id if isinstance(each.id, str) else each.id[0] for each in read_po(file) if each.id}
    return found


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_compiled_file_was_made_from_its_source(language: str) -> None:
    made = OVERLAY / language / "LC_MESSAGES" / "django.mo"
    assert made.read_bytes() == compiled(catalogue(language))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_text_is_one_that_wagtail_still_says(language: str) -> None:
    asked = {each.id if isinstance(each.id, str) else each.id[0] for each in catalogue(language) if each.id}
    assert asked - texts_of_wagtail() == set()
    assert len(asked) > 50


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_translation_has_the_holes_of_its_text(language: str) -> None:
    for each in catalogue(language):
        if each.id:
            text = each.id if isinstance(each.id, str) else each.id[-1]
            said = each.string if isinstance(each.string, str) else each.string[-1]
            assert set(PLACEHOLDER.findall(said)) == set(PLACEHOLDER.findall(text)), text


def test_wagtail_speaks_it() -> None:
    with override("fi"):
        assert gettext("Toggle preview") == "Näytä tai piilota esikatselu"
        assert gettext("Save") == "Tallenna"
    with override("sv"):
        assert gettext("Refresh") == "Uppdatera"
