"""Characters a letter can hold."""

from __future__ import annotations

import re
from typing import Final

# What XML 1.0 cannot hold (section 2.2) or discourages there: controls, lone surrogates, non-characters.
UNFIT: Final = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


def fit(text: str) -> str:
    """Leave out what has no meaning in a letter and no place in its markup."""
    return UNFIT.sub("", text)
