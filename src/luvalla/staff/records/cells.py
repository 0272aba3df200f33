"""What stands in a cell of a record, as its reader writes it."""

from __future__ import annotations

from datetime import date, datetime

from luvalla.notices.records.tables import Cell
from luvalla.staff import formats


def shown(cell: Cell) -> str:
    """Give a cell for the screen: dates and figures in the reader's way, nothing as a dash."""
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, datetime):
        return formats.moment(cell)
    if isinstance(cell, date):
        return formats.day(cell)
    return formats.number(cell) if isinstance(cell, int) else cell
