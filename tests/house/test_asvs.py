"""The page on ASVS 5.0: every point of levels 1 and 2 is in it once, and the places it names are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = CHECKOUT / "docs" / "reference" / "asvs.md"
POINTS: Final = """
1.1: 2, 1.2: 9, 1.3: 11, 1.4: 3, 1.5: 2, 2.1: 3, 2.2: 3, 2.3: 4, 2.4: 1, 3.2: 2, 3.3: 4, 3.4: 6, 3.5: 5, 3.7: 2,
4.1: 3, 4.2: 1, 4.3: 2, 4.4: 4, 5.1: 1, 5.2: 3, 5.3: 2, 5.4: 3, 6.1: 3, 6.2: 12, 6.3: 4, 6.4: 4, 6.5: 5, 6.6: 3,
6.8: 4, 7.1: 3, 7.2: 4, 7.3: 2, 7.4: 5, 7.5: 2, 7.6: 2, 8.1: 2, 8.2: 3, 8.3: 1, 8.4: 1, 9.1: 3, 9.2: 4, 10.1: 2,
10.2: 2, 10.3: 4, 10.4: 11, 10.5: 5, 10.6: 2, 10.7: 3, 11.1: 2, 11.2: 3, 11.3: 3, 11.4: 4, 11.5: 1, 11.6: 1,
12.1: 3, 12.2: 2, 12.3: 4, 13.1: 1, 13.2: 5, 13.3: 2, 13.4: 5, 14.1: 2, 14.2: 4, 14.3: 3, 15.1: 3, 15.2: 3,
15.3: 7, 16.1: 1, 16.2: 5, 16.3: 4, 16.4: 3, 16.5: 3, 17.1: 1, 17.2: 4, 17.3: 2
"""
"""The standard's sections and how many points of levels 1 and 2 each has; they come first in every section."""


def wanted() -> list[str]:
    sections = re.findall(r"([\d.]+): (\d+)", POINTS)
    return [f"{section}.{number}" for section, count in sections for number in range(1, int(count) + 1)]


def rows() -> list[list[str]]:
    lines = [line.strip("|").split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if "|" in line]
    return [[cell.strip() for cell in line] for line in lines if re.match(r"\s*\d", line[0])]


def points(cell: str) -> list[str]:
    """Spell out the points of a row: single ones, and ranges within a section."""
    spelled = []
    for part in cell.split(", "):
        first, _, last = part.partition("-")
        section, _, begin = first.rpartition(".")
        assert last in {"", section + "." + last.rpartition(".")[2]}, part
        spelled += [f"{section}.{each}" for each in range(int(begin), int(last.rpartition(".")[2] or begin) + 1)]
    return spelled


def test_every_point_is_answered_once() -> None:
    answered = [each for row in rows() for each in points(row[0])]
    assert sorted(answered) == sorted(wanted())
    assert len(answered) == 253


def test_every_answer_is_one_of_four_and_says_more() -> None:
    assert [row for row in rows() if row[1] not in {"yes", "partly", "no", "–"} or not row[2]] == []


def test_the_places_it_names_are_there() -> None:
    named = {place for row in rows() for place in re.findall(r"`((?:[a-z_]+/)+[a-z_]+(?:\.py)?)`", row[2])}
    missing = {each for each in named if not any((CHECKOUT / root / each).exists() for root in ("src/luvalla", "."))}
    assert len(named) > 50
    assert sum("`tests/" in row[2] for row in rows()) > 50, "what is called met is tried by tests that have a name"
    assert missing == set()
