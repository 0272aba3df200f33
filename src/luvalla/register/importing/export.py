"""An export as a file: what it is, how it is read, which columns it has, and its rows."""

from __future__ import annotations

import codecs
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Final, Protocol, TypeAlias

from luvalla.register.importing import archives, old_excel
from luvalla.register.importing.columns import SAMPLE, Columns, Role, find_columns, has_header, is_address
from luvalla.register.importing.encodings import survey
from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault, RowFault
from luvalla.register.importing.ods import Document
from luvalla.register.importing.records import Records, Row, text_of
from luvalla.register.importing.xlsx import Workbook

Opener: TypeAlias = Callable[[], BinaryIO]
"""Opens the file anew at its beginning; whoever calls closes it."""
DELIMITERS: Final = (";", "\t", ",", "|")
NAMED: Final[Mapping[str, str]] = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|", "\\t": "\t"}
ZIP: Final = b"PK\x03\x04"
WEB_PAGE: Final = (b"<!doctype html", b"<html", b"<table", b"<?xml")
OTHER: Final = (b"%pdf", b"\x1f\x8b", b"{\\rtf", b"\x89png", b"\xff\xd8\xff", b"7z\xbc\xaf", b"rar!")
MIMETYPE: Final = "mimetype"
HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Options:
    """What a person says about reading a file; empty means: find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    columns: Mapping[Role, str] = field(default_factory=dict)
    uses_kind: bool = True
    """Whether the kind of customer makes a difference to the import's permission."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is read."""

    format: str
    """csv, xlsx, ods or xls."""
    columns: Columns
    digest: str
    rows_expected: int = 0
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give what is kept with the batch."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "columns": {role.value: self.columns.names[index] for role, index in self.columns.roles.items()},
            "kept": self.columns.kept,
            "dropped": self.columns.dropped,
        }


class Table(Protocol):
    """A workbook of any make."""

    @property
    def format(self) -> str:
        """Name of the make."""

    @property
    def sheets(self) -> Mapping[str, str]:
        """The sheets by name, in their order."""

    def rows(self, sheet: str, wanted: Collection[int] | None = None) -> Iterator[Row]:
        """Go through a sheet's rows that aren't empty."""


