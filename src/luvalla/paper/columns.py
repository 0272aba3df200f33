"""Names of the room's sealed columns: part of what each ciphertext authenticates, so they never change."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = "paper.PaperItem.sealed"
"""What the paper is, in words; bound to the folded token."""
SOUGHT: Final = "paper.PaperSearch.sealed"
"""Whom a custodian looks for; bound to the folded token."""
