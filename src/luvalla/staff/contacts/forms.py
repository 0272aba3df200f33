"""Forms of the contacts desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import disclosees
from luvalla.register.models import Audience
from luvalla.rules.address import Address, NotAnAddress, normalise, normalise_domain
from luvalla.rules.purposes import Prohibited
from luvalla.staff.contacts.words import CHANNELS, FAULTS, LOOKS, PROHIBITIONS
from luvalla.staff.reasons import ReasonField


class SearchForm(forms.Form):
    """Search by a whole address or by a domain: addresses are sealed, and no part of one can be searched."""

    sought = forms.CharField(label=pgettext_lazy("contacts", "Whole address, or a domain"), max_length=254)
    purpose = forms.ChoiceField(
        label=pgettext_lazy("contacts", "What for?"),
        choices=(("", pgettext_lazy("look", "Choose")), *LOOKS.items()),
    )

    def clean_sought(self) -> Address | str:
        """Give an Address, or a domain in A-labels for text without a local part."""
        text: str = self.cleaned_data["sought"].strip()
        try:
            return normalise(text) if "@" in text.lstrip("@") else normalise_domain(text)
        except NotAnAddress as fault:
            raise ValidationError(FAULTS[fault.fault]) from None


class UncoverForm(forms.Form):
    """Why an address is looked at. Nothing is chosen beforehand."""

    purpose = forms.ChoiceField(
        label=pgettext_lazy("look", "What do you need the address for?"),
        choices=LOOKS.items(),
        widget=forms.RadioSelect,
    )


class ReasonForm(forms.Form):
    """Where a data subject's wish came from and how, for the ledger."""

    channel = forms.ChoiceField(
        label=pgettext_lazy("contacts", "How did the wish reach you?"),
        choices=CHANNELS.items(),
        widget=forms.RadioSelect,
    )


class RestrictForm(ReasonForm):
    """Restriction of processing (GDPR 18)."""

    reason = forms.ChoiceField(
        label=pgettext_lazy("contacts", "Why is the processing restricted?"),
        choices=(
            ("accuracy", pgettext_lazy("restriction", "The data subject contests that the data is right")),
            ("unlawful", pgettext_lazy("restriction", "The processing is unlawful, and erasure isn't wanted")),
            ("claim", pgettext_lazy("restriction", "The data subject needs the data for a legal claim")),
            ("objection", pgettext_lazy("restriction", "An objection is being examined")),
        ),
        widget=forms.RadioSelect,
    )


class ProhibitForm(ReasonForm):
    """Prohibitions, kind by kind (GDPR 21)."""

    kinds = forms.MultipleChoiceField(
        label=pgettext_lazy("contacts", "What is forbidden?"),
        choices=[(int(kind), word) for kind, word in PROHIBITIONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("kinds", "channel")

    def clean_kinds(self) -> Prohibited:
        """Give the chosen kinds as one sum."""
        return Prohibited(sum(int(each) for each in self.cleaned_data["kinds"]))


class FileReasonForm(forms.Form):
    """Why addresses leave the system as a file."""

    reason = ReasonField(
        label=pgettext_lazy("contacts", "Why do the addresses leave the system?"), min_length=10, rows=3
    )


class ExportForm(FileReasonForm):
    """An export of addresses: whose, for what, to whom, and why."""

    audience = forms.ModelChoiceField(
        Audience.objects.order_by("pk"), label=pgettext_lazy("contacts", "Whose addresses?"), empty_label=None
    )
    purpose = forms.ChoiceField(
        label=pgettext_lazy("contacts", "What for?"), choices=LOOKS.items(), widget=forms.RadioSelect
    )
    to = forms.ModelChoiceField(
        Disclosee.objects.none(),
        label=pgettext_lazy("contacts", "Who gets them?"),
        help_text=pgettext_lazy(
            "contacts",
            "A recipient is told when these people are corrected, erased or restricted later, and they are told of it "
            "when they ask. Recipients are recorded in the records of processing.",
        ),
        empty_label=pgettext_lazy("contacts", "Nobody else: the file stays in the organisation"),
        required=False,
    )
    field_order = ("audience", "purpose", "to", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the disclosees of today."""
        super().__init__(*args, **kwargs)
        in_force = [each.pk for each in disclosees(timezone.localdate())]
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = Disclosee.objects.filter(pk__in=in_force).order_by("name")
