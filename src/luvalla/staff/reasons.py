"""The reason that an export or a print asks for: a few words that stay in the ledger, with nobody in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.register.catalogue import is_about_somebody


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
        if is_about_somebody(reason):
            raise ValidationError(pgettext("contacts", "Leave people out of the reason: it stays in the ledger."))
        return reason
