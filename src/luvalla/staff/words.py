"""Words that all desks share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.rules.purposes import LookedAtFor

LANGUAGES: Final = (("fi", "Suomi"), ("sv", "Svenska"), ("en", "English"))
"""Each in its own language."""
LANGUAGE_WORDS: Final[dict[str, str | Promise]] = {
    "fi": pgettext_lazy("language", "Finnish"),
    "sv": pgettext_lazy("language", "Swedish"),
    "en": pgettext_lazy("language", "English"),
}
"""Each in the language of the interface, as it stands within a line."""
WHAT_FOR: Final[Mapping[str, Promise]] = {
    LookedAtFor.REQUEST: pgettext_lazy("look", "A request of the data subject"),
    LookedAtFor.DELIVERY: pgettext_lazy("look", "Clearing up a delivery"),
    LookedAtFor.IMPORT: pgettext_lazy("look", "Checking an import"),
    LookedAtFor.UPKEEP: pgettext_lazy("look", "Upkeep of the newsletter"),
    LookedAtFor.SOURCE: pgettext_lazy("look", "Telling the source"),
    LookedAtFor.ORDER: pgettext_lazy("look at paper", "Keeping the paper in order"),
    LookedAtFor.SUPERVISION: pgettext_lazy("look", "Supervision of the register"),
    LookedAtFor.BREACH: pgettext_lazy("look", "Dealing with a breach"),
    LookedAtFor.SECRECY: pgettext_lazy("look", "Undertakings of secrecy"),
    LookedAtFor.KEYS: pgettext_lazy("look", "Keeping the keys"),
}
"""What a look at personal data was for."""
