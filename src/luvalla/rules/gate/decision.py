"""The decision as a value: Permit or Refusal with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from luvalla.rules.gate import (
    balancing_test,
    evidence,
    fitting_permission,
    legal_basis,
    permission,
    prohibition,
    purpose,
    restriction,
    suppression,
    undeliverable,
)
from luvalla.rules.gate.facts import CampaignFacts, ContactFacts, Reason

Condition: TypeAlias = Callable[[CampaignFacts, ContactFacts], Reason | None]


class Permit(NamedTuple):
    """The letter may go. There is nothing more to say, and it is true only inside the asking transaction."""


class Refusal(NamedTuple):
    """The letter may not go; the first reason is the one that is counted."""

    reasons: tuple[Reason, ...]


Decision: TypeAlias = Permit | Refusal

CONDITIONS: Final[tuple[Condition, ...]] = (
    purpose.refuses,
    legal_basis.refuses,
    balancing_test.refuses,
    suppression.refuses,
    restriction.refuses,
    prohibition.refuses,
    permission.refuses,
    evidence.refuses,
    fitting_permission.refuses,
    undeliverable.refuses,
)
PERMIT: Final = Permit()
IN_DOUBT: Final = Refusal((Reason.IN_DOUBT,))


def decide(campaign: CampaignFacts, contact: ContactFacts) -> Decision:
    """Decide whether the campaign may go to the contact now; fails closed.

    An exception in a condition is a doubt and refuses with IN_DOUBT.
    """
    try:
        reasons = tuple(reason for ask in CONDITIONS if (reason := ask(campaign, contact)) is not None)
    except Exception:  # noqa: BLE001  # whatever went wrong, a letter that nobody could judge stays here
        return IN_DOUBT
    return Refusal(reasons) if reasons else PERMIT
