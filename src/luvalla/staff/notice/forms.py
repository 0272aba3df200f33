"""Forms of the desk of the notice."""

from __future__ import annotations

from django import forms
from django.utils.translation import pgettext_lazy


class OpinionForm(forms.Form):
    """The data protection officer's opinion. Nothing is chosen beforehand."""

    side = forms.ChoiceField(
        label=pgettext_lazy("opinion", "Should this text be published?"),
        choices=(
            ("for", pgettext_lazy("opinion", "Yes, I am for it")),
            ("against", pgettext_lazy("opinion", "No, I am against it")),
        ),
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=pgettext_lazy("opinion", "The opinion, with its reasons"),
        help_text=pgettext_lazy("opinion", "It is kept with the version and in the ledger under your name."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    draft = forms.CharField(max_length=64, widget=forms.HiddenInput)


class PublishForm(forms.Form):
    """The day of publishing, and the reason where the opinion is against it."""

    published_on = forms.CharField(
        label=pgettext_lazy("publishing", "Day of publishing"),
        help_text=pgettext_lazy("publishing", "Today, or a day since the last version."),
        max_length=10,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label=pgettext_lazy("publishing", "Why is it published against the opinion?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
