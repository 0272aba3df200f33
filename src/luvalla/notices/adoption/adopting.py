"""Adopting a notice: from a file's bytes to what it says, sentence by sentence, and what has to change."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from luvalla.notices.adoption.contradictions import contradictions, missing_elements
from luvalla.notices.adoption.errors import NotANotice, NoticeFault
from luvalla.notices.adoption.finding import Found, find
from luvalla.notices.adoption.patterns import LANGUAGES, Patterns, patterns
from luvalla.notices.adoption.placing import Placed, PlacedBy, place, with_weak
from luvalla.notices.adoption.reading import Line, Original, read_notice
from luvalla.notices.adoption.splitting import split

LEAST_COMMON = 0.03
"""Of a text's words, so many at least are the small words of its language."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """An existing notice as it was understood."""

    format: str
    language: str
    digest: str
    """SHA-256 of its text, in hex."""
    sentences: tuple[Placed, ...]
    found: Found
    missing: tuple[str, ...]
    """What articles 13, 14 and 21(4) ask for and it doesn't say."""

    @property
    def not_placed(self) -> tuple[Placed, ...]:
        """The sentences no claim stands for."""
        return tuple(each for each in self.sentences if each.by is PlacedBy.NOTHING)

    @property
    def weak(self) -> dict[str, tuple[int, ...]]:
        """The weak points with the places of their sentences; those of the whole text have none."""
        places: dict[str, list[int]] = {}
        for each in self.sentences:
            for name in each.weak:
                places.setdefault(name, []).append(each.sentence.place)
        if self.missing:
            places.setdefault("W16", [])
        return {name: tuple(places[name]) for name in sorted(places, key=lambda name: int(name[1:]))}


def adopt(content: bytes) -> Adopted:
    """Read a notice; nothing is fetched, stored or changed.

    Raises NotANotice for a file that can't be read, or is in none of the three languages.
    """
    return understand(read_notice(content))


def understand(original: Original) -> Adopted:
    """Tell what a notice says that was read before; NotANotice when it is in none of the three languages."""
    language = language_of(original.lines)
    known = patterns(language)
    placed = place(split(original.lines, known), known)
    found = find(placed, known)
    placed = with_weak(placed, contradictions(placed, known, dated=found.date is not None))
    text = "\n".join(line.text for line in original.lines)
    return Adopted(
        format=original.format,
        language=language,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        sentences=tuple(placed),
        found=found,
        missing=tuple(missing_elements(placed, known)),
    )


def language_of(lines: Iterable[Line]) -> str:
    """Give fi, sv or en, by the small words that each language needs; NotANotice when it is none of them."""
    words = Counter(re.findall(r"[a-zåäö]+", " ".join(line.text for line in lines).lower()))
    shares = {language: _share(words, patterns(language)) for language in LANGUAGES}
    best = max(shares, key=lambda language: shares[language])
    if shares[best] < LEAST_COMMON:
        raise NotANotice(NoticeFault.UNKNOWN_LANGUAGE)
    return best


def _share(words: Counter[str], known: Patterns) -> float:
    return sum(words[each] for each in known.common) / max(sum(words.values()), 1)
