"""Names of the room's sealed columns: part of what each ciphertext authenticates, so they never change."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = "paper.PaperItem.sealed"
"""What the paper is, in words; bound to the folded token."""
PROTOCOL: Final = "paper.Destruction.protocol"
"""The scan of a protocol of destruction; bound to the destruction's ref."""
WITNESS: Final = "paper.Destruction.outsider"
"""JSON of the name of a witness from outside; bound to the destruction's ref."""
SOUGHT: Final = "paper.PaperSearch.sealed"
"""Whom a custodian looks for; bound to the folded token."""
CHANGE: Final = "paper.PaperChange.sealed"
"""What a custodian writes on paper, or why it can't be done; bound to the folded token."""
