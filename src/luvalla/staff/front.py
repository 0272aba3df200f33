"""What waits, as the desks tell the front page: each in its module `front` by a function `waiting(user)`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from luvalla.people.models import User
from luvalla.staff.parts import Waiting


def everything_waiting(user: User) -> list[Waiting]:
    """Give what waits for the person at every desk, the most pressing first."""
    found = [each for desk in _fronts() for each in desk.waiting(user)]
    return sorted(found, key=lambda each: -each.clock.gone if each.clock else 1)


@cache
def _fronts() -> tuple[ModuleType, ...]:
    places = sorted(Path(__file__).parent.glob("*/front.py"))
    return tuple(import_module(f"luvalla.staff.{place.parent.name}.front") for place in places)
