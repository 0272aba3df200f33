"""Printing with a label: a document is typeset, or a file of somebody's stamped, in the transaction of its item.

There is no way to a printed page but through here: without the item and its row in the ledger no file is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final

from django.db import transaction
from pypdf import PdfReader, PdfWriter, Transformation

from luvalla.documents.pdf import make_pdf
from luvalla.paper.actions import record_print
from luvalla.paper.errors import NotPrintable
from luvalla.paper.labels import LABEL, label_data
from luvalla.paper.models import PaperItem
from luvalla.paper.pictures import PRINTED_PICTURES, drawn_anew

HOUSE: Final = '#import "house.typ": *\n'
STAMP: Final = (
    HOUSE
    + LABEL
    + """
#let data = json("data.json")
#set document(title: label-data.number)
#set page(width: 62mm, height: 26mm, margin: 1.5mm)
#set text(font: "Source Sans 3", fill: ink)
#align(center + horizon, label-box)
"""
)
BODY: Final = (
    HOUSE
    + LABEL
    + """
#let data = json("data.json")
#show: house.with(title: data.title, language: data.language, foot: label-data.number)
#paper-label
= #data.title
"""
)
PLAIN: Final = BODY + "#for line in data.lines [#line #linebreak()]\n"
SECTIONS: Final = """
#for part in data.parts [
  == #part.heading
  #if part.facts.len() > 0 { facts(part.facts) }
  #for line in part.lines [#line #linebreak()]
]
"""
PARTS: Final = BODY + SECTIONS
DOCUMENT: Final = (
    HOUSE
    + """
#let data = json("data.json")
#show: house.with(title: data.title, language: data.language, sender: data.sender, foot: data.foot)
= #data.title
"""
    + SECTIONS
)
PICTURES: Final = (
    BODY
    + """
#let drawn(name, height) = image(name, alt: data.title, width: 100%, height: height, fit: "contain")
#for (number, name) in data.names.enumerate() {
  if number > 0 { pagebreak(weak: true) }
  drawn(name, if number == 0 { 78% } else { 96% })
}
"""
)
ENCLOSED: Final = (
    HOUSE
    + """
#let data = json("data.json")
#show: house.with(title: data.title, language: data.language)
= #data.title
#for line in data.lines [#line #linebreak()]
#for name in data.names { image(name, alt: data.title, width: 100%, height: 90%, fit: "contain") }
"""
)
"""A file that follows a document whose first page has the label."""
MARGIN: Final = 14.0
"""Points between a stamped label and the corner of its page."""
STAMPED_WIDTH: Final = 176.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document: its heading, pairs of a name and a value, and lines of text."""

    heading: str
    facts: Sequence[tuple[str, str]] = ()
    lines: Sequence[str] = ()


@transaction.atomic
def print_document(*, template: str, data: Mapping[str, object], **item: Any) -> tuple[PaperItem, bytes]:
    """Typeset a document with its label and give the item and the PDF.

    The template includes labels.LABEL and says #paper-label; the further arguments are record_print's. Raises what
    record_print raises, and NotTypeset; nothing is recorded then.
    """
    made = record_print(**item)
    return _counted(made, make_pdf(template, {**data, **label_data(made)}))


def print_text(*, title: str, text: str, language: str, **item: Any) -> tuple[PaperItem, bytes]:
    """Print plain text, as a letter or a mail is, with its label; the further arguments are record_print's."""
    data = {"title": title, "language": language, "lines": text.splitlines()}
    return print_document(template=PLAIN, data=data, **item)


def print_parts(*, title: str, parts: Sequence[Part], language: str, **item: Any) -> tuple[PaperItem, bytes]:
    """Print a document of several parts, as a case is, with its label; the further arguments are record_print's."""
    data = {"title": title, "language": language, "parts": [asdict(each) for each in parts]}
    return print_document(template=PARTS, data=data, **item)


