"""The language of the console: the setting `language`, else the locale of the environment; English for all others.

Commands that need no database start without Django, so texts of this room come from Python's own gettext.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from luvalla.config.environment import ConfigurationError, read_environment

LANGUAGES: Final = ("fi", "sv", "en")
VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
LOCALE: Final = Path(__file__).parent / "locale"


def console_language(environment: Mapping[str, str]) -> str:
    """Give the code of the language to speak: LUVALLA_LANGUAGE, then the first variable of the locale that is set."""
    try:
        setting = read_environment(environment).language
    except ConfigurationError:
        setting = ""  # the command that needs the settings says what is wrong with them
    named = setting or next((environment[name] for name in VARIABLES if environment.get(name)), "en")
    code = named.replace("-", "_").split("_")[0].split(".")[0].lower()
    return code if code in LANGUAGES else "en"


def use_language(code: str) -> None:
    """Speak that language from now on. Texts already taken keep theirs."""
    global _texts  # noqa: PLW0603  # one console has one language
    # Click asks the default domain, in the language that this variable names.
    gettext.bindtextdomain("django", str(LOCALE))
    gettext.textdomain("django")
    os.environ["LANGUAGE"] = code
    _texts = gettext.translation("django", LOCALE, [code], fallback=True)


def pgettext(context: str, message: str) -> str:
    """Translate a text of the command line."""
    return _texts.pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, number: int) -> str:
    """Translate a text of the command line that counts something."""
    return _texts.npgettext(context, singular, plural, number)


_texts: gettext.NullTranslations = gettext.NullTranslations()
use_language(console_language(os.environ))
