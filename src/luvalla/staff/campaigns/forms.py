"""Forms of the desk of newsletters."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.rules.address import Address, NotAnAddress, normalise


class NothingForm(forms.Form):
    """A step that asks for nothing but its button."""


class ApproveForm(forms.Form):
    """Which version was looked at; the page fills it in."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    """Why a newsletter goes back to its author."""

    note = forms.CharField(
        label=pgettext_lazy("campaigns", "What should be changed?"),
        help_text=pgettext_lazy("campaigns", "The author sees the note, and it stays in the ledger."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CancelForm(forms.Form):
    """Why a newsletter isn't sent, or not to all."""

    reason = forms.CharField(
        label=pgettext_lazy("campaigns", "Why is it cancelled?"),
        help_text=pgettext_lazy("campaigns", "The reason stays in the ledger."),
        max_length=500,
        required=False,
    )


class ScheduleForm(forms.Form):
    """When a newsletter leaves."""

    day = forms.DateField(
        label=pgettext_lazy("campaigns", "Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=pgettext_lazy("campaigns", "Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        """Make one moment of day and time; it has to be still to come."""
        given = super().clean() or {}
        day, at = given.get("day"), given.get("at")
        if day is None or at is None:
            return given
        given["send_at"] = timezone.make_aware(datetime.combine(day, at if isinstance(at, time) else time(9)))
        if given["send_at"] <= timezone.now():
            raise ValidationError(pgettext("campaigns", "This time has passed. Choose a later one."))
        return given


class TestForm(forms.Form):
    """Where a test letter goes."""

    to = forms.CharField(
        label=pgettext_lazy("campaigns", "Send the test letter to"),
        help_text=pgettext_lazy("campaigns", "A mailbox of the staff. The stop link of a test letter stops nobody."),
        max_length=254,
    )

    def clean_to(self) -> Address:
        """Give the address, or say that it is none."""
        try:
            return normalise(self.cleaned_data["to"])
        except NotAnAddress:
            raise ValidationError(pgettext("campaigns", "This is not an e-mail address.")) from None
