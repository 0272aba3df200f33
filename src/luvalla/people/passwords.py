"""Passwords that can be guessed, found without asking anybody on the network."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import pgettext
from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it carries no types

GOOD_ENOUGH: Final = 3
"""Of zxcvbn's 0-4: safely unguessable, over 10^8 guesses against a slow hash."""
LOOKED_AT: Final = 72
"""Characters that zxcvbn looks at."""


class HardToGuess:
    """Refuses what zxcvbn guesses: leaked passwords, names, keyboard walks, dates, and the person's own particulars."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when the password can be guessed."""
        own = [str(getattr(user, name, "")) for name in ("username", "email", "full_name")] if user else []
        words = [each for text in own for each in (text, *text.replace("@", " ").replace(".", " ").split()) if each]
        if zxcvbn(password[:LOOKED_AT], user_inputs=["luvalla", *words])["score"] < GOOD_ENOUGH:
            sentence = pgettext(
                "password", "The password is too easy to guess. Take four or five words that don't belong together."
            )
            raise ValidationError(sentence, code="guessable")

    def get_help_text(self) -> str:
        """Say what is asked for."""
        return pgettext("password", "Easy to remember is fine; easy to guess is not.")
