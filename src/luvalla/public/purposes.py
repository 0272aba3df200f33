"""The purposes as the stop page and the sign-up form offer them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from luvalla.organisation.models import Purpose
from luvalla.organisation.queries import purposes
from luvalla.rules.purposes import Prohibited


class Choice(NamedTuple):
    """A purpose as a box to tick: its key, its words, and whether it was forbidden before."""

    key: str
    name: str
    description: str
    is_forbidden: bool = False

    @property
    def label(self) -> str:
        """The name as it begins a line that goes on with the description."""
        return f"{self.name}:" if self.description else self.name


def to_forbid(already: Prohibited, language: str) -> list[Choice]:
    """Give every purpose that can be forbidden."""
    return [_choice(each, language, already) for each in purposes() if each.forbidden_by]


def to_ask_for(language: str) -> list[Choice]:
    """Give the purposes that are offered to those who sign up; none of them is ticked beforehand."""
    return [_choice(each, language, Prohibited.NOTHING) for each in purposes() if each.offered_at_sign_up]


def kinds_of(keys: Collection[str]) -> Prohibited:
    """Give the sum of prohibitions that stops these purposes."""
    kinds = Prohibited.NOTHING
    for each in purposes():
        if each.key in keys:
            kinds |= Prohibited(each.forbidden_by)
    return kinds


def named(keys: Collection[str], choices: Iterable[Choice]) -> list[Choice]:
    """Pick the choices of these keys, in the order they are offered."""
    return [each for each in choices if each.key in keys]


def _choice(purpose: Purpose, language: str, already: Prohibited) -> Choice:
    bans = Prohibited(purpose.forbidden_by)
    is_forbidden = bool(bans) and bool(bans & already)
    return Choice(purpose.key, purpose.name_in(language), purpose.description_in(language), is_forbidden)
