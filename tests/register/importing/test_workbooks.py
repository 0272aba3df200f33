from __future__ import annotations

import io
import os
import zipfile
from datetime import date, datetime

import pytest

from luvalla.register.importing.errors import NotReadable
from luvalla.register.importing.faults import FileFault, RowFault
from luvalla.rules.address import Fault, NotAnAddress, normalise
from tests.register.importing.files import addresses_of, export_of, parts_of, rows_of, shared_xlsx_of, xlsx_of, zip_of

TABLE = [
    ["nimi", "sähköposti", "sopimus alkoi", "asiakaslaji"],
    ["Hämäläinen", "hanna@esimerkki.fi", date(2019, 5, 1), "yksityinen"],
    ["Öljy Oy", "info@öljy.example", datetime(2020, 1, 2, 3, 4), "yritys"],  # noqa: DTZ001  # a cell has no zone
]
CELL = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
ROW = "<table:table-row>{}</table:table-row>"
ODS = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>
<table:table table:name="Ohje">{ROW.format(CELL.format("Lue tämä"))}</table:table>
<table:table table:name="Asiakkaat">
{ROW.format("".join(CELL.format(each) for each in ("nimi", "sähköposti", "sopimus alkoi")))}
<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row>
<table:table-cell><text:p>A</text:p><text:p>B</text:p></table:table-cell>
{CELL.format("a@<text:span>esimerkki</text:span>.fi")}
<table:table-cell office:value-type="date" office:date-value="2019-05-01"><text:p>1.5.2019</text:p></table:table-cell>
</table:table-row>
{ROW.format(CELL.format("ilman osoitetta"))}
<table:table-row table:number-rows-repeated="1048000">
<table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def fault_of(content: bytes, **options: object) -> FileFault:
    with pytest.raises(NotReadable) as caught:
        list(export_of(content, **options).rows())
    return caught.value.fault


def test_a_workbook_is_read_with_its_days_and_letters() -> None:
    export = export_of(xlsx_of(TABLE))
    assert export.form.format == "xlsx"
    assert [cells for _, cells in export.rows()] == [
        ["", "hanna@esimerkki.fi", "43586", "yksityinen"],
        ["", "info@öljy.example", "43832.12777777778", "yritys"],
    ]
    assert export.preview(1) == [["Hämäläinen", "hanna@esimerkki.fi", "43586", "yksityinen"]]


def test_rows_keep_the_line_numbers_that_a_person_sees() -> None:
    assert [line for line, _ in rows_of(xlsx_of([*TABLE[:2], [], [None, None], TABLE[2]]))] == [2, 5]


def test_shared_texts_and_rich_texts_are_read() -> None:
    content = shared_xlsx_of(
        [[0, 1], [2, 3], [2, 4]],
        "<si><t>nimi</t></si><si><t>email</t></si><si><t xml:space='preserve'>Mäki </t></si>"
        "<si><r><t>hanna@</t></r><r><t>esimerkki.fi</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
        "<si><t>b@esimerkki.fi</t></si>",
    )
    assert addresses_of(content) == ["hanna@esimerkki.fi", "b@esimerkki.fi"]
    assert export_of(content).preview(1) == [["Mäki ", "hanna@esimerkki.fi"]]


def test_a_shared_text_that_is_not_there_is_damage() -> None:
    assert (
        fault_of(shared_xlsx_of([[0], [1], [9]], "<si><t>email</t></si><si><t>b@esimerkki.fi</t></si>"))
        is FileFault.BROKEN
    )


def test_the_sheet_with_addresses_is_taken_or_the_one_that_is_named() -> None:
    other = [["email"], ["muu@esimerkki.fi"]]
    content = xlsx_of([["Ohje"], ["Lue tämä"]], TABLE, other, names=["Ohje", "Asiakkaat", "Muut"])
    assert export_of(content).form.sheet == "Asiakkaat"
    assert addresses_of(content, sheet="Muut") == ["muu@esimerkki.fi"]
    assert fault_of(content, sheet="Puuttuu") is FileFault.NO_SUCH_SHEET


