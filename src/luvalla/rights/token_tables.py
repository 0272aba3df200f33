"""The desk's tables with tokens and what is sealed under them, for a new token key to reach."""

from __future__ import annotations

from typing import Final

from luvalla.ledger.rekeying import Child, Sealed, TokenTable
from luvalla.rights import columns


def _child(model: str, column: str, field: str = "sealed") -> Child:
    return Child(f"rights.{model}", "request", Sealed(field, column, "folded"))


TABLE: Final = TokenTable(
    "rights.DataRequest",
    tokens=("folded",),
    sealed=(Sealed("sealed", columns.REQUEST, "folded"),),
    children=(
        _child("CaseEvent", columns.EVENT),
        _child("Task", columns.TASK),
        _child("Decision", columns.DECISION),
        _child("Letter", columns.LETTER),
        _child("Letter", columns.LETTER_PDF, "sealed_pdf"),
        _child("Attachment", columns.ATTACHMENT),
        _child("StoreSearch", columns.SEARCH),
        _child("SecureLink", columns.LINK),
        _child("Complaint", columns.COMPLAINT),
        _child("Complaint", columns.PACK, "sealed_pack"),
    ),
)
INCOMING: Final = TokenTable(
    "rights.IncomingCopy", tokens=("folded",), sealed=(Sealed("sealed", columns.INCOMING, "folded"),)
)