def typeset_parts(*, title: str, parts: Sequence[Part], language: str, sender: Sequence[str], foot: str) -> bytes:
    """Give a document of several parts as a PDF that isn't printed here, and so has no label."""
    data = {"title": title, "language": language, "sender": list(sender), "foot": foot}
    return make_pdf(DOCUMENT, {**data, "parts": [asdict(each) for each in parts]})


def print_file(*, raw: bytes, media_type: str, title: str, language: str, **item: Any) -> tuple[PaperItem, bytes]:
    """Print a file that somebody sent: a PDF, a picture (each of its pages) or plain text, with its label.

    NotPrintable for one of another kind (it is printed by its own program and entered by hand), or a damaged one. The
    further arguments are record_print's.
    """
    if media_type == "application/pdf":
        return print_pdf(raw=raw, **item)
    if media_type == "text/plain":
        return print_text(title=title, text=raw.decode("utf-8", "replace"), language=language, **item)
    if media_type not in PRINTED_PICTURES:
        raise NotPrintable
    pictures = {f"page-{number}.svg": each for number, each in enumerate(drawn_anew(raw))}
    data = {"title": title, "language": language, "names": list(pictures), **pictures}
    return print_document(template=PICTURES, data=data, **item)


def as_pages(*, raw: bytes, media_type: str, title: str, language: str) -> bytes:
    """Give a file as a PDF to follow a document that has the label; NotPrintable for one of another kind."""
    if media_type == "application/pdf":
        return raw
    data: dict[str, object] = {"title": title, "language": language, "lines": [], "names": []}
    if media_type == "text/plain":
        return make_pdf(ENCLOSED, {**data, "lines": raw.decode("utf-8", "replace").splitlines()})
    if media_type not in PRINTED_PICTURES:
        raise NotPrintable
    pictures = {f"page-{number}.svg": each for number, each in enumerate(drawn_anew(raw))}
    return make_pdf(ENCLOSED, {**data, "names": list(pictures), **pictures})


def joined(parts: Sequence[bytes]) -> bytes:
    """Put PDFs one after another, the first one's structure kept; NotPrintable when one can't be read."""
    with _read_with_care():
        writer = PdfWriter(clone_from=BytesIO(parts[0]))
        for each in parts[1:]:
            writer.append(BytesIO(each))
        return _written(writer)


@transaction.atomic
def print_pdf(*, raw: bytes, **item: Any) -> tuple[PaperItem, bytes]:
    """Print a PDF file, as an attachment is, with its label on the first page; NotPrintable when it can't be read.

    The further arguments are record_print's.
    """
    made = record_print(**item)
    return _counted(made, _stamped(raw, label_pdf(made)))


def label_pdf(item: PaperItem) -> bytes:
    """Give an item's label alone, to be stuck on a letter that came on paper."""
    return make_pdf(STAMP, label_data(item))


def _counted(item: PaperItem, made: bytes) -> tuple[PaperItem, bytes]:
    item.pages = len(PdfReader(BytesIO(made)).pages)
    item.save(update_fields=["pages"])
    return item, made


def _stamped(raw: bytes, label: bytes) -> bytes:
    """Put a label into the upper right corner of a file's first page, whatever the page's size."""
    with _read_with_care():
        writer = PdfWriter(clone_from=BytesIO(raw))
        page, stamp = writer.pages[0], PdfReader(BytesIO(label)).pages[0]
        scale = STAMPED_WIDTH / float(stamp.mediabox.width)
        across = float(page.mediabox.right) - STAMPED_WIDTH - MARGIN
        up = float(page.mediabox.top) - scale * float(stamp.mediabox.height) - MARGIN
        page.merge_transformed_page(stamp, Transformation().scale(scale).translate(across, up))
        return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@contextmanager
def _read_with_care() -> Iterator[None]:
    """Say NotPrintable of a PDF that the parser trips over: damaged, endless within itself, or unpacking without end.

    The parser bounds what it unpacks (75 MB a stream); what it raises for files made to break it is of many kinds.
    """
    try:
        yield
    except Exception:  # noqa: BLE001  # of many kinds, in a parser that isn't ours
        raise NotPrintable from None
