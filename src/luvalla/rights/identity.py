"""The identity ladder (GDPR 12(2), 12(6), 11(2)): no more is asked than a request needs, and never a document.

0: the token in a message, or nothing. 1: the registered mailbox has answered. 2: that, and something only the person
knows, or details on the paper and a known postal address. 3: strong electronic identification or in person, offered.
"""

from __future__ import annotations

import re
from typing import Final

from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right

NEEDED: Final[dict[Right, int]] = {
    Right.ACCESS: 1,
    Right.PROHIBITION: 0,
    Right.PORTABILITY: 1,
    Right.RECTIFICATION: 1,
    Right.RESTRICTION: 1,
    Right.OBJECTION: 0,
    Right.ERASURE: 1,
    Right.ANONYMISATION: 1,
    Right.FORGETTING: 1,
    Right.COMPLAINT: 0,
}
HIGHEST: Final = 3
PERSONAL_CODE: Final = re.compile(r"\b\d{6}[-+A-FU-Ya-fu-y]\d{3}[0-9A-Ya-y]\b")
"""A Finnish personal identity code (act 661/2009; its newer separators too)."""
TAKEN_OUT: Final = "[…]"


def needed_level(request: DataRequest) -> int:
    """Tell the level a request needs before it is carried out."""
    return max((NEEDED[each] for each in request.chosen), default=1)


def without_codes(text: str) -> tuple[str, bool]:
    """Take personal identity codes out of a text before it is kept (Data Protection Act, section 29).

    >>> without_codes("Olen Maija, 010190-123A.")
    ('Olen Maija, […].', True)
    """
    cleaned, count = PERSONAL_CODE.subn(TAKEN_OUT, text)
    return cleaned, bool(count)
