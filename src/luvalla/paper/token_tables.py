"""The room's tables with tokens, for a new token key to reach."""

from __future__ import annotations

from typing import Final

from luvalla.ledger.rekeying import Sealed, TokenTable
from luvalla.paper.columns import CHANGE, DESCRIPTION, SOUGHT

TABLES: Final = (
    TokenTable("paper.PaperItem", tokens=("folded",), sealed=(Sealed("sealed", DESCRIPTION, "folded"),)),
    TokenTable("paper.PaperSearch", tokens=("folded",), sealed=(Sealed("sealed", SOUGHT, "folded"),)),
    TokenTable("paper.PaperChange", tokens=("folded",), sealed=(Sealed("sealed", CHANGE, "folded"),)),
)
