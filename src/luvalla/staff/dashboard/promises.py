"""The wall of promises: every claim of the notice as a ring, and what is wrong in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import pgettext_lazy

from luvalla.notices.doors import how_to_mend
from luvalla.notices.queries import ClaimState, claim_verdicts
from luvalla.rules.ports import Verdict
from luvalla.staff.claims.words import closed_words
from luvalla.staff.formats import language

GROUPS: Final = (
    (pgettext_lazy("claims", "Controller"), 1, 4),
    (pgettext_lazy("claims", "Purposes and grounds"), 5, 11),
    (pgettext_lazy("claims", "Data, sources and retention"), 12, 20),
    (pgettext_lazy("claims", "People and paper"), 21, 25),
    (pgettext_lazy("claims", "Cookies and profiling"), 26, 36),
    (pgettext_lazy("claims", "Rights"), 37, 48),
)
OUR_OWN: Final = pgettext_lazy("claims", "Promises of our own")
MOST_FAULTS: Final = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Claims of one part of the notice."""

    name: str
    claims: list[ClaimState]


@dataclass(frozen=True, slots=True)
class Fault:
    """A claim that is broken or not known, with its sentence; if broken, also what it closes and how it is mended."""

    claim: ClaimState
    says: str
    closes: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Wall:
    """All promises, and what is wrong."""

    groups: list[Group]
    faults: list[Fault]
    more_faults: int
    verdicts: list[Verdict]
    checked_at: datetime | None


def wall() -> Wall:
    """Read every claim as it stands."""
    states = claim_verdicts()
    wrong = [each for each in states if each.verdict is Verdict.BROKEN]
    wrong += [each for each in states if each.verdict is Verdict.UNKNOWN and each.checked_at]
    return Wall(
        groups=list(_groups(states)),
        faults=[_fault(each) for each in wrong[:MOST_FAULTS]],
        more_faults=max(0, len(wrong) - MOST_FAULTS),
        verdicts=[each.verdict for each in states],
        checked_at=max((each.checked_at for each in states if each.checked_at), default=None),
    )


def _fault(state: ClaimState) -> Fault:
    says = state.entry.text_in(language())
    if state.verdict is not Verdict.BROKEN:
        return Fault(state, says)
    return Fault(state, says, closed_words(state.entry.closes), how_to_mend(state.id, language()))


def _groups(states: list[ClaimState]) -> Iterable[Group]:
    for name, first, last in GROUPS:
        yield Group(str(name), [each for each in states if each.id[0] == "S" and first <= int(each.id[1:]) <= last])
    yield Group(str(OUR_OWN), [each for each in states if each.id[0] == "X"])
