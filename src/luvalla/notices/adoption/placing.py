"""What each sentence was taken for: the claims that stand for it, and what is outdated or weaker than the law in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from luvalla.notices.adoption.patterns import Patterns, Rule
from luvalla.notices.adoption.splitting import Sentence

CLAIMS_OF_PARTS: Final = {
    "title": ("S1",),
    "controller": ("S3",),
    "contact": ("S4",),
    "purposes": ("S5", "S7"),
    "basis": ("S8", "S11"),
    "interest": ("S10",),
    "data": ("S12",),
    "contents": ("S15",),
    "recipients": ("S13",),
    "consent": ("S14",),
    "sources": ("S16",),
    "retention": ("S17",),
    "disclosure": ("S19",),
    "transfers": ("S20",),
    "paper": ("S21", "S22"),
    "security": ("S23",),
    "cookies": ("S26",),
    "analytics": ("S34",),
    "profiling": ("S36",),
    "access": ("S37",),
    "prohibition": ("S38",),
    "portability": ("S39",),
    "rectification": ("S40",),
    "restriction": ("S42",),
    "objection": ("S43",),
    "erasure": ("S43", "S48"),
    "complaint": ("S45",),
    "rights": ("S37",),
    "changes": ("S2",),
}
"""The claims of a heading, and of a sentence under it that no pattern knows."""
BUSINESS_ID: Final = re.compile(r"\b\d{7}-\d\b|\b\d{6}-\d{4}\b")
DATE: Final = re.compile(
    r"^\W*(?:\w+\W+){0,3}\d{1,2}[./]\d{1,2}[./]\d{1,4}\W*$|^\W*(?:\w+\W+){0,3}\d{4}-\d{2}-\d{2}\W*$"
    r"|^\W*(?:\w+\W+){0,3}\d{1,2}\.? [a-zåäö]{3,} \d{4}\W*$"
)
POSTAL: Final = re.compile(r"^[\w .'-]{3,40} \d{1,4} ?[a-z]?$|^(?:se-)?\d{3} ?\d{2} [a-zåäö -]+$")


class PlacedBy(StrEnum):
    """How a sentence found its claims."""

    WORDS = "words"
    HEADING = "heading"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence with what it was taken for."""

    sentence: Sentence
    claims: tuple[str, ...]
    weak: tuple[str, ...]
    by: PlacedBy


def place(sentences: Iterable[Sentence], known: Patterns) -> list[Placed]:
    """Give each sentence its claims and weak points, one sentence at a time."""
    return [_placed(each, known) for each in sentences]


def with_weak(placed: Sequence[Placed], more: dict[int, set[str]]) -> list[Placed]:
    """Add weak points that only the whole text shows, by the places of the sentences."""
    return [replace(each, weak=_sorted({*each.weak, *more.get(each.sentence.place, ())})) for each in placed]


def _placed(sentence: Sentence, known: Patterns) -> Placed:
    text = sentence.text.lower()
    wrong = (name for name, rules in known.weak.items() if _any(rules, text, sentence.part))
    weak = () if sentence.is_heading else _sorted(wrong)
    by_words = _sorted({*_by_shape(text, sentence.part), *_by_words(text, sentence.part, known)})
    if by_words and not sentence.is_heading:
        return Placed(sentence, by_words, weak, PlacedBy.WORDS)
    by_heading = CLAIMS_OF_PARTS.get(sentence.part, ())
    if by_heading:
        return Placed(sentence, by_heading, weak, PlacedBy.HEADING)
    return Placed(sentence, by_words, weak, PlacedBy.WORDS if by_words else PlacedBy.NOTHING)


def _by_words(text: str, part: str, known: Patterns) -> Iterable[str]:
    return (name for name, rules in known.claims.items() if _any(rules, text, part))


def _by_shape(text: str, part: str) -> Iterable[str]:
    """Know dates, business ids and lines of an address by how they look, in any language."""
    if DATE.search(text):
        yield "S2"
    if BUSINESS_ID.search(text) or (part == "controller" and POSTAL.search(text)):
        yield "S3"


def _any(rules: Iterable[Rule], text: str, part: str) -> bool:
    return any(each.says(text, part) for each in rules)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=lambda each: (each[0], int(each[1:]))))
