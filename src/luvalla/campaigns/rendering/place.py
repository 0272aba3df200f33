"""Where a block is rendered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LETTER: Final = 600
"""Width of the letter in CSS pixels."""
EDGE: Final = 40
"""Space between the card's edge and its text."""


@dataclass(frozen=True, slots=True)
class Place:
    """The site that serves the letter's pictures, and the width a block has in CSS pixels."""

    site: str
    width: int = LETTER - 2 * EDGE

    def with_width(self, width: int) -> Place:
        """Give the same place with another width."""
        return replace(self, width=width)

    def absolute(self, address: str) -> str:
        """Give an address of the site with its scheme and host."""
        return address if "://" in address else f"{self.site.rstrip('/')}/{address.lstrip('/')}"
