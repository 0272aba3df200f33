"""PDF files: a room's template, the house's layout and plain data become a tagged document (PDF/UA-1, ISO 14289-1).

Data reaches the template as a file that exists in memory only, and always as values, never as markup: what somebody
wrote can't become a command. Nothing is written to a disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import typst

from luvalla.documents.errors import NotTypeset

FONTS: Final = Path(str(resources.files("luvalla.documents") / "fonts"))
STANDARD: Final = "ua-1"


def make_pdf(template: str, data: Mapping[str, object]) -> bytes:
    """Typeset a document and give the bytes of its PDF file.

    template is typst's source; it begins with `#import "house.typ": *` and wraps itself in `#show: house.with(...)`,
    and reads the data, which must be plain JSON values, by `#let data = json("data.json")`. Pictures can be handed
    over as `bytes` of SVG files, under names that end so; the template names them in `image("NAME")`.
    Raises NotTypeset when the two don't make a document.
    """
    pictures = {name: value for name, value in data.items() if isinstance(value, bytes)}
    plain = {name: value for name, value in data.items() if name not in pictures}
    files: dict[str, bytes] = {
        "main.typ": template.encode(),
        "house.typ": _house(),
        "data.json": json.dumps(plain, ensure_ascii=False).encode(),
        **pictures,
    }
    try:
        made: bytes = typst.compile(  # type: ignore[call-overload]  # its stubs leave out that files may come by name
            files, format="pdf", pdf_standards=[STANDARD], font_paths=_fonts()
        )
    except typst.TypstError:
        raise NotTypeset from None
    return made


@cache
def _house() -> bytes:
    return (resources.files("luvalla.documents") / "house.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
