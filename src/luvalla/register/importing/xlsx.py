"""Excel workbooks (.xlsx, ECMA-376), row by row and cell by cell: a million rows take no more memory than ten.

Only the cells that are asked for are kept. Numbers come as they are written in the file, so a day is the number of days
that evidence.parse_day knows. A cell with a formula reads as "=": nobody knows what another program would make of it.
"""

from __future__ import annotations

import posixpath
from array import array
from collections.abc import Collection, Iterator
from typing import Final
from zipfile import ZipFile

from luvalla.register.importing.archives import Handlers, LocalNames, attributes_of, count_of, elements, parse_entry
from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault, RowFault
from luvalla.register.importing.records import LONGEST_CELL, Row

MOST_COLUMNS: Final = 16384
MOST_STRING_BYTES: Final = 1 << 28
FORMULA: Final = "="
TOO_LONG: Final = "\0too long"
"""Stands in for a cell that is longer than any cell may be."""


class Strings(Handlers):
    """The workbook's table of shared texts, in one piece of memory."""

    def __init__(self) -> None:
        """Hold none yet."""
        self._bytes = bytearray()
        self._ends = array("Q", (0,))
        self._names = LocalNames()
        self._parts: list[str] = []
        self._in_text = self._in_reading_aid = False

    def __getitem__(self, number: int) -> str:
        """Give the text of that number; KeyError when there is none."""
        if not 0 <= number < len(self._ends) - 1:
            raise KeyError(number)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

    def start(self, name: str, attributes: list[str]) -> None:  # noqa: ARG002  # the handler's signature
        """Notice where a text begins."""
        local = self._names[name]
        if local == "rPh":
            self._in_reading_aid = True
        self._in_text = local == "t" and not self._in_reading_aid

    def text(self, text: str) -> None:
        """Collect a text's pieces."""
        if self._in_text:
            self._parts.append(text)

    def end(self, name: str) -> None:
        """Keep a text that is whole."""
        local = self._names[name]
        self._in_text = False
        if local == "rPh":
            self._in_reading_aid = False
        elif local == "si":
            self._keep("".join(self._parts))
            self._parts.clear()

    def _keep(self, text: str) -> None:
        self._bytes += (TOO_LONG if len(text) > LONGEST_CELL else text).encode("utf-8", "replace")
        self._ends.append(len(self._bytes))
        if len(self._bytes) > MOST_STRING_BYTES:
            raise NotReadable(FileFault.TOO_LARGE)


class Sheet(Handlers):
    """Rows of a worksheet as they are parsed; `wanted` are the columns to keep, counted from 0 (None: all)."""

    def __init__(self, strings: Strings, wanted: Collection[int] | None) -> None:
        """Begin above the first row."""
        self.rows: list[Row] = []
        self._strings, self._wanted = strings, None if wanted is None else frozenset(wanted)
        self._names, self._columns = LocalNames(), _Columns()
        self._row = self._column = -1
        self._cells: dict[int, str] = {}
        self._parts: list[str] = []
        self._size = 0
        self._type = ""
        self._collects = self._is_formula = self._is_filled = False

    def start(self, name: str, attributes: list[str]) -> None:
        """Take a row, a cell, or what is in a cell."""
        local = self._names[name]
        if local == "c":
            self._begin_cell(attributes)
        elif local in {"v", "t"}:
            self._collects = self._wanted is None or self._column in self._wanted
            self._is_filled = True
        elif local == "f":
            self._is_formula = True
        elif local == "row":
            self._row = count_of(attributes_of(attributes).get("r"), self._row + 2) - 1
            self._column = -1

    def text(self, text: str) -> None:
        """Collect the pieces of a value; of one that is too long no more than that is kept."""
        if self._collects:
            self._size += len(text)
            if self._size <= LONGEST_CELL:
                self._parts.append(text)

    def end(self, name: str) -> None:
        """Keep a cell or a row that is whole."""
        local = self._names[name]
        self._collects = False
        if local == "c":
            self._end_cell()
        elif local == "row":
            if self._is_filled:
                self.rows.append((self._row + 1, self._whole_row()))
            self._cells, self._is_filled = {}, False

    def _begin_cell(self, attributes: list[str]) -> None:
        self._column, self._type = self._column + 1, ""
        for at in range(0, len(attributes), 2):
            if attributes[at] == "r":
                self._column = self._columns[attributes[at + 1].rstrip("0123456789")]
            elif attributes[at] == "t":
                self._type = attributes[at + 1]
        self._size, self._is_formula = 0, False

    def _end_cell(self) -> None:
        parts, column = self._parts, self._column
        if self._is_formula and (self._wanted is None or column in self._wanted):
            self._cells[column] = FORMULA
        elif parts:
            text = TOO_LONG if self._size > LONGEST_CELL else "".join(parts)
            self._cells[column] = self._strings[int(text)] if self._type == "s" else text
        if parts:
            self._parts = []

    def _whole_row(self) -> list[str] | RowFault:
        cells = self._cells
        if TOO_LONG in cells.values():
            return RowFault.CELL_TOO_LONG
        return [cells.get(column, "") for column in range(max(cells, default=0) + 1)]


class _Columns(dict[str, int]):
    """Numbers of columns from 0 by their letters."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
            if not ("A" <= letter.upper() <= "Z") or number > MOST_COLUMNS:
                raise NotReadable(FileFault.BROKEN)
        self[letters] = number - 1
        return number - 1


class Workbook:
    """A workbook: its sheets by name, in their order, hidden ones last."""

    format = "xlsx"

    def __init__(self, archive: ZipFile) -> None:
        """Read the list of sheets and the shared texts; NotReadable when there is no worksheet."""
        self._archive = archive
        places = _related(archive, "", "_rels/.rels")
        book = next((place for kind, place in places.values() if kind == "officeDocument"), "xl/workbook.xml")
        folder, name = posixpath.split(book)
        related = _related(archive, folder, posixpath.join(folder, "_rels", f"{name}.rels"))
        self.sheets = _sheets(archive, book, {key: place for key, (_, place) in related.items()})
        if not self.sheets:
            raise NotReadable(FileFault.NOT_A_TABLE)
        self._strings = Strings()
        for kind, place in related.values():
            if kind == "sharedStrings":
                for _ in parse_entry(archive, place, self._strings):
                    pass

    def rows(self, sheet: str, wanted: Collection[int] | None = None) -> Iterator[Row]:
        """Go through a sheet's rows that aren't empty."""
        handlers = Sheet(self._strings, wanted)
        for _ in parse_entry(self._archive, self.sheets[sheet], handlers):
            yield from handlers.rows
            handlers.rows.clear()


def _related(archive: ZipFile, folder: str, place: str) -> dict[str, tuple[str, str]]:
    """Read a part's relationships: kind and place in the archive by id."""
    found: dict[str, tuple[str, str]] = {}

    def take(name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            inside = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[given.get("Id", "")] = (given.get("Type", "").rpartition("/")[2], inside)

    elements(archive, place, take)
    return found


def _sheets(archive: ZipFile, book: str, places: dict[str, str]) -> dict[str, str]:
    shown: dict[str, str] = {}
    hidden: dict[str, str] = {}

    def take(name: str, given: dict[str, str]) -> None:
        place = places.get(given.get("id", ""), "")
        if name == "sheet" and "worksheets/" in place:
            (shown if given.get("state", "visible") == "visible" else hidden)[given.get("name", "")] = place

    elements(archive, book, take)
    return {**shown, **hidden}
