"""Labels: a number that people read and a code that a phone reads. The code is a random address, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import qrcode
import qrcode.constants
from qrcode.image.svg import SvgPathImage

from luvalla.organisation.queries import the_controller
from luvalla.paper.models import PaperItem

PICTURE: Final = "label.svg"
"""Name under which a label's code is handed to documents.make_pdf."""
LABEL: Final = """
// The label of a piece of paper, at the head of its first page; documents that are printed begin with it.
#let label-data = json("data.json").label
#let label-box = box(
  stroke: 0.8pt + ink, radius: 2pt, inset: 5pt,
  grid(columns: (auto, auto), column-gutter: 7pt, align: left + horizon,
    image("label.svg", width: 19mm, alt: label-data.alt),
    [#text(size: 15pt, weight: 600, label-data.number) \\ #text(size: 8pt, fill: quiet, label-data.foot)],
  ),
)
#let paper-label = block(above: 0pt, below: 14pt, width: 100%, align(right, label-box))
"""
"""Typst for a template that wants its label: `#import "house.typ": *` first, this, and `#paper-label` in the body."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on a label."""

    number: str
    url: str
    organisation: str
    svg: bytes


def label_of(item: PaperItem) -> Label:
    """Make an item's label."""
    controller = the_controller()
    url = f"{controller.base_url.rstrip('/')}/staff/paper/{item.ref}/"
    return Label(str(item), url, controller.name, _code(url))


def label_data(item: PaperItem) -> dict[str, object]:
    """Give what a template with LABEL needs besides its own data, for documents.make_pdf."""
    made = label_of(item)
    words = {"number": made.number, "foot": made.organisation, "alt": f"{made.number}: {made.url}"}
    return {"label": words, PICTURE: made.svg}


def _code(url: str) -> bytes:
    """Draw a QR code (ISO/IEC 18004) that is still read when part of it is worn off."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, image_factory=SvgPathImage)
    code.add_data(url)
    out = BytesIO()
    code.make_image().save(out)
    return out.getvalue()
