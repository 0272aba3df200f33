"""Where notices are contradictory, outdated or weaker than the law, each with its resolution."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from luvalla.notices.adoption.patterns import LANGUAGES


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """What is wrong, by which law, and what the new notice says instead, in each language."""

    id: str
    law: str
    wrong: dict[str, str]
    now: dict[str, str]


@cache
def weak_points() -> dict[str, WeakPoint]:
    """Give all of them, W1-W18."""
    place = resources.files("luvalla.notices") / "data" / "adoption" / "weak_points.toml"
    data = tomllib.loads(place.read_text(encoding="utf-8"))
    return {
        name: WeakPoint(
            id=name,
            law=each["law"],
            wrong={language: each[language] for language in LANGUAGES},
            now={language: each[f"{language}_now"] for language in LANGUAGES},
        )
        for name, each in data.items()
    }
