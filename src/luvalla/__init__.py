"""Luvalla: newsletters sent with permission."""

from __future__ import annotations

from datetime import date
from typing import Final

VERSION: Final = "0.1.0"
LOCKED_ON: Final = date(2026, 11, 30)
"""When the versions in requirements.lock were last gone through (docs/reference/mending.md)."""
