"""Workbooks of Excel 97 to 2003 (.xls), at most 65,536 rows a sheet: read whole, by calamine, in a process's memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault
from luvalla.register.importing.records import Row

LARGEST: Final = 1 << 26
SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream in which newer Excels put an encrypted workbook."""


class OldWorkbook:
    """A workbook: its sheets by name, in their order. Formulas come as the values they had when it was saved."""

    format = "xls"

    def __init__(self, file: BinaryIO) -> None:
        """Read the workbook; NotReadable when it is encrypted, damaged or too large."""
        if file.seek(0, 2) > LARGEST:
            raise NotReadable(FileFault.TOO_LARGE)
        file.seek(0)
        if ENCRYPTED in file.read():
            raise NotReadable(FileFault.ENCRYPTED)
        file.seek(0)
        try:
            self._book = CalamineWorkbook.from_filelike(file)
        except PasswordError:
            raise NotReadable(FileFault.ENCRYPTED) from None
        except CalamineError:
            raise NotReadable(FileFault.BROKEN) from None
        self.sheets = dict.fromkeys(self._book.sheet_names, "")

    def rows(self, sheet: str, wanted: Collection[int] | None = None) -> Iterator[Row]:  # noqa: ARG002  # all are read
        """Go through a sheet's rows that aren't empty."""
        found = self._book.get_sheet_by_name(sheet)
        first = (found.start or (0, 0))[0]
        for line, values in enumerate(found.to_python(skip_empty_area=True), first + 1):
            cells = [_text(value) for value in values]
            if any(cells):
                yield line, cells


def _text(value: object) -> str:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
