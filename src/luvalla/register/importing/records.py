"""Rows of a text table, one after the other, whatever is broken in the one before.

A row is its line's number and its cells, or its line's number and a RowFault. Lines without quotes, and lines in which
every cell is quoted, are split at once; the rest goes through the csv module. A quote that is never closed costs its
own line and no other: reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import BinaryIO, Final, TextIO, TypeAlias

from luvalla.register.importing.faults import RowFault

Row: TypeAlias = tuple[int, Sequence[str] | RowFault]
"""Line number from 1, and the cells or why there are none."""
BLOCK: Final = 1 << 18
LONGEST_LINE: Final = 1 << 18
LONGEST_CELL: Final = 1 << 16
LONGEST_RECORD: Final = 1 << 24
"""How far the end of a quoted cell is looked for, in characters; what is read in vain is taken from this budget."""
SHORTEST_PATIENCE: Final = 1 << 16
MOST_LINES_IN_A_CELL: Final = 200
BROKEN: Final = "\ufffd"
QUOTE: Final = '"'
NOTHING: Final = ";,|\t \x1a"
"""What lines without anything in them begin with; the last one ends the files of old systems."""

csv.field_size_limit(LONGEST_RECORD)


def text_of(file: BinaryIO, encoding: str) -> TextIO:
    """Open bytes as text with all line ends alike; what isn't of the encoding becomes U+FFFD."""
    return TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)


class Lines:
    """Numbered lines of a text, read in blocks; None for a line too long to be one. Lines can be put back."""

    def __init__(self, text: TextIO) -> None:
        """Begin at the first line."""
        self._blocks = self._read(text)
        self._waiting: deque[tuple[int, str | None]] = deque()

    def __iter__(self) -> Iterator[tuple[int, str | None]]:
        """Go through the lines, those that were put back first."""
        while self._waiting or self._fill():
            yield self._waiting.popleft()

    def next(self) -> tuple[int, str | None] | None:
        """Give the next line; None at the end."""
        return self._waiting.popleft() if self._waiting or self._fill() else None

    def put_back(self, lines: Sequence[tuple[int, str | None]]) -> None:
        """Let these lines come again, in this order."""
        self._waiting.extendleft(reversed(lines))

    def _fill(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._waiting.extend(block)
        return True

    def _read(self, text: TextIO) -> Iterator[list[tuple[int, str | None]]]:
        """Split block by block; a line that goes on over more than its length is passed over up to its end."""
        number, rest, too_long = 1, "", False
        while block := text.read(BLOCK):
            *lines, rest = (rest + block).split("\n")
            if lines:
                numbered: list[tuple[int, str | None]] = list(enumerate(lines, number))
                if too_long:
                    numbered[0] = (number, None)
                number, too_long = number + len(lines), False
                yield numbered
            if len(rest) > LONGEST_LINE:
                rest, too_long = "", True
        if rest or too_long:
            yield [(number, None if too_long else rest)]


class Records:
    """The rows of a text table. `width` is the number of columns, which tells where a new row begins; 0: not known."""

    def __init__(self, text: TextIO, delimiter: str, *, width: int = 0) -> None:
        """Begin at the first line."""
        self._lines = Lines(text)
        self._delimiter = delimiter
        self._between = f"{QUOTE}{delimiter}{QUOTE}"
        self._width = width
        self._patience = LONGEST_RECORD

    def __iter__(self) -> Iterator[Row]:
        """Go through the rows; lines with nothing but delimiters are none."""
        delimiter, between, blank = self._delimiter, self._between, self._delimiter + " \t\x1a"
        for number, line in self._lines:
            if not line:
                if line is None:
                    yield number, RowFault.CELL_TOO_LONG
            elif BROKEN in line:
                yield number, RowFault.ENCODING
            elif QUOTE not in line:
                if line[0] not in NOTHING or line.strip(blank):
                    yield number, line.split(delimiter)
            elif line[0] == QUOTE == line[-1] and line.count(QUOTE) == 2 * len(cells := line[1:-1].split(between)):
                yield number, cells
            else:
                yield number, self._quoted(line)

    def _quoted(self, line: str) -> Sequence[str] | RowFault:
        """Read a row with quotes in it, which may go on over several lines."""
        feed = _Feed(self._lines, line, self._delimiter, self._width, self._patience)
        try:
            cells = next(csv.reader(feed, delimiter=self._delimiter, quotechar=QUOTE))
        except (_Unclosed, csv.Error):
            cells = None
        if cells is not None and feed.is_plausible(cells):
            return RowFault.ENCODING if feed.is_broken else _bounded(cells)
        self._patience = max(SHORTEST_PATIENCE, self._patience - feed.size)
        self._lines.put_back(feed.taken)
        return RowFault.UNCLOSED_QUOTE


class _Unclosed(Exception):
    """A quoted cell has no end."""


class _Feed:
    """Gives the csv module the lines of one row, and notices when they can't be of one row any more."""

    def __init__(self, lines: Lines, first: str, delimiter: str, width: int, patience: int) -> None:
        self._lines, self._first, self._delimiter = lines, first, delimiter
        self._width, self._patience = width, patience
        self._begun = False
        self.taken: list[tuple[int, str | None]] = []
        self.size = 0
        self.is_broken = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._begun:
            self._begun = True
            return self._first + "\n"
        following = self._lines.next()
        if following is None:
            raise _Unclosed
        self.taken.append(following)
        line = following[1]
        if line is None or self._is_too_much(line) or self._is_a_row(line):
            raise _Unclosed
        self.is_broken = self.is_broken or BROKEN in line
        return line + "\n"

    def is_plausible(self, cells: Sequence[str]) -> bool:
        """Tell whether a row over several lines has the table's number of columns: else two rows ran into one."""
        return not self.taken or not self._width or len(cells) == self._width

    def _is_too_much(self, line: str) -> bool:
        self.size += len(line)
        few = self._patience > SHORTEST_PATIENCE or len(self.taken) <= MOST_LINES_IN_A_CELL
        return self.size > self._patience or not few

    def _is_a_row(self, line: str) -> bool:
        """Tell whether the line looks like a whole row of its own: then the quote before it was never closed."""
        if self._width < 2 or line.count(self._delimiter) < self._width - 1 or line.count(QUOTE) % 2:  # noqa: PLR2004  # pairs
            return False
        return len(next(csv.reader([line], delimiter=self._delimiter, quotechar=QUOTE), ())) == self._width


def _bounded(cells: Sequence[str]) -> Sequence[str] | RowFault:
    return RowFault.CELL_TOO_LONG if any(len(each) > LONGEST_CELL for each in cells) else cells
