"""The headline is a sentence that counts: what awaits the person, and whether the promises are kept."""

from __future__ import annotations

from typing import Final

from django.utils.translation import npgettext, pgettext

from luvalla.rules.ports import Verdict
from luvalla.staff.formats import language

COUNT_WORDS: Final = {
    "fi": (
        "nolla", "yksi", "kaksi", "kolme", "neljä", "viisi", "kuusi", "seitsemän", "kahdeksan", "yhdeksän", "kymmenen",
    ),
    "sv": ("noll", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}  # fmt: skip


def headline(waiting: int, verdicts: list[Verdict]) -> str:
    """Say both in one line."""
    return f"{_waiting(waiting)} {_promises(verdicts)}"


def _waiting(count: int) -> str:
    if not count:
        return pgettext("front page", "Nothing waits for you.")
    said = npgettext("front page", "One thing waits for you.", "%(count)s things wait for you.", count)
    return said % {"count": _word(count)}


def _promises(verdicts: list[Verdict]) -> str:
    broken, unknown = verdicts.count(Verdict.BROKEN), verdicts.count(Verdict.UNKNOWN)
    if broken:
        said = npgettext("front page", "One promise is broken.", "%(count)s promises are broken.", broken)
        return said % {"count": _word(broken)}
    if unknown:
        said = npgettext(
            "front page", "One promise lacks a fresh proof.", "%(count)s promises lack a fresh proof.", unknown
        )
        return said % {"count": _word(unknown)}
    if Verdict.NOT_BUILT in verdicts:
        return pgettext("front page", "Every promise that is checked holds.")
    return pgettext("front page", "Every promise holds.")


def _word(count: int) -> str:
    """Spell small counts, and begin the sentence with a capital."""
    words = COUNT_WORDS[language()]
    return words[count].capitalize() if count < len(words) else str(count)
