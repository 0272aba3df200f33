"""Cells of exported tables: text that a spreadsheet program shows and never executes (CSV injection)."""

from __future__ import annotations

from typing import Final

EXECUTED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheet programs take for the start of a formula, the full-width forms included."""


def defused(text: str) -> str:
    """Put an apostrophe before a cell that would be taken for a formula.

    >>> defused("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    >>> defused("maija@esimerkki.fi")
    'maija@esimerkki.fi'
    """
    return f"'{text}" if text.lstrip(" ").startswith(EXECUTED) else text
