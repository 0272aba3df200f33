"""The patterns of a language, from data/adoption/LANGUAGE.toml: headings, what sentences say, and what is weak."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

LANGUAGES: Final = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True)
class Rule:
    """What it takes to say something of a sentence: any, all or none of its patterns, in some parts only."""

    any: tuple[re.Pattern[str], ...] = ()
    all: tuple[re.Pattern[str], ...] = ()
    none: tuple[re.Pattern[str], ...] = ()
    within: tuple[str, ...] = ()

    def says(self, text: str, part: str) -> bool:
        """Tell whether it fits a sentence (in lower case) of that part of the notice."""
        if self.within and part not in self.within:
            return False
        return (
            (not self.any or any(each.search(text) for each in self.any))
            and all(each.search(text) for each in self.all)
            and not any(each.search(text) for each in self.none)
        )


@dataclass(frozen=True, slots=True)
class Patterns:
    """Everything that is known about how notices are written in one language."""

    language: str
    common: tuple[str, ...]
    """Small words that give the language away."""
    heads: dict[str, tuple[re.Pattern[str], ...]]
    """Headings by the part of the notice that they open."""
    claims: dict[str, tuple[Rule, ...]]
    weak: dict[str, tuple[Rule, ...]]
    elements: dict[str, tuple[re.Pattern[str], ...]]
    """What articles 13 and 14 ask for, and the words that say it."""
    words: dict[str, tuple[re.Pattern[str], ...]]
    """Words that lead to values: a street, an officer, a kind of purpose or source."""


@cache
def patterns(language: str) -> Patterns:
    """Give the patterns of fi, sv or en."""
    place = resources.files("luvalla.notices") / "data" / "adoption" / f"{language}.toml"
    data = tomllib.loads(place.read_text(encoding="utf-8"))
    return Patterns(
        language=language,
        common=tuple(data["common"]),
        heads={part: tuple(re.compile(rf"^(?:\d+[.)]?\d*\.?\s*)?(?:{each})") for each in texts)
               for part, texts in data["heads"].items()},
        claims={name: _rules(each) for name, each in data["claims"].items()},
        weak={name: _rules(each) for name, each in data["weak"].items()},
        elements={name: _compiled(each) for name, each in data["elements"].items()},
        words={name: _compiled(each) for name, each in data["words"].items()},
    )  # fmt: skip


def _rules(given: Any) -> tuple[Rule, ...]:
    """Read a list of patterns, one table, or several tables."""
    if isinstance(given, dict):
        return (_rule(given),)
    if given and isinstance(given[0], dict):
        return tuple(_rule(each) for each in given)
    return (Rule(any=_compiled(given)),)


def _rule(given: dict[str, list[str]]) -> Rule:
    taken = {name: _compiled(given.get(name, [])) for name in ("any", "all", "none")}
    return Rule(**taken, within=tuple(given.get("in", ())))


def _compiled(texts: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(each) for each in texts)
