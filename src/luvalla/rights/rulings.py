"""What was decided of each right that is asked for: granted, granted in part or refused, the last two on a ground.

A request for several rights is rarely refused as a whole. What is granted is carried out and told to others; what is
refused is not, and the certificate says of each which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from luvalla.rights.grounds import LIMITS
from luvalla.rights.models import DataRequest, Decision
from luvalla.rules.case_states import Right

Outcome = Decision.Outcome


class Ruling(NamedTuple):
    """What was decided of one right; its ground unless it is granted."""

    outcome: Decision.Outcome
    ground: str = ""


GRANTED = Ruling(Outcome.GRANT)


def rulings_of(request: DataRequest, decision: Decision) -> dict[Right, Ruling]:
    """Give the ruling on each right. A decision that names none rules as one: on what its ground limits, or on all."""
    written = {Right(right): Ruling(Outcome(outcome), ground) for right, (outcome, ground) in decision.rulings.items()}
    if written or decision.fee is not None or decision.outcome == Outcome.GRANT:
        return {each: written.get(each, GRANTED) for each in request.chosen}
    return as_one(request.chosen, Outcome(decision.outcome), decision.ground)


def as_one(rights: Iterable[Right], outcome: Decision.Outcome, ground: str) -> dict[Right, Ruling]:
    """Rule on all rights as on one: refused all of them, or in part those that the ground can limit."""
    limited = LIMITS.get(ground, frozenset())
    is_refused = outcome == Outcome.REFUSE
    return {each: Ruling(outcome, ground) if is_refused or each in limited else GRANTED for each in rights}


def written(rulings: Mapping[Right, Ruling]) -> dict[str, tuple[str, str]]:
    """Give rulings as a decision keeps them."""
    return {right.value: (ruling.outcome.value, ruling.ground) for right, ruling in rulings.items()}


def granted_rights(request: DataRequest, decision: Decision | None) -> list[Right]:
    """Give the rights that are carried out, in part or wholly; before a decision all that are asked for."""
    if decision is None:
        return list(request.chosen)
    return [right for right, ruling in rulings_of(request, decision).items() if ruling.outcome != Outcome.REFUSE]


def grounds_named(request: DataRequest, decision: Decision) -> list[str]:
    """Give the grounds on which something is refused, each once."""
    rulings = rulings_of(request, decision).values()
    return list(dict.fromkeys(each.ground for each in rulings if each.ground)) or [decision.ground]
