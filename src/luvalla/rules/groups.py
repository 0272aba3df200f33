"""How small a group a figure about people may speak of (claim X6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

Group = TypeVar("Group")
SMALLEST_GROUP: Final = 10


def is_small(people: int) -> bool:
    """Tell whether a figure is about so few people that one of them might be known by it.

    >>> is_small(9), is_small(10), is_small(0)
    (True, False, False)
    """
    return 0 < people < SMALLEST_GROUP


def told_apart(groups: Mapping[Group, int]) -> dict[Group, int | None]:
    """Give the sizes of groups that may be told beside their sum: None for one that may not.

    Who has the sum takes the told ones from it. So what is left untold is at least two groups of ten people together:
    the smallest of the others are left untold with a small one until it is so.

    >>> told_apart({"a": 3, "b": 4, "c": 12, "d": 40})
    {'a': None, 'b': None, 'c': None, 'd': 40}
    >>> told_apart({"a": 0, "b": 10}), told_apart({"a": 9, "b": 8, "c": 50})
    ({'a': 0, 'b': 10}, {'a': None, 'b': None, 'c': 50})
    """
    hidden = {group for group, people in groups.items() if is_small(people)}
    others = sorted((people, at) for at, (group, people) in enumerate(groups.items()) if people and group not in hidden)
    names = list(groups)
    for _, at in others:
        if not hidden or (len(hidden) > 1 and sum(groups[each] for each in hidden) >= SMALLEST_GROUP):
            break
        hidden.add(names[at])
    return {group: None if group in hidden else people for group, people in groups.items()}


def part_told(part: int, whole: int) -> int | None:
    """Give how many of a told group something is so of; None where they, or the rest of it, are few.

    >>> part_told(12, 40), part_told(0, 40), part_told(40, 40), part_told(38, 40), part_told(3, 40)
    (12, 0, 40, None, None)
    """
    return None if is_small(part) or is_small(whole - part) else part


def tells_a_small_group(groups: Mapping[Group, int], told: Mapping[Group, int | None]) -> bool:
    """Tell whether figures as they are told, beside their sum, give a group of fewer than ten away (claim X6).

    A sum that is small itself isn't told.
    """
    shown = [people for people in told.values() if people]
    rest = sum(groups.values()) - sum(shown)
    return any(map(is_small, shown)) or (bool(shown) and is_small(rest))
