"""How small a group a figure about people may speak of (claim X6)."""

from __future__ import annotations

from typing import Final

SMALLEST_GROUP: Final = 10


def is_small(people: int) -> bool:
    """Tell whether a figure is about so few people that one of them might be known by it.

    >>> is_small(9), is_small(10), is_small(0)
    (True, False, False)
    """
    return 0 < people < SMALLEST_GROUP
