"""Words that all desks share."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

LANGUAGES: Final = (("fi", "Suomi"), ("sv", "Svenska"), ("en", "English"))
"""Each in its own language."""
LANGUAGE_WORDS: Final[dict[str, str | Promise]] = {
    "fi": pgettext_lazy("language", "Finnish"),
    "sv": pgettext_lazy("language", "Swedish"),
    "en": pgettext_lazy("language", "English"),
}
"""Each in the language of the interface, as it stands within a line."""
