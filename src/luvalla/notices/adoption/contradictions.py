"""Weak points that show only in the whole text: two sentences that contradict each other, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from luvalla.notices.adoption.patterns import Patterns
from luvalla.notices.adoption.placing import Placed

REQUESTS: Final = frozenset({"S37", "S38", "S39", "S40", "S42", "S43", "S48"})
TARGETING: Final = frozenset({"S29", "S31", "S35"})
INTEREST: Final = frozenset({"S8", "S11"})
INTERESTS: Final = (
    "oikeutettu etu",
    "oikeutettuun etuun",
    "oikeutetun edun",
    "berättigat intress",
    "berättigade intress",
    "legitimate interest",
)
ON_INTEREST: Final = "13(1)(d)"
"""Asked for only where something rests on a legitimate interest."""
OTHERS: Final = frozenset({"S13", "S34"})
ONLY: Final = ("ainoastaan", "vain ", "endast", "enbart", "bara ", "only", "solely", "no one else")
TOKENS: Final = ("tunniste", "estolista", "kieltolista", "spärrlista", "token", "suppression")
NUMBERS: Final = tuple("0123456789")

Weak = dict[int, set[str]]


def contradictions(placed: Sequence[Placed], known: Patterns, *, dated: bool) -> Weak:
    """Give the weak points by the places of the sentences they are in; dated tells whether the date is a real one."""
    found: Weak = defaultdict(set)
    said = [each for each in placed if not each.sentence.is_heading]
    for look in LOOKS:
        for name, places in look(said).items():
            for place in places:
                found[place].add(name)
    if not dated:
        for each in placed:
            if "S2" in each.claims and each.sentence.part != "changes":
                found[each.sentence.place].add("W15")
    _officer(said, known, found)
    return found


def missing_elements(placed: Sequence[Placed], known: Patterns) -> list[str]:
    """Name what articles 13, 14 and 21(4) ask for and the text doesn't say."""
    text = "\n".join(each.sentence.text for each in placed).lower()
    has_interest = any(word in text for word in INTERESTS)
    asked = {name: each for name, each in known.elements.items() if has_interest or name != ON_INTEREST}
    return [name for name, patterns in asked.items() if not any(each.search(text) for each in patterns)]


def _permission(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W1: letters rest on a legitimate interest, yet a consent is to be taken back."""
    interest = _numbers(each for each in said if INTEREST & set(each.claims) and _has(each, INTERESTS))
    consent = _places(said, {"S14"})
    return {"W1": [*interest, *consent] if interest and consent else []}


def _recipients(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W7: "only we", yet others are named elsewhere."""
    only = [each for each in said if "S19" in each.claims and _has(each, ONLY)]
    others = [each for each in said if OTHERS & set(each.claims) and each not in only]
    return {"W7": _numbers([*only, *others[:1]]) if only and others else []}


def _stores(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W8: only the address, yet messages and attachments too."""
    address, messages = _places(said, {"S12", "S15"}), _places(said, {"S6"})
    return {"W8": [*address, *messages] if address and messages else []}


def _forgetting(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W9: all is forgotten, and nothing is said of the token that keeps a prohibition."""
    knows = any(_has(each, TOKENS) for each in said)
    return {"W9": [] if knows else _places(said, {"S48"})}


def _profiling(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W11: no profiling, yet targeting, demographics or linking."""
    denied, done = _places(said, {"S36"}), _places(said, TARGETING)
    return {"W11": [*denied, *done] if denied and done else []}


def _periods(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W16: a part on retention without a figure."""
    kept = [each for each in said if each.sentence.part == "retention"]
    return {"W16": [] if any(_has(each, NUMBERS) for each in kept) else _numbers(kept)}


def _garbled(said: Sequence[Placed]) -> dict[str, list[int]]:
    """W14 and W16: the part under the heading of the right to object speaks of other rights only."""
    part = [each for each in said if each.sentence.part == "objection"]
    objects = any(_has(each, ("vastusta", "invänd", "object")) for each in part)
    return {} if objects else {"W14": _numbers(part[:1]), "W16": _numbers(part[:1])}


def _officer(said: Sequence[Placed], known: Patterns, found: Weak) -> None:
    """W17: requests go to the contact person, and that is the data protection officer."""
    is_officer = any(
        each.sentence.part == "contact"
        and any(word.search(each.sentence.text.lower()) for word in known.words["officer"])
        for each in said
    )
    contact = known.words["contact_person"]
    for each in said if is_officer else ():
        if REQUESTS & set(each.claims) and any(word.search(each.sentence.text.lower()) for word in contact):
            found[each.sentence.place].add("W17")


LOOKS: Final[tuple[Callable[[Sequence[Placed]], dict[str, list[int]]], ...]] = (
    _permission,
    _recipients,
    _stores,
    _forgetting,
    _profiling,
    _periods,
    _garbled,
)


def _places(said: Sequence[Placed], claims: Iterable[str]) -> list[int]:
    wanted = set(claims)
    return _numbers(each for each in said if wanted & set(each.claims))


def _numbers(said: Iterable[Placed]) -> list[int]:
    return [each.sentence.place for each in said]


def _has(each: Placed, words: Iterable[str]) -> bool:
    text = each.sentence.text.lower()
    return any(word in text for word in words)
