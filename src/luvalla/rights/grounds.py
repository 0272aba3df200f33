"""The grounds on which a request may be refused, wholly or in part, and the rights each of them limits.

GDPR 12(5), 15(4), 16, 17(1) and (3), 18(1), 20(4) and 21(1); Finnish Data Protection Act (1050/2018), section 34.
Direct marketing and what a prohibition names are beyond all of them: that is carried out without judgement (21(3)).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from luvalla.rules.case_states import Right

EVERY: Final = frozenset(Right)
_ACCESS: Final = frozenset({Right.ACCESS})
_ERASING: Final = frozenset({Right.ERASURE, Right.FORGETTING, Right.ANONYMISATION})

LIMITS: Final[dict[str, frozenset[Right]]] = {
    "excessive": EVERY,
    "not_identified": EVERY,
    "not_ours": EVERY,
    "others_rights": _ACCESS,
    "national_security": _ACCESS,
    "serious_danger": _ACCESS,
    "supervision": _ACCESS,
    "ported_others": frozenset({Right.PORTABILITY}),
    "accurate": frozenset({Right.RECTIFICATION}),
    "still_needed": _ERASING,
    "expression": _ERASING,
    "legal_obligation": _ERASING,
    "archiving": _ERASING,
    "legal_claims": _ERASING,
    "contract_contact": _ERASING,
    "no_restriction": frozenset({Right.RESTRICTION}),
    "compelling": frozenset({Right.OBJECTION}),
}
"""Each ground by its code, and the rights that it can limit."""
SECTION_34: Final = frozenset({"national_security", "serious_danger", "supervision"})
"""Limits of access by section 34(1): the Data Protection Ombudsman gets the data at the person's wish (34(4))."""
ABSOLUTE: Final = frozenset({Right.OBJECTION, Right.PROHIBITION})
"""Rights that are never refused as a whole: marketing has stopped, whatever else is decided."""


def limits(ground: str, chosen: Collection[Right]) -> bool:
    """Tell whether a ground can limit one of the rights that are asked for."""
    return bool(LIMITS.get(ground, frozenset()) & set(chosen))
