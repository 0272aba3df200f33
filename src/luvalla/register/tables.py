"""Tables that leave the register: comma-separated values that spreadsheet programs show and never execute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from luvalla.rules.cells import defused

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheet programs take a file without it for something else than UTF-8."""


def table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Spell a table line by line (RFC 4180), each cell defused."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield BYTE_ORDER_MARK
    for row in chain([columns], rows):
        writer.writerow([defused(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
