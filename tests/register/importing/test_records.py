from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luvalla.register.importing.faults import RowFault
from luvalla.register.importing.records import LONGEST_LINE, Records
from tests.register.importing.files import addresses_of, rows_of

HEADER = "nimi;sähköposti;sopimus alkoi\n"


def read(text: str, *, delimiter: str = ";", width: int = 3) -> list[tuple[int, object]]:
    return list(Records(io.StringIO(text), delimiter, width=width))


def test_a_row_is_its_line_number_and_its_cells() -> None:
    assert read("a;b;c\n\nd;e;f\n") == [(1, ["a", "b", "c"]), (3, ["d", "e", "f"])]


def test_a_quoted_cell_may_hold_delimiters_line_ends_and_quotes() -> None:
    text = 'a;"Katu 1\nTampere; ""koti""";c\nd;e;f\n'
    assert read(text) == [(1, ["a", 'Katu 1\nTampere; "koti"', "c"]), (3, ["d", "e", "f"])]


def test_a_row_in_which_every_cell_is_quoted_is_read_the_same() -> None:
    assert read('"a";"b ""x""";"c"\n"d";"e";"f"\n') == [(1, ["a", 'b "x"', "c"]), (2, ["d", "e", "f"])]


def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    text = 'a;"b;c\n' + "".join(f"x{number};y;z\n" for number in range(500))
    rows = read(text)
    assert rows[0] == (1, RowFault.UNCLOSED_QUOTE)
    assert len(rows) == 501
    assert rows[-1] == (501, ["x499", "y", "z"])


def test_two_unclosed_quotes_do_not_swallow_the_lines_between_them() -> None:
    text = 'a;"b;c\nd;e;f\ng;"h;i\nj;k;l\n'
    assert [line for line, _ in read(text)] == [1, 2, 3, 4]
    assert dict(read(text))[2] == ["d", "e", "f"]
    assert dict(read(text))[4] == ["j", "k", "l"]


def test_an_unclosed_quote_among_quoted_rows_costs_its_own_line_only() -> None:
    text = '"a";"b;"c"\n"d";"e";"f"\n"g";"h";"i"\n'
    assert dict(read(text))[2] == ["d", "e", "f"]
    assert dict(read(text))[3] == ["g", "h", "i"]


def test_an_unclosed_quote_in_the_last_line_is_said() -> None:
    assert read('a;b;c\nd;e;"f') == [(1, ["a", "b", "c"]), (2, RowFault.UNCLOSED_QUOTE)]


def test_a_quote_inside_an_unquoted_cell_is_a_letter() -> None:
    assert read('a;Matti "Masa" Virtanen;c\n5" putki;b;c\n') == [
        (1, ["a", 'Matti "Masa" Virtanen', "c"]),
        (2, ['5" putki', "b", "c"]),
    ]


@pytest.mark.parametrize(
    "cell", ["x" * (10 << 20), '"' + "x" * (10 << 20) + '"', '"' + ("x" * 99 + "\n") * 100_000 + '"']
)
def test_a_cell_of_ten_megabytes_costs_its_own_row(cell: str) -> None:
    rows = read(f"a;{cell};c\nd;e;f\n")
    assert rows[0] == (1, RowFault.CELL_TOO_LONG)
    assert rows[-1][1] == ["d", "e", "f"]
    assert len(rows) == 2


def test_a_line_as_long_as_the_limit_still_ends_where_it_ends() -> None:
    rows = read("a;" + "b" * (LONGEST_LINE * 3) + "\nd;e;f\n\ng;h;i")
    assert rows == [(1, RowFault.CELL_TOO_LONG), (2, ["d", "e", "f"]), (4, ["g", "h", "i"])]


def test_looking_for_the_end_of_many_open_quotes_takes_no_quadratic_time() -> None:
    rows = read('5" x;"\n' * 20_000)
    assert len(rows) == 20_000
    assert {fault for _, fault in rows} == {RowFault.UNCLOSED_QUOTE}


def test_all_line_ends_are_line_ends() -> None:
    content = "nimi;sähköposti\r\na;a@esimerkki.fi\rb;b@esimerkki.fi\nc;c@esimerkki.fi"
    assert addresses_of(content) == ["a@esimerkki.fi", "b@esimerkki.fi", "c@esimerkki.fi"]


def test_broken_bytes_cost_their_own_line_only() -> None:
    content = (
        (HEADER + "Mäki;a@esimerkki.fi;2019\n").encode() + b"M\xe4ki;b@esimerkki.fi;2019\n" + b"c;c@esimerkki.fi;\n"
    )
    assert [cells if isinstance(cells, RowFault) else "row" for _, cells in rows_of(content)] == [
        "row",
        RowFault.ENCODING,
        "row",
    ]


def test_broken_bytes_in_a_later_line_of_a_quoted_row_are_noticed() -> None:
    content = (HEADER + 'Mäki;a@esimerkki.fi;"2019\n').encode() + b'M\xe4";x\n' + "ö;b@esimerkki.fi;2\n".encode()
    assert RowFault.ENCODING in [cells for _, cells in rows_of(content)] or (
        RowFault.UNCLOSED_QUOTE in [cells for _, cells in rows_of(content)]
    )
    assert rows_of(content)[-1][1] == ["ö", "b@esimerkki.fi", "2"]


def test_zeros_do_not_stop_the_reading() -> None:
    content = HEADER + "a;a@esimerkki.fi\0;2019\nb;b@esimerkki.fi;2019\n"
    assert addresses_of(content) == ["a@esimerkki.fi\0", "b@esimerkki.fi"]


cell = st.text(alphabet='ab;",\n\t@ä"', max_size=8)


@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=20))
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    read_back = [cells for _, cells in Records(io.StringIO(file.getvalue()), ";", width=0)]
    assert read_back == rows


@given(st.text(alphabet='a;"\n@\r', max_size=300), st.integers(0, 4))
def test_whatever_the_text_no_line_is_read_twice_or_lost(text: str, width: int) -> None:
    plain = text.replace("\r", "\n")
    rows = list(Records(io.StringIO(plain), ";", width=width))
    numbers = [line for line, _ in rows]
    lines = plain.split("\n")
    assert numbers == sorted(set(numbers))
    filled = [number for number, line in enumerate(lines, 1) if line.strip(";")]
    assert '"' in plain or numbers == filled
    first = filled[0] if filled else None
    assert numbers[:1] == ([] if first is None else [first])
