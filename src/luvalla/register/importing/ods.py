"""OpenDocument spreadsheets (.ods, ODF 1.3 part 3), row by row, as xlsx.py reads Excel's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final
from zipfile import ZipFile

from luvalla.register.importing.archives import Handlers, LocalNames, attributes_of, count_of, elements, parse_entry
from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault, RowFault
from luvalla.register.importing.records import LONGEST_CELL, Row
from luvalla.register.importing.xlsx import FORMULA, MOST_COLUMNS, TOO_LONG

CONTENT: Final = "content.xml"
MANIFEST: Final = "META-INF/manifest.xml"
MOST_ROWS: Final = 1 << 20
MOST_EQUAL_CELLS: Final = 256
"""How often a cell with something in it may be repeated: the rest of a row is filled with empty ones."""


class Sheet(Handlers):
    """Rows of one table as they are parsed; `wanted` are the columns to keep, counted from 0 (None: all)."""

    def __init__(self, name: str, wanted: Collection[int] | None) -> None:
        """Begin above the first row."""
        self.rows: list[Row] = []
        self._name, self._wanted = name, wanted
        self._names = LocalNames()
        self._is_here = False
        self._row, self._again = 0, 1
        self._column, self._width = 0, 1
        self._cells: dict[int, str] = {}
        self._parts: list[str] = []
        self._size, self._paragraphs = 0, 0
        self._given = ""
        self._is_filled = False

    def start(self, name: str, attributes: list[str]) -> None:
        """Take a table, a row, a cell, or a paragraph in a cell."""
        local = self._names[name]
        if local == "table":
            self._is_here, self._row = attributes_of(attributes).get("name", "") == self._name, 0
        elif not self._is_here:
            return
        elif local == "table-row":
            self._again = count_of(attributes_of(attributes).get("number-rows-repeated"), 1)
            self._column, self._cells, self._is_filled = 0, {}, False
        elif local in {"table-cell", "covered-table-cell"}:
            self._begin_cell(attributes_of(attributes))
        elif local == "p":
            self._paragraphs += 1
            self.text("\n" if self._paragraphs > 1 else "")
        elif local in {"s", "tab", "line-break"}:
            self.text(" ")

    def text(self, text: str) -> None:
        """Collect the pieces of a cell; of one that is too long no more than that is kept."""
        if self._paragraphs and text:
            self._size += len(text)
            if self._size <= LONGEST_CELL:
                self._parts.append(text)

    def end(self, name: str) -> None:
        """Keep a cell or a row that is whole."""
        local = self._names[name]
        if local == "table":
            self._is_here = False
        elif not self._is_here:
            return
        elif local in {"table-cell", "covered-table-cell"}:
            self._end_cell()
        elif local == "table-row":
            self._end_row()

    def _begin_cell(self, given: dict[str, str]) -> None:
        self._width = count_of(given.get("number-columns-repeated"), 1)
        self._parts, self._size, self._paragraphs = [], 0, 0
        self._given = FORMULA if "formula" in given else given.get("date-value", given.get("value", ""))

    def _end_cell(self) -> None:
        text = TOO_LONG if self._size > LONGEST_CELL else self._given or "".join(self._parts)
        if text:
            self._is_filled = True
            for column in range(self._column, self._column + min(self._width, MOST_EQUAL_CELLS)):
                if self._wanted is None or column in self._wanted:
                    self._cells[column] = text
        self._column = min(self._column + self._width, MOST_COLUMNS)
        self._paragraphs = 0

    def _end_row(self) -> None:
        first, self._row = self._row, self._row + self._again
        if not self._is_filled:
            return
        if self._row > MOST_ROWS:
            raise NotReadable(FileFault.TOO_LARGE)
        cells = [self._cells.get(column, "") for column in range(max(self._cells, default=0) + 1)]
        whole = RowFault.CELL_TOO_LONG if TOO_LONG in cells else cells
        self.rows.extend((line, whole) for line in range(first + 1, self._row + 1))


class Document:
    """A spreadsheet document: its tables by name, in their order."""

    format = "ods"

    def __init__(self, archive: ZipFile) -> None:
        """Read the names of the tables; NotReadable when the document is encrypted or has none."""
        self._archive = archive
        if MANIFEST in archive.namelist():
            elements(archive, MANIFEST, _refuse_encryption)
        self.sheets = _tables(archive)
        if not self.sheets:
            raise NotReadable(FileFault.NOT_A_TABLE)

    def rows(self, sheet: str, wanted: Collection[int] | None = None) -> Iterator[Row]:
        """Go through a table's rows that aren't empty."""
        handlers = Sheet(sheet, wanted)
        for _ in parse_entry(self._archive, CONTENT, handlers):
            yield from handlers.rows
            handlers.rows.clear()


def _refuse_encryption(name: str, given: dict[str, str]) -> None:  # noqa: ARG001  # only the name tells
    if name == "encryption-data":
        raise NotReadable(FileFault.ENCRYPTED)


def _tables(archive: ZipFile) -> dict[str, str]:
    found: dict[str, str] = {}

    def take(name: str, given: dict[str, str]) -> None:
        if name == "table" and "name" in given:
            found[given["name"]] = CONTENT

    elements(archive, CONTENT, take)
    return found
