"""How large a fault's campaign is: a size that fits the suite, or the full one (LUVALLA_TEST_FAULTS=full)."""

from __future__ import annotations

import os
from typing import Final

SETTING: Final = "LUVALLA_TEST_FAULTS"
FULL: Final = os.environ.get(SETTING) == "full"


def either(small: int, full: int) -> int:
    """Choose by the size of the run."""
    return full if FULL else small


def patience(seconds: float) -> float:
    """Give the seconds after which a campaign of the run's size is held to hang."""
    return seconds * (10 if FULL else 1)