class Export:
    """A file that can be read as an export."""

    def __init__(self, opener: Opener, options: Options | None = None) -> None:
        """Look at the file and find its columns; NotReadable says what is wrong and what can be chosen."""
        self._opener, self._options = opener, options or Options()
        with opener() as file:
            head = file.read(HEAD)
        self._kind, self._size = _kind(head), self._length()
        self.form = self._form_of_workbook() if self._kind else self._form_of_text()

    def check_unchanged(self) -> None:
        """Raise NotReadable when the file has grown or shrunk since it was opened: its source was still writing it."""
        if self._length() != self._size:
            raise NotReadable(FileFault.CHANGED_WHILE_READ)

    def rows(self) -> Iterator[Row]:
        """Go through the rows of data; a workbook's have only the cells that are kept."""
        header, wanted = self.form.columns.header_line, frozenset(self.form.columns.kept_for)
        with self._opener() as file:
            rows = self._text_rows(file, self._width) if not self._kind else self._sheet_rows(file, wanted)
            for row in rows:
                if row[0] > header:
                    yield row

    def preview(self, rows: int = 5) -> list[list[str]]:
        """Give the first whole rows of data as they are, for a person who maps the columns."""
        with self._opener() as file:
            every = self._text_rows(file, self._width) if not self._kind else self._sheet_rows(file, None)
            whole = (cells for line, cells in every if line > self.form.columns.header_line and _is_whole(cells))
            return [list(cells) for cells in islice(whole, rows)]

    def _length(self) -> int:
        with self._opener() as file:
            return file.seek(0, 2)

    def _form_of_text(self) -> Form:
        with self._opener() as file:
            found = survey(file)
        encoding = self._options.encoding or found.encoding
        try:
            encoding = codecs.lookup(encoding).name
        except LookupError:
            raise NotReadable(FileFault.NO_SUCH_ENCODING) from None
        self._encoding, self._width = encoding, 0
        self._delimiter, rows = self._read_sample()
        self._width = _usual_width(rows)
        columns = find_columns(rows, self._options.columns, uses_kind=self._options.uses_kind)
        return Form("csv", columns, found.digest, found.lines, encoding, self._delimiter)

    def _read_sample(self) -> tuple[str, list[tuple[int, Sequence[str]]]]:
        """Read the first rows with each delimiter and take the one that makes the best table."""
        given = NAMED.get(self._options.delimiter, self._options.delimiter)
        declared = self._declared_delimiter()
        tried = [given or declared] if given or declared else list(DELIMITERS)
        samples = {each: self._sample(each) for each in tried}
        best = max(tried, key=lambda each: (_likeness(samples[each]), -tried.index(each)))
        if not samples[best]:
            raise NotReadable(FileFault.EMPTY)
        return best, samples[best]

    def _declared_delimiter(self) -> str:
        """Read the line `sep=;` that Excel writes above a table."""
        with text_of(self._opener(), self._encoding) as text:
            first = text.readline(HEAD).strip('\ufeff"\r\n ')
        return first[4:5] if first.lower().startswith("sep=") else ""

    def _sample(self, delimiter: str) -> list[tuple[int, Sequence[str]]]:
        self._delimiter = delimiter
        with self._opener() as file:
            return _whole_rows(islice(self._text_rows(file, 0), SAMPLE))

    def _text_rows(self, file: BinaryIO, width: int) -> Iterator[Row]:
        with text_of(file, self._encoding) as text:
            for line, cells in Records(text, self._delimiter, width=width):
                if line == 1 and not isinstance(cells, RowFault):
                    if cells[0].strip('\ufeff" ').lower().startswith("sep="):
                        continue
                    cells = [cells[0].removeprefix("\ufeff"), *cells[1:]]  # noqa: PLW2901  # a mark of UTF-16
                yield line, cells

    def _form_of_workbook(self) -> Form:
        with self._opener() as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a sealed file reads too
            file.seek(0)
            book = _book(self._kind, file)
            self._sheet, rows = self._choose_sheet(book)
            columns = find_columns(rows, self._options.columns, uses_kind=self._options.uses_kind)
            return Form(book.format, columns, digest, sheet=self._sheet, sheets=tuple(book.sheets))

    def _choose_sheet(self, book: Table) -> tuple[str, list[tuple[int, Sequence[str]]]]:
        """Take the sheet that was named, else the first one with addresses in it."""
        names = list(book.sheets)
        if self._options.sheet:
            if self._options.sheet not in names:
                raise NotReadable(FileFault.NO_SUCH_SHEET, names)
            names = [self._options.sheet]
        samples = {name: _whole_rows(islice(book.rows(name), SAMPLE)) for name in names}
        best = max(names, key=lambda name: (_likeness(samples[name]), -names.index(name)))
        if not samples[best]:
            raise NotReadable(FileFault.EMPTY)
        return best, samples[best]

    def _sheet_rows(self, file: BinaryIO, wanted: Collection[int] | None) -> Iterator[Row]:
        return _book(self._kind, file).rows(self._sheet, wanted)


def _kind(head: bytes) -> str:
    """Tell a workbook by its first bytes; empty for a text. NotReadable for what is neither."""
    if head.startswith(ZIP):
        return "zip"
    if head.startswith(old_excel.SIGNATURE):
        return "xls"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(WEB_PAGE):
        raise NotReadable(FileFault.WEB_PAGE)
    if start.startswith(OTHER):
        raise NotReadable(FileFault.NOT_A_TABLE)
    if not start:
        raise NotReadable(FileFault.EMPTY)
    return ""


def _book(kind: str, file: BinaryIO) -> Table:
    if kind == "xls":
        return old_excel.OldWorkbook(file)
    archive = archives.open_archive(file)
    with archives.damage_is_said():
        is_document = MIMETYPE in archive.namelist() or "content.xml" in archive.namelist()
        return Document(archive) if is_document else Workbook(archive)


def _whole_rows(rows: Iterable[Row]) -> list[tuple[int, Sequence[str]]]:
    return [(line, cells) for line, cells in rows if _is_whole(cells) and not isinstance(cells, RowFault)]


def _is_whole(cells: Sequence[str] | RowFault) -> bool:
    return not isinstance(cells, RowFault) and any(each.strip() for each in cells)


def _usual_width(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """Give the number of cells that most of the rows have."""
    return Counter(len(cells) for _, cells in rows).most_common(1)[0][0]


def _likeness(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[bool, float, int]:
    """Say how much like a table of addresses these rows are: a header, cells that are addresses, even rows."""
    if not rows:
        return (False, 0.0, 0)
    width = _usual_width(rows)
    even = sum(len(cells) == width for _, cells in rows) / len(rows)
    addresses = sum(any("@" in each and is_address(each) for each in cells) for _, cells in rows) / len(rows)
    # A header without one address under it may be several headers, read as one cell.
    return (addresses > 0 and has_header(rows[:30]), round(addresses + even * (width > 1), 2), width)
