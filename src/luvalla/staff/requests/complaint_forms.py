"""Forms of what an authority asks of the requests desk, and answers (GDPR 58, 77)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.staff.requests.fields import been, long_text
from luvalla.staff.requests.forms import countries


class ComplaintForm(forms.Form):
    """A complaint to an authority."""

    country = forms.ChoiceField(
        label=pgettext_lazy("requests", "The authority of which state?"),
        help_text=pgettext_lazy(
            "requests", "Where the person lives or works, or where they say it happened (GDPR 77)."
        ),
    )
    reference = forms.CharField(label=pgettext_lazy("requests", "Its reference"), required=False, max_length=60)
    received_on = forms.DateField(
        label=pgettext_lazy("requests", "When did it reach us?"), widget=forms.DateInput(attrs={"type": "date"})
    )
    answer_by = forms.DateField(
        label=pgettext_lazy("requests", "By when does it want an answer?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = long_text(pgettext_lazy("requests", "A word on it"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the authorities of the EEA, Finland's first."""
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]  # a field of choices

    def clean_received_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["received_on"])


class AnsweredForm(forms.Form):
    """When an authority was given its explanation."""

    answered_on = forms.DateField(
        label=pgettext_lazy("requests", "When was it answered?"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    note = long_text(pgettext_lazy("requests", "A word on it"), required=False, rows=2)

    def clean_answered_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["answered_on"])


class DeadlineForm(forms.Form):
    """Another day that an authority has named."""

    answer_by = forms.DateField(
        label=pgettext_lazy("requests", "By when does it want an answer?"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = long_text(pgettext_lazy("requests", "A word on it"), required=False, rows=2)


class DecidedForm(forms.Form):
    """What an authority has decided."""

    note = long_text(pgettext_lazy("requests", "What did it decide?"), rows=3)
