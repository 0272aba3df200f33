"""Words for what a broken claim closes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import pgettext_lazy

CLOSES: Final = {
    "publishing": pgettext_lazy("claims", "publishing a new notice"),
    "sending": pgettext_lazy("claims", "sending"),
    "export": pgettext_lazy("claims", "exports"),
    "sign_in": pgettext_lazy("claims", "signing in"),
    "transfer": pgettext_lazy("claims", "transfers"),
    "print": pgettext_lazy("claims", "printing"),
    "analytics": pgettext_lazy("claims", "analytics"),
}


def closed_words(closes: Iterable[str]) -> str:
    """Name what is closed, with commas between."""
    return ", ".join(str(CLOSES.get(each, each)) for each in closes)
