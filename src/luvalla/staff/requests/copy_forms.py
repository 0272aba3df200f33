"""Forms for copies that travel between controllers: to whom one goes, and what becomes of one that came."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import pgettext_lazy

from luvalla.rights.models import ReceivingController
from luvalla.rights.queries import receiving_controllers
from luvalla.staff.records.changing import Country


class TransmitForm(forms.Form):
    """To whom a person's copy goes."""

    to = forms.ModelChoiceField(
        ReceivingController.objects.none(),
        label=pgettext_lazy("requests", "To which controller?"),
        help_text=pgettext_lazy("requests", "The register owner records them, under Requests, To other controllers."),
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the controllers to which copies can go."""
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = receiving_controllers()  # type: ignore[attr-defined]  # a choice of models


class ReceiverForm(forms.Form):
    """Another controller to which copies can go."""

    name = forms.CharField(label=pgettext_lazy("requests", "Name of the controller"), max_length=120)
    url = forms.URLField(
        label=pgettext_lazy("requests", "Address of its Luvalla"),
        help_text=pgettext_lazy("requests", "As people open its public site, beginning with https://."),
        max_length=300,
        assume_scheme="https",
    )
    country = Country(label=pgettext_lazy("requests", "Country"))
    key = forms.CharField(
        label=pgettext_lazy("requests", "The token it has given you"),
        help_text=pgettext_lazy("requests", "It is sealed, and no page shows it again."),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class RefuseForm(forms.Form):
    """Why a copy is refused."""

    reason = forms.CharField(
        label=pgettext_lazy("requests", "Why is it refused?"),
        help_text=pgettext_lazy("requests", "Nothing about the person: the reason stands in the ledger."),
        max_length=200,
    )
