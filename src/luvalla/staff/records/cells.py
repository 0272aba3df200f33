"""What stands in a cell of a record, as its reader writes it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from luvalla.notices.records.tables import Cell
from luvalla.staff import formats

PART: Final = re.compile(r"\((\d+)\)|\(([a-z])\)")
"""A paragraph or a point of an article, as English cites it: 6(1)(f)."""


def article(cited: str) -> str:
    """Cite articles as the reader's language does: 6(1)(f), in Swedish 6.1 f."""
    if formats.language() != "sv":
        return cited
    return PART.sub(lambda found: f".{found[1]}" if found[1] else f" {found[2]}", cited)


def shown(cell: Cell) -> str:
    """Give a cell for the screen: dates and figures in the reader's way, nothing as a dash."""
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, datetime):
        return formats.moment(cell)
    if isinstance(cell, date):
        return formats.day(cell)
    return formats.number(cell) if isinstance(cell, int) else cell