def test_a_formula_is_refused_as_one() -> None:
    content = xlsx_of([["email"], ['=CONCATENATE("a","@esimerkki.fi")'], ["b@esimerkki.fi"]])
    (formula, good) = addresses_of(content)
    with pytest.raises(NotAnAddress) as caught:
        normalise(formula)
    assert caught.value.fault is Fault.FORMULA
    assert good == "b@esimerkki.fi"


def test_a_cell_that_is_too_long_costs_its_own_row() -> None:
    texts = ["email", "a@esimerkki.fi", os.urandom(5 << 20).hex(), "c@esimerkki.fi"]
    content = shared_xlsx_of([[0], [1], [2], [3]], "".join(f"<si><t>{text}</t></si>" for text in texts))
    assert [cells for _, cells in rows_of(content)] == [["a@esimerkki.fi"], RowFault.CELL_TOO_LONG, ["c@esimerkki.fi"]]


def test_a_bomb_is_not_opened() -> None:
    content = xlsx_of(TABLE)
    parts = parts_of(content)
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"] + b" " * (64 << 20)
    assert fault_of(zip_of(parts.items())) is FileFault.TOO_LARGE


def test_a_directory_of_very_many_entries_is_not_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"{number}", b"")
    assert fault_of(file.getvalue()) is FileFault.TOO_LARGE


def test_entities_are_refused() -> None:
    content = xlsx_of(TABLE)
    parts = parts_of(content)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = bomb + sheet[sheet.index(b"<worksheet") :]
    assert fault_of(zip_of(parts.items())) is FileFault.BROKEN


def test_a_cut_workbook_is_said_to_be_damaged() -> None:
    content = xlsx_of(TABLE)
    assert fault_of(content[: len(content) // 2]) is FileFault.BROKEN


def test_a_damaged_entry_is_said_to_be_damaged() -> None:
    content = bytearray(xlsx_of(TABLE))
    at = content.index(b"xl/worksheets/sheet1.xml") + 60
    content[at : at + 40] = b"\xff" * 40
    assert fault_of(bytes(content)) is FileFault.BROKEN


def test_an_archive_that_is_no_workbook_is_said_to_be_none() -> None:
    assert fault_of(zip_of([("readme.txt", b"hei")])) in {FileFault.NOT_A_TABLE, FileFault.BROKEN}


def test_encrypted_workbooks_are_said_to_be_encrypted() -> None:
    stream = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    assert fault_of(stream) is FileFault.ENCRYPTED


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "yksi", ""])
def test_a_row_whose_number_is_none_is_the_next_one(number: str) -> None:
    parts = parts_of(xlsx_of(TABLE))
    place = "xl/worksheets/sheet1.xml"
    parts[place] = parts[place].replace(b'<row r="3"', f'<row r="{number}"'.encode())
    assert [line for line, _ in rows_of(zip_of(parts.items()))] == [2, 3]


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "yksi", ""])
def test_a_repetition_that_is_no_number_is_none(number: str) -> None:
    content = ODS.replace('number-rows-repeated="2"', f'number-rows-repeated="{number}"')
    archive = zip_of(
        [("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.encode())]
    )
    assert [line for line, _ in rows_of(archive)] == [3, 4]


def test_an_open_document_is_read() -> None:
    content = zip_of([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", ODS.encode())])
    export = export_of(content)
    assert (export.form.format, export.form.sheet) == ("ods", "Asiakkaat")
    assert list(export.rows()) == [(4, ["", "a@esimerkki.fi", "2019-05-01"]), (5, [""])]
    assert export.preview(1) == [["A\nB", "a@esimerkki.fi", "2019-05-01"]]


def test_an_encrypted_open_document_is_said_to_be_encrypted() -> None:
    manifest = b'<m:manifest xmlns:m="m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    content = zip_of([("mimetype", b"x"), ("META-INF/manifest.xml", manifest), ("content.xml", b"\x12\x34")])
    assert fault_of(content) is FileFault.ENCRYPTED
