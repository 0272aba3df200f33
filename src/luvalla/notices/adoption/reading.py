"""From a file to lines: text in any encoding, HTML, DOCX and PDF, with limits that a hostile file runs into."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from luvalla.notices.adoption.errors import NotANotice, NoticeFault
from luvalla.register.importing.encodings import survey

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

LARGEST_FILE: Final = 8 * 1024 * 1024
LONGEST_TEXT: Final = 200_000
LARGEST_UNPACKED: Final = 32 * 1024 * 1024
MOST_PAGES: Final = 80
LONGEST_LINE: Final = 2_000
"""Characters of a line or paragraph; the time that some patterns take grows with the square of its length."""
MOST_BLOCKS: Final = 3_000
"""Paragraphs with words, and tables, of a DOCX."""
MOST_XML: Final = 300_000
"""Tags of a DOCX, of which each word may have several."""
MOST_TAGS: Final = 20_000
LEFT_OPEN: Final = 100
"""Tags of HTML that nobody closed: Python's parser looks for the end of each through all that follows."""
DEEPEST: Final = 500
"""Elements inside one another, paragraphs that nobody closed among them."""
LEAST_WORDS: Final = 20
NARROW: Final = 60
WIDE: Final = 0.72
"""A line that fills so much of the widest usual line goes on in the next one."""
HIDDEN: Final = ("script", "style", "template", "noscript", "svg", "nav", "iframe", "object", "head")
HEADS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS: Final = (
    *HEADS, "p", "li", "dt", "dd", "td", "th", "figcaption", "blockquote", "address", "div", "section", "article",
    "main", "header", "footer", "aside", "ul", "ol", "dl", "table", "tr", "caption", "form", "fieldset", "details",
    "summary", "pre", "hr", "body",
)  # fmt: skip
BREAK: Final = "\u2028"
"""Unicode's line separator, for a break inside a paragraph; the line ends of HTML's source are mere spaces."""
LIGATURES: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
"""Letters that a PDF draws as one: an address with one of them would not be found."""
PAGE_NUMBER: Final = re.compile(r"^[ \t]*(?:sivu|sida|page)?[ \t]*\d{1,3}(?:[ \t]*[/(][ \t]*\d{1,3}\)?)?[ \t]*$\n?",
                                re.IGNORECASE | re.MULTILINE)  # fmt: skip
ENDS: Final = (".", ":", "!", "?", ";")


class Line(NamedTuple):
    """A line or paragraph of the notice, and whether the file itself calls it a heading."""

    text: str
    is_heading: bool = False


class Original(NamedTuple):
    """A notice as it was read."""

    format: str
    lines: tuple[Line, ...]


def read_notice(content: bytes) -> Original:
    """Read a file's bytes as text, HTML, DOCX or PDF, whichever they are; the name of the file decides nothing.

    Raises NotANotice for what is too large, broken, encrypted, or holds no text.
    """
    if len(content) > LARGEST_FILE:
        raise NotANotice(NoticeFault.TOO_LARGE)
    kind, read = _reader(content)
    try:
        lines = tuple(_cleaned(read(content)))
    except NotANotice:
        raise
    except Exception:  # noqa: BLE001  # whatever a parser raises at a broken or hostile file, it can't be read
        raise NotANotice(NoticeFault.BROKEN) from None
    _check_text(lines)
    return Original(kind, lines)


def read_file(place: Path) -> bytes:
    """Read a file that may hold a notice; NotANotice when it is too large to be looked into."""
    if place.stat().st_size > LARGEST_FILE:
        raise NotANotice(NoticeFault.TOO_LARGE)
    return place.read_bytes()


def _reader(content: bytes) -> tuple[str, Callable[[bytes], Iterator[Line]]]:
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in content[:1024].lower():
        return "pdf", _pdf_lines
    if content[:4] == b"PK\x03\x04":
        return "docx", _docx_lines
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or start.startswith(b"{\\rtf"):
        raise NotANotice(NoticeFault.UNKNOWN_FORMAT)
    if start.startswith(b"<") and re.search(rb"<(!doctype html|html|head|body|h1|p|div|main|article)\b", start):
        return "html", _html_lines
    return "text", _text_lines


def _check_text(lines: tuple[Line, ...]) -> None:
    if sum(len(line.text) for line in lines) > LONGEST_TEXT:
        raise NotANotice(NoticeFault.TOO_LARGE)
    if sum(len(line.text.split()) for line in lines) < LEAST_WORDS:
        raise NotANotice(NoticeFault.NO_TEXT)


