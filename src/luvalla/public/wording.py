"""The words of a consent, as the form shows them and as its proof keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.utils.translation import pgettext

from luvalla.public.purposes import Choice


def statement(sender: str) -> str:
    """Give the sentence of the consent in the language of the page."""
    said = pgettext(
        "sign-up",
        "%(sender)s may send me by e-mail the letters I have ticked. I can take this permission back at any time.",
    )
    return said % {"sender": sender}


def as_given(sender: str, chosen: Iterable[Choice]) -> str:
    """Give the consent with what was ticked, word for word, one line each."""
    return "\n".join((statement(sender), *(_line(each) for each in chosen)))


def hash_of_form(sender: str, offered: Iterable[Choice]) -> str:
    """Name what a form shows, so that a consent to other words than those on the page is noticed."""
    return hashlib.sha256(as_given(sender, offered).encode()).hexdigest()[:32]


def _line(choice: Choice) -> str:
    return f"{choice.name}: {choice.description}" if choice.description else choice.name
