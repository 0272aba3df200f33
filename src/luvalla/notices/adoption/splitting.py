"""From lines to sentences, each with the heading it stands under and the part of the notice that the heading opens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from luvalla.notices.adoption.patterns import Patterns
from luvalla.notices.adoption.reading import Line

LONGEST_HEADING: Final = 10
"""Words; what is longer says something of its own."""
AFTER: Final = re.compile(r"(?<=[.!?])(?<!\b\d\.)(?<!\b\d\d\.)[\"”»)]*\s+(?=[\"“«(]?[A-ZÅÄÖÉÜ])")
ABBREVIATION: Final = re.compile(
    r"\b(?:esim|mm|ks|ml|ns|vrt|puh|os|t\.ex|bl\.a|m\.m|s\.k|tfn|e\.g|i\.e|tel|no|nr|art|mr|ms|inc|ltd|st)\.$"
)
ITEM: Final = re.compile(r"\s+[-–•·▪*]\s+(?=\S)")  # a dash that opens a list
BULLET: Final = re.compile(r"^(?:[-–•·▪*]|\(?[a-z]\))\s+")  # the same
OPENS_LIST: Final = re.compile(r":\s+[-–•·▪*]\s")  # the same
VERB: Final = re.compile(r"(?<!mitä )(?<!vad )(?<!who )\b(on|ovat|ei|emme|toimii|är|används|finns|sker|is|not|inte)\b")
"""What makes a sentence of a few words; a heading that asks may have a verb."""
CAPITALS: Final = re.compile(r"\b([A-ZÅÄÖ]{4,}(?: [A-ZÅÄÖ]{4,})+)\s+(?=[A-ZÅÄÖ][a-zåäö])")
"""A heading in capitals that a copy has run into the text after it."""


class Sentence(NamedTuple):
    """A sentence, an item of a list, or a heading."""

    place: int
    text: str
    heading: str
    part: str
    """The part of the notice that the heading opens; empty where it is none that is known."""
    is_heading: bool


def split(lines: Iterable[Line], known: Patterns) -> list[Sentence]:
    """Give the sentences of a notice in their order."""
    return [Sentence(place, *each) for place, each in enumerate(_split(lines, known), start=1)]


def _split(lines: Iterable[Line], known: Patterns) -> Iterator[tuple[str, str, str, bool]]:
    heading, part, given = "", "", list(lines)
    marks = any(line.is_heading for line in given)
    for line in given:
        for piece in _pieces(line.text):
            opened = _part_of(piece, known, is_marked=line.is_heading) if line.is_heading or not marks else None
            if opened is not None:
                heading, part = piece[:200], opened
                yield piece, heading, part, True
                continue
            yield from ((each, heading, part, False) for each in sentences(piece))


def _pieces(text: str) -> Iterator[str]:
    """Take headings that were run into a paragraph out of it."""
    yield from (each.strip() for each in CAPITALS.split(text) if each.strip())


def _part_of(text: str, known: Patterns, *, is_marked: bool) -> str | None:
    """Give the part that a heading opens, or None for text that is no heading."""
    plain = text.rstrip(".:?").lower()
    if not is_marked and (len(plain.split()) >= LONGEST_HEADING or BULLET.match(text) or _says_something(plain)):
        return None
    for part, heads in known.heads.items():
        if any(each.search(plain) for each in heads):
            return part
    return "" if is_marked else None


def _says_something(plain: str) -> bool:
    """Tell a short sentence or a line of an address from a heading: it has a value or goes on after its first words."""
    return (
        "@" in plain
        or VERB.search(plain) is not None
        or re.search(r"[a-zåäö]{3,}[.:] ", plain) is not None
        or re.search(r"\d{3,}", plain) is not None
    )


def sentences(text: str) -> Iterator[str]:
    """Split a paragraph at the ends of its sentences and the items of its lists."""
    for piece in ITEM.split(text) if OPENS_LIST.search(text) else [text]:
        kept = ""
        for each in AFTER.split(BULLET.sub("", piece)):
            kept = f"{kept} {each}".strip()
            if not ABBREVIATION.search(kept.lower()):
                yield kept
                kept = ""
        if kept:
            yield kept
