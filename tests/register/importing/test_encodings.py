from __future__ import annotations

import hashlib
import io

import pytest

from luvalla.register.importing.encodings import survey
from tests.register.importing.files import export_of, rows_of

TEXT = (
    "Asiakasnumero;Sukunimi;Sähköposti;Katuosoite\r\n"
    "1;Hämäläinen;hanna@esimerkki.fi;Mäkikatu 1\r\n"
    "2;Åström;ake@esimerkki.fi;Öljytie 2\r\n"
)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "windows-1252",
        "latin-1",
        "iso-8859-15",
        "mac-roman",
        "cp850",
    ],
)
def test_a_table_in_any_encoding_of_real_exports_is_read(encoding: str) -> None:
    rows = rows_of(TEXT.encode(encoding))
    assert [cells[1:] for _, cells in rows] == [  # type: ignore[index]  # no row is broken
        ["Hämäläinen", "hanna@esimerkki.fi", "Mäkikatu 1"],
        ["Åström", "ake@esimerkki.fi", "Öljytie 2"],
    ]


def test_letters_of_latin_9_are_told_from_those_of_windows() -> None:
    text = TEXT + "3;Šemeikka;s@esimerkki.fi;Žižkov\r\n"
    assert survey(io.BytesIO(text.encode("iso-8859-15"))).encoding == "iso-8859-15"
    assert survey(io.BytesIO(text.encode("windows-1252"))).encoding == "windows-1252"


def test_one_broken_line_does_not_change_the_encoding_of_the_others() -> None:
    broken = TEXT.encode() + b"3;M\xe4ki;m@esimerkki.fi;x\r\n"
    assert survey(io.BytesIO(broken)).encoding == "utf-8"


def test_a_letter_cut_in_two_by_a_block_is_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luvalla.register.importing.encodings.BLOCK", 7)
    assert survey(io.BytesIO(("ääää\n" * 50).encode())).encoding == "utf-8"
    assert survey(io.BytesIO(("ääää\n" * 50).encode("latin-1"))).encoding == "windows-1252"


def test_letters_that_come_late_are_seen() -> None:
    text = "sposti;nimi\n" + "a@esimerkki.fi;Ahti\n" * 100_000 + "b@esimerkki.fi;Mäki\n"
    assert survey(io.BytesIO(text.encode("windows-1252"))).encoding == "windows-1252"
    assert survey(io.BytesIO(text.encode())).encoding == "utf-8"


def test_the_encoding_can_be_named() -> None:
    assert export_of("email\nmäki@esimerkki.fi\n".encode("cp1250"), encoding="cp1250").form.encoding == "cp1250"


def test_the_survey_counts_lines_and_tells_the_digest() -> None:
    found = survey(io.BytesIO(b"a\nb\nc"))
    assert found.lines == 2
    assert found.digest == hashlib.sha256(b"a\nb\nc").hexdigest()