def _cleaned(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        text = re.sub(r"\s+", " ", _plain(line.text)).strip()
        for piece in _pieces(text):
            yield Line(piece, line.is_heading)


def _pieces(text: str) -> Iterator[str]:
    """Cut a paragraph that is longer than any is, behind a sentence or between words where there are such."""
    while len(text) > LONGEST_LINE:
        at = max(text.rfind(". ", 0, LONGEST_LINE) + 1, 0) or text.rfind(" ", 0, LONGEST_LINE)
        at = at if at > 0 else LONGEST_LINE
        yield text[:at].strip()
        text = text[at:].strip()
    if text:
        yield text


def _plain(text: str) -> str:
    return text.replace("\u00ad", "").replace("\ufeff", "").translate(LIGATURES)


def _text_lines(content: bytes) -> Iterator[Line]:
    text = content.decode(survey(BytesIO(content)).encoding, "replace")
    if text.count("\x00") or text.count("\ufffd") > len(text) // 20:
        raise NotANotice(NoticeFault.UNKNOWN_FORMAT)
    yield from _joined(text)


def _joined(text: str) -> Iterator[Line]:
    """Put hard-wrapped lines together; short lines, such as those of an address, stay as they are."""
    lines = [line.strip() for line in text.splitlines()]
    width, kept, before = _usual_width(lines), "", ""
    for line in lines:
        if kept and _goes_on(before, line, width):
            kept = f"{kept[:-1]}{line}" if kept.endswith("\u00ad") else f"{kept} {line}"
        else:
            yield Line(kept)
            kept = line
        before = line
    yield Line(kept)


def _usual_width(lines: list[str]) -> int:
    """Give the width that lines are wrapped at; a text with a line for each paragraph has none."""
    lengths = sorted(len(line) for line in lines if line)
    return max(lengths[int(len(lengths) * 0.9)], NARROW) if lengths else NARROW


def _goes_on(before: str, line: str, width: int) -> bool:
    opens_item = re.match(r"[-–•*·▪]\s|\d+[.)]\s", line)  # a dash that opens a list
    if not line or opens_item or before.endswith(ENDS):
        return False
    return len(before) >= width * WIDE or (len(before) >= NARROW / 2 and line[0].islower())


def _html_lines(content: bytes) -> Iterator[Line]:
    from bs4 import BeautifulSoup  # noqa: PLC0415  # only when there is HTML to read

    tags, closed = content.count(b"<"), content.count(b">")
    if max(tags, content.count(b"&")) > MOST_TAGS:
        raise NotANotice(NoticeFault.TOO_LARGE)
    if tags > closed + LEFT_OPEN:
        raise NotANotice(NoticeFault.BROKEN)
    page = BeautifulSoup(content, "html.parser")
    _check_depth(page)
    for each in page(HIDDEN):
        each.decompose()
    for each in page.find_all(style=re.compile(r"display:\s*none", re.IGNORECASE)):
        each.decompose()
    for each in page("br"):
        each.append(BREAK)  # replaced, each would be looked for among all that stands beside it
    for _, strings in groupby(_placed(page), key=lambda placed: id(placed[0])):
        placed = list(strings)
        block, text = placed[0][0], "".join(string for _, string in placed)
        breaks = text.splitlines() if block.name == "pre" else text.split(BREAK)
        yield from (Line(line, block.name in HEADS) for line in breaks)


def _placed(page: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Give each piece of text with the innermost block it stands in; pieces that follow in one block are a line."""
    for string in page.strings:
        yield string.find_parent(BLOCKS) or page, string


def _check_depth(page: BeautifulSoup) -> None:
    """Refuse elements inside elements without end: each is looked through for those inside it."""
    depths = {id(page): 0}
    for each in page.find_all():
        depths[id(each)] = depths[id(each.parent)] + 1
    if max(depths.values()) > DEEPEST:
        raise NotANotice(NoticeFault.BROKEN)


def _docx_lines(content: bytes) -> Iterator[Line]:
    from docx import Document  # noqa: PLC0415  # only when there is a document to read
    from docx.table import Table, _Cell  # noqa: PLC0415  # the same

    _check_archive(content)
    document = Document(BytesIO(content))
    blocks = (each for each in document.iter_inner_content() if isinstance(each, Table) or each.text)
    for count, block in enumerate(blocks):
        if count > MOST_BLOCKS:
            raise NotANotice(NoticeFault.TOO_LARGE)
        if isinstance(block, Table):
            # Each cell once: the library's own way gives one as often as it says it is wide, a thousand million times.
            yield from (Line(_Cell(cell, block).text) for cell in block._tbl.iter_tcs())  # type: ignore[no-untyped-call]  # noqa: SLF001  # there is no other
            continue
        style = (block.style.name or "").lower() if block.style else ""
        is_heading = style.startswith(("heading", "title", "otsikko", "rubrik"))
        yield from (Line(line, is_heading) for line in block.text.split("\n"))


def _check_archive(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        if sum(each.file_size for each in entries) > LARGEST_UNPACKED:
            raise NotANotice(NoticeFault.TOO_LARGE)
        if any(each.flag_bits & 1 for each in entries):
            raise NotANotice(NoticeFault.ENCRYPTED)
        if "word/document.xml" not in archive.namelist():
            raise NotANotice(NoticeFault.UNKNOWN_FORMAT)
        document = archive.read("word/document.xml")
    if document.count(b"<") > MOST_XML:
        raise NotANotice(NoticeFault.TOO_LARGE)
    if b"\0" in document or b"<!DOCTYPE" in document or b"<!ENTITY" in document:  # in UTF-16 they'd be spelled apart
        raise NotANotice(NoticeFault.BROKEN)


def _pdf_lines(content: bytes) -> Iterator[Line]:
    from pypdf import PdfReader  # noqa: PLC0415  # only when there is a PDF to read

    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise NotANotice(NoticeFault.ENCRYPTED)
    if len(reader.pages) > MOST_PAGES:
        raise NotANotice(NoticeFault.TOO_LARGE)
    texts: list[str] = []
    for page in reader.pages:
        texts.append(page.extract_text())
        if sum(map(len, texts)) > LONGEST_TEXT:
            raise NotANotice(NoticeFault.TOO_LARGE)
    yield from _joined(PAGE_NUMBER.sub("", "\n".join(texts)))
