"""The steps of a campaign's life, from draft to finished."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from luvalla.campaigns.errors import IllegalStep


class Step(StrEnum):
    """What can be done with a campaign besides writing it."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    REOPEN = "reopen"
    CANCEL = "cancel"


class Way(NamedTuple):
    """From which states a step may be taken, and where it leads."""

    origins: frozenset[str]
    to: str


STEPS: Final[Mapping[Step, Way]] = MappingProxyType(
    {
        Step.SUBMIT: Way(frozenset({"draft"}), "submitted"),
        Step.RETURN: Way(frozenset({"submitted"}), "draft"),
        Step.APPROVE: Way(frozenset({"submitted"}), "approved"),
        Step.SCHEDULE: Way(frozenset({"approved", "scheduled"}), "scheduled"),
        Step.UNSCHEDULE: Way(frozenset({"scheduled"}), "approved"),
        Step.BEGIN: Way(frozenset({"approved", "scheduled"}), "sending"),
        Step.PAUSE: Way(frozenset({"sending"}), "paused"),
        Step.RESUME: Way(frozenset({"paused"}), "sending"),
        Step.FINISH: Way(frozenset({"sending"}), "finished"),
        Step.REOPEN: Way(frozenset({"finished"}), "sending"),
        Step.CANCEL: Way(frozenset({"submitted", "approved", "scheduled", "sending", "paused"}), "cancelled"),
    }
)


def state_after(state: str, step: Step) -> str:
    """Tell where the step leads; IllegalStep when it cannot be taken from here.

    >>> state_after("submitted", Step.APPROVE)
    'approved'
    >>> state_after("draft", Step.APPROVE)
    Traceback (most recent call last):
    luvalla.campaigns.errors.IllegalStep: ...
    """
    way = STEPS[step]
    if state not in way.origins:
        raise IllegalStep(state=state, step=step.value)
    return way.to


def possible_steps(state: str) -> tuple[Step, ...]:
    """List the steps that can be taken from a state.

    >>> possible_steps("paused")
    (<Step.RESUME: 'resume'>, <Step.CANCEL: 'cancel'>)
    """
    return tuple(step for step, way in STEPS.items() if state in way.origins)
