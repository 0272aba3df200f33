"""What several forms of the requests desk have: long texts, and days that have been."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

REPEATED: Final = pgettext_lazy(
    "requests", "In the language of the request: the certificate repeats these words as they stand."
)


def long_text(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 4) -> forms.CharField:
    """Make a field for a text of some lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=20_000, widget=widget)


def been(day: date) -> date:
    """Give a day back that has been; ValidationError for one that hasn't."""
    if day > timezone.localdate():
        raise ValidationError(pgettext("requests", "This day has not been yet."))
    return day
