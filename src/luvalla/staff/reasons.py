"""The reason that an export or a print asks for: a few words that stay in the ledger, with nobody in them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.register.catalogue import GIVEN_NAMES, is_about_somebody

AT: Final = re.compile(r"\s*[\[({<]\s*(?:at|ät|miukumauku|snabel-?a)\s*[\])}>]\s*", re.IGNORECASE)
DOT: Final = re.compile(r"\s*[\[({<]\s*(?:dot|piste|punkt)\s*[\])}>]\s*", re.IGNORECASE)
SPACED_AT: Final = re.compile(r"\s*@\s*")
"""How an address is written so that programs don't take it for one."""
CALLED: Final = re.compile(r"(?<![\w.,-])(?:\+|00|0)[1-9][\d ()-]{4,14}\d(?!\w)")
"""A telephone number with its prefix; days and numbers of cases and contracts are none."""
CAPITALS: Final = re.compile(r"\b[A-ZÅÄÖ]{3,}\b")
CASES: Final = "n|lle|lta|lla|sta|ssa|a|ta|s"
"""Endings of Finnish and Swedish cases that a given name takes."""
TURNED: Final = re.compile(rf"\b[A-ZÅÄÖ][a-zåäö]+,? (?:{GIVEN_NAMES})(?:{CASES})?\b")
INFLECTED: Final = re.compile(rf"\b(?:{GIVEN_NAMES})(?:{CASES}) [A-ZÅÄÖ][a-zåäö]{{2,}}\b")
SMALL: Final = re.compile(
    rf"\b(?:{GIVEN_NAMES})(?:{CASES})? \w+(?:nen|se(?:n|lle|lta|lla)|sson|ström|berg|[qk]vist|gren|lund)\b",
    re.IGNORECASE,
)
"""A second name known by its ending, whatever its letters: "anna tiedot" is no name."""


class ReasonField(forms.CharField):
    """A typed reason. The ledger keeps it for years, so one that shows an address, a number or a name is refused."""

    def __init__(self, *, rows: int, **given: Any) -> None:
        """Ask for it in a field of so many rows."""
        super().__init__(
            max_length=400,
            widget=forms.Textarea(attrs={"rows": rows}),
            help_text=pgettext_lazy("paper", "The reason stays in the ledger beside your name. Name nobody in it."),
            error_messages={"min_length": pgettext_lazy("contacts", "Say it in a few words.")},
            **given,
        )

    def clean(self, value: Any) -> str:
        """Give the reason."""
        reason: str = super().clean(value)
        if speaks_of_somebody(reason):
            raise ValidationError(pgettext("contacts", "Leave people out of the reason: it stays in the ledger."))
        return reason


def speaks_of_somebody(text: str) -> bool:
    """Tell whether a typed text shows an address, a number or a name, also one that is written round about.

    >>> speaks_of_somebody("maija [at] esimerkki.fi"), speaks_of_somebody("VIRTANEN, MAIJA")
    (True, True)
    >>> speaks_of_somebody("Anna tiedot 30.11.2026 mennessä, sopimus DPA-2026-0015")
    False
    """
    shown = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    said = " ".join(DOT.sub(".", AT.sub("@", shown)).split())
    joined, lowered = SPACED_AT.sub("@", said), CAPITALS.sub(lambda word: word[0].capitalize(), said)
    patterns = (CALLED.search(said), TURNED.search(lowered), INFLECTED.search(lowered), SMALL.search(said))
    return any(map(is_about_somebody, (said, joined, lowered))) or any(patterns)
