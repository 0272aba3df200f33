"""Every claim of the notice, whether its check exists yet or not: none can be forgotten."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from luvalla.notices.errors import NoSuchClaim

SECTIONS: Final = (
    "objection",
    "controller",
    "purposes",
    "grounds",
    "data",
    "source",
    "recipients",
    "retention",
    "rights",
    "security",
    "profiling",
    "complaint",
    "this-notice",
)
"""Parts of the notice that carry proofs, in its order."""


class Kind(StrEnum):
    """What a sentence of the notice does."""

    PROMISE = "promise"
    FACT = "fact"
    INFORMATION = "information"
    RIGHT = "right"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim as the notice makes it: where, what, who proves it, and what a breach closes."""

    id: str
    section: str
    kind: Kind
    room: str
    """The room whose check proves it."""
    fresh: timedelta
    """How old a proof may be before the verdict is unknown."""
    closes: tuple[str, ...]
    """What is closed while the claim is broken: publishing, sending, export, sign_in, transfer, print, analytics."""
    fi: str
    sv: str
    en: str

    def text_in(self, language: str) -> str:
        """Give the claim in fi, sv or en; another language gets English."""
        return str(getattr(self, language[:2], self.en))


@cache
def entries() -> tuple[Entry, ...]:
    """Give all claims, S1-S48 and then X1-X6."""
    data = resources.files("luvalla.notices") / "data" / "claims.toml"
    return tuple(_entry(name, each) for name, each in tomllib.loads(data.read_text(encoding="utf-8")).items())


def entry(claim_id: str) -> Entry:
    """Give the claim of that id; NoSuchClaim when the registry has none."""
    for each in entries():
        if each.id == claim_id:
            return each
    raise NoSuchClaim(claim_id)


def _entry(name: str, each: dict[str, Any]) -> Entry:
    return Entry(
        id=name,
        section=each["section"],
        kind=Kind(each["kind"]),
        room=each["room"],
        fresh=timedelta(hours=each["fresh"]),
        closes=tuple(each["closes"]),
        fi=each["fi"],
        sv=each["sv"],
        en=each["en"],
    )
