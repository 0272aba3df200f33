"""Rich text of the editor: to the few elements a letter has, and to plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final, NamedTuple

import nh3
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from luvalla.campaigns.errors import BadLink
from luvalla.campaigns.links import check_link
from luvalla.campaigns.rendering.plain import NO_BREAK, Plain

ELEMENTS: Final = frozenset({"p", "br", "b", "i", "a", "ul", "ol", "li"})
SPELLED_DIFFERENTLY: Final = (("<strong>", "<b>"), ("</strong>", "</b>"), ("<em>", "<i>"), ("</em>", "</i>"))
LISTS: Final = frozenset({"ul", "ol"})
SPACES: Final = re.compile(r"[ \t\r\n\f]+")


def letter_html(source: str) -> SafeString:
    """Turn rich text as it is stored into the HTML a letter may have: nothing but ELEMENTS, and checked links.

    What isn't allowed loses its tags and keeps its words; a link a letter may not have becomes plain words.
    """
    expanded = expand_db_html(source)
    for long, short in SPELLED_DIFFERENTLY:
        expanded = expanded.replace(long, short)
    clean = nh3.clean(
        expanded,
        tags=set(ELEMENTS),
        clean_content_tags={"script", "style", "template"},
        attributes={"a": {"href"}},
        attribute_filter=_checked,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    # A letter's MJML is XML: elements without content are closed.
    return mark_safe(clean.replace("<br>", "<br/>"))  # noqa: S308  # nh3 leaves nothing but the elements above


def _checked(_element: str, _attribute: str, value: str) -> str | None:
    try:
        return check_link(value)
    except BadLink:
        return None


def links_of(html: str) -> list[str]:
    """List the addresses rich text links to, as they are written."""
    reader = _LinkReader()
    reader.feed(expand_db_html(html))
    return reader.links


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")


def plain_text(html: str, place: Plain) -> str:
    """Set a letter's rich text as plain text; the addresses of its links go into the notes."""
    reader = _TextReader(place)
    reader.feed(html)
    reader.close()
    return reader.finish()


class _Link(NamedTuple):
    words: str
    address: str


class _TextReader(HTMLParser):
    """Collects the words and links of one paragraph or item at a time and sets them when it ends."""

    def __init__(self, place: Plain) -> None:
        super().__init__()
        self.place = place
        self.set: list[str] = []
        self.pieces: list[str | _Link] = []
        self.words = ""
        self.address: str | None = None
        self.counters: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LISTS:
            self._end_paragraph()
            self.counters.append(0 if tag == "ol" else None)
        elif tag in {"p", "li"}:
            self._end_paragraph()
            if tag == "li" and self.counters and self.counters[-1] is not None:
                self.counters[-1] += 1
        elif tag == "br":
            self.words += "\n"
        elif tag == "a":
            self._take_words()
            self.address = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._take_words()
        elif tag in {"p", "li"}:
            self._end_paragraph()
        elif tag in LISTS:
            self._end_paragraph()
            if self.counters:
                self.counters.pop()
            if not self.counters:
                self.set.append("")

    def handle_data(self, data: str) -> None:
        self.words += SPACES.sub(" ", data)

    def finish(self) -> str:
        self._end_paragraph()
        return "\n".join(self.set).strip("\n")

    def _take_words(self) -> None:
        """Put the words so far into the paragraph, as a link where they stand in one."""
        words, self.words = self.words, ""
        address, self.address = self.address, None
        if address is not None:
            self.pieces.append(_Link(words, address))
        elif words:
            self.pieces.append(words)

    def _end_paragraph(self) -> None:
        self._take_words()
        pieces, self.pieces = self.pieces, []
        text = "\n".join(line.strip(" ") for line in self._joined(pieces).split("\n")).strip("\n")
        if not text:
            return
        first = self._mark()
        self.set.append(self.place.wrap(text, first=first, rest=" " * len(first)))
        if not self.counters:
            self.set.append("")

    def _joined(self, pieces: list[str | _Link]) -> str:
        """Join a paragraph. One that is nothing but a link gets the address on a line of its own."""
        written = [piece for piece in pieces if isinstance(piece, _Link) or piece.strip()]
        alone = len(written) == 1 and not self.counters
        return "".join(piece if isinstance(piece, str) else self._link_words(piece, alone=alone) for piece in pieces)

    def _link_words(self, link: _Link, *, alone: bool) -> str:
        words = link.words.strip()
        if not link.address or words in {link.address, link.address.partition(":")[2]}:
            return link.words
        if not words:
            return link.address
        if alone:
            return f"{words}:\n{link.address}"
        # The number follows the words at once; a space behind the words goes behind the number.
        space = link.words[len(link.words.rstrip(" ")) :]
        return f"{link.words.rstrip(' ')}{NO_BREAK}[{self.place.notes.number(link.address)}]{space}"

    def _mark(self) -> str:
        """Give what stands before an item: a dash or its number, two spaces in for each list around it."""
        if not self.counters:
            return ""
        number = self.counters[-1]
        return "  " * (len(self.counters) - 1) + ("- " if number is None else f"{number}. ")
