"""Scans and photographs on their way to paper: every page is drawn anew, so that nothing but its pixels is printed."""

from __future__ import annotations

import warnings
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, ImageSequence

from luvalla.paper.errors import NotPrintable

PRINTED_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/tiff"})
FORMATS: Final = ("JPEG", "PNG", "TIFF")
MOST_PIXELS: Final = 50_000_000
"""A page of A4 at 600 dots an inch has 35 million."""
MOST_PAGES: Final = 100
SHARP_ENOUGH: Final = (1754, 2480)
"""A4 at 210 dots an inch: handwriting stays legible, and a file of many pages stays small."""

DRAWN: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    '<image width="{width}" height="{height}" href="data:image/png;base64,{pixels}"/></svg>'
)


def drawn_anew(raw: bytes) -> list[bytes]:
    """Give the pages of a picture as SVG files around their pixels; NotPrintable for a damaged or immense one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # measured here, and more strictly
        try:
            return list(_pages(Image.open(BytesIO(raw), formats=FORMATS)))
        except (OSError, ValueError, SyntaxError, MemoryError, EOFError, Image.DecompressionBombError):
            raise NotPrintable from None


def _pages(picture: Image.Image) -> Iterator[bytes]:
    for number, frame in enumerate(ImageSequence.Iterator(picture)):
        if number >= MOST_PAGES or frame.width * frame.height > MOST_PIXELS:
            raise NotPrintable
        yield _page(frame)


def _page(frame: Image.Image) -> bytes:
    """Draw one page upright, on white where it is transparent, no larger than paper shows."""
    upright = ImageOps.exif_transpose(frame)
    page = Image.new("RGB", upright.size, "white")
    page.paste(upright.convert("RGB"), mask=upright.convert("RGBA").getchannel("A"))
    page.thumbnail(SHARP_ENOUGH, Image.Resampling.LANCZOS)
    out = BytesIO()
    page.save(out, "PNG")
    # The typesetter takes text files only, so the pixels come inside one.
    return DRAWN.format(width=page.width, height=page.height, pixels=b64encode(out.getvalue()).decode()).encode()
