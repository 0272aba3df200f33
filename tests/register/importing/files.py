"""Exports as files for tests: texts in any encoding, and workbooks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from openpyxl import Workbook

from luvalla.register.importing.export import Export, Options

Opener = Callable[[], BinaryIO]


def opener(content: bytes) -> Opener:
    """Give a function that opens these bytes anew."""
    return lambda: io.BytesIO(content)


def export_of(content: bytes | str, **options: object) -> Export:
    """Open bytes, or a text in UTF-8, as an export."""
    raw = content.encode() if isinstance(content, str) else content
    return Export(opener(raw), Options(**options))  # type: ignore[arg-type]  # tests name the options they mean


def rows_of(content: bytes | str, **options: object) -> list[tuple[int, object]]:
    """Give all rows of data: line numbers with cells or faults."""
    return list(export_of(content, **options).rows())


def addresses_of(content: bytes | str, **options: object) -> list[str]:
    """Give the cells of the address column of the rows that have any."""
    export = export_of(content, **options)
    column = export.form.columns.roles["address"]  # type: ignore[index]  # a role is its own text
    return [cells[column] for _, cells in export.rows() if not isinstance(cells, str)]


def xlsx_of(*sheets: Sequence[Sequence[object]], names: Sequence[str] = ()) -> bytes:
    """Make a workbook with openpyxl, which is not what reads it."""
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(names[number] if names else f"Taulukko{number + 1}")
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zip_of(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Make a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def parts_of(archive: bytes) -> dict[str, bytes]:
    """Give the entries of a zip archive by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def shared_xlsx_of(rows: Sequence[Sequence[int]], texts: str) -> bytes:
    """Make a workbook as Excel writes it: cells hold numbers of shared texts, whose XML is given."""
    spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    cells = [
        "".join(f'<x:c r="{chr(65 + column)}{row}" t="s"><x:v>{text}</x:v></x:c>' for column, text in enumerate(each))
        for row, each in enumerate(rows, 1)
    ]
    sheet = "".join(f'<x:row r="{number}">{each}</x:row>' for number, each in enumerate(cells, 1))
    book = '<s:sheets><s:sheet name="A" sheetId="1" r:id="rId1"/></s:sheets>'
    top = f'<Relationship Id="a" Type="{office}/officeDocument" Target="/xl/workbook.xml"/>'
    parts = {
        "_rels/.rels": f'<R xmlns="{package}">{top}</R>',
        "xl/workbook.xml": f'<s:workbook xmlns:s="{spreadsheet}" xmlns:r="{office}">{book}</s:workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'<R xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></R>'
        ),
        "xl/worksheets/sheet1.xml": f'<x:sheet xmlns:x="{spreadsheet}"><x:sheetData>{sheet}</x:sheetData></x:sheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{spreadsheet}">{texts}</sst>',
    }
    return zip_of((name, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()) for name, text in parts.items())
