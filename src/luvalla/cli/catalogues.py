"""The catalogues of the interface's texts: ROOM/locale/{fi,sv}/LC_MESSAGES/django.po and the .mo made from it.

English is the language of the code. A text is found in Python and in templates by its pgettext (with a context) or
gettext; what the code no longer says leaves the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGES: Final = ("fi", "sv")
KEYWORDS: Final[dict[str, tuple[int | tuple[int, str], ...] | None]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATES: Final = (".html", ".txt", ".mjml", ".xml")
LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[a-z]|\{\w*(?:![rs])?\}|%[sd]")
DATES: Final = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|'
    rb"Report-Msgid-Bugs-To|Project-Id-Version):.*\n",
    re.MULTILINE,
)


def rooms_of(package: Path) -> list[Path]:
    """Give the folders of the rooms, in the order of their names."""
    return sorted(each.parent for each in package.glob("*/__init__.py"))


def texts_of(room: Path) -> Catalog:
    """Find every text of a room, with the files it is said in."""
    found = Catalog(charset="utf-8")
    for place in sorted(room.rglob("*")):
        for message, context, comments in _texts_in(place):
            found.add(
                message, locations=[(place.relative_to(room).as_posix(), 0)], context=context, auto_comments=comments
            )
    return found


def catalogue_place(room: Path, language: str) -> Path:
    """Give the path of a room's catalogue in that language."""
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(room: Path, language: str) -> Catalog:
    """Read a room's catalogue; an empty one when there is none yet."""
    place = catalogue_place(room, language)
    if not place.exists():
        return Catalog(locale=language, charset="utf-8")
    with place.open("rb") as file:
        return read_po(file, locale=language)


def bring_up_to_date(room: Path) -> None:
    """Merge the room's texts into its catalogues, keeping every translation whose text is still said; compile them."""
    texts = texts_of(room)
    for language in LANGUAGES:
        place = catalogue_place(room, language)
        if not len(texts) and not place.exists():
            continue
        catalogue = read_catalogue(room, language)
        catalogue.update(texts, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_as_po(catalogue))
        place.with_suffix(".mo").write_bytes(compiled(read_catalogue(room, language)))


def compiled(catalogue: Catalog) -> bytes:
    """Give the .mo file of a catalogue."""
    # The header would hold the time of day, and the file be another one each time.
    catalogue.creation_date = catalogue.revision_date = LONG_AGO
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def faults_of(room: Path) -> Iterator[str]:
    """Say what is missing in a room's catalogues: texts, translations, equal placeholders, a compiled file."""
    texts = texts_of(room)
    for language in LANGUAGES:
        where = f"{room.name}/{language}"
        catalogue = read_catalogue(room, language)
        for text in texts:
            if text.id:
                yield from (
                    f"{where}: {fault}: {_key(text)}" for fault in _faults(catalogue.get(_key(text), text.context))
                )
        if len(texts):
            made = catalogue_place(room, language).with_suffix(".mo")
            if not made.exists() or made.read_bytes() != compiled(catalogue):
                yield f"{where}: the .mo file was not made from the .po file"


def _key(text: Message) -> str:
    return text.id if isinstance(text.id, str) else text.id[0]


def _faults(translated: Message | None) -> Iterator[str]:
    if translated is None:
        yield "not in the catalogue"
        return
    said = [translated.string] if isinstance(translated.string, str) else list(translated.string or [""])
    asked = [translated.id] if isinstance(translated.id, str) else list(translated.id)
    if not all(said):
        yield "not translated"
    elif translated.fuzzy:
        yield "fuzzy"
    elif any(set(PLACEHOLDER.findall(each)) != set(PLACEHOLDER.findall(asked[-1])) for each in said[-1:]):
        yield "other placeholders"


def _texts_in(place: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    if place.suffix == ".py":
        source = place.read_text(encoding="utf-8")
    elif place.suffix in TEMPLATES and "templates" in place.parts:
        written = templatize(place.read_text(encoding="utf-8"), origin=place.name)
        # What is left of the template is Python to the extractor, in which indentation would have a meaning.
        source = "\n".join(line.lstrip() for line in written.splitlines())
    else:
        return
    for _, message, comments, context in extract("python", BytesIO(source.encode()), KEYWORDS, ("Translators:",)):
        yield message, context, comments


def _as_po(catalogue: Catalog) -> bytes:
    catalogue.header_comment = f"# {catalogue.locale.english_name if catalogue.locale else ''}: the texts of one room."
    file = BytesIO()
    write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
    return DATES.sub(b"", file.getvalue()).replace(b'#, fuzzy\nmsgid ""\n', b'msgid ""\n', 1)
