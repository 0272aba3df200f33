"""Forms about those who were given data: a disclosure noted by hand, and letters that were posted."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.notices.records.words import BASES
from luvalla.organisation.models import Disclosee
from luvalla.register.models import SingleDisclosure
from luvalla.rules.address import Address, NotAnAddress, normalise
from luvalla.rules.purposes import DiscloseeKind, LegalBasis
from luvalla.staff.contacts.words import FAULTS
from luvalla.staff.reasons import ReasonField
from luvalla.staff.requests.fields import been, long_text

WAYS: Final[dict[str, str | Promise]] = {
    SingleDisclosure.Way.PHONE: pgettext_lazy("disclosees", "by telephone"),
    SingleDisclosure.Way.PAPER: pgettext_lazy("disclosees", "on paper"),
    SingleDisclosure.Way.MAIL: pgettext_lazy("disclosees", "by e-mail"),
    SingleDisclosure.Way.IN_PERSON: pgettext_lazy("disclosees", "in person"),
    SingleDisclosure.Way.PROGRAM: pgettext_lazy("disclosees", "by another program"),
}


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, initial=timezone.localdate, widget=widget, **kwargs)


class DisclosureForm(forms.Form):
    """Whose data was given, to whom, when, how, what of it and on which ground."""

    address = forms.CharField(
        label=pgettext_lazy("disclosees", "Whose data? The person's e-mail address"), max_length=320
    )
    to = forms.ModelChoiceField(
        Disclosee.objects.none(),
        label=pgettext_lazy("disclosees", "Who was given it?"),
        help_text=pgettext_lazy(
            "disclosees",
            "Recipients are recorded in the records of processing. Tick there that single disclosures are noted, where "
            "a recipient has nothing else.",
        ),
        empty_label=pgettext_lazy("look", "Choose"),
    )
    given_on = _day(pgettext_lazy("disclosees", "When?"))
    way = forms.ChoiceField(
        label=pgettext_lazy("disclosees", "How?"), choices=list(WAYS.items()), widget=forms.RadioSelect
    )
    what = long_text(
        pgettext_lazy("disclosees", "What was given?"),
        help_text=pgettext_lazy("disclosees", "The person reads this in their copy. It is sealed."),
        rows=3,
    )
    basis = forms.ChoiceField(label=pgettext_lazy("disclosees", "On which ground?"), choices=list(BASES.items()))
    provision = forms.CharField(
        label=pgettext_lazy("disclosees", "The section of the law, or the reference of the demand"),
        max_length=200,
        required=False,
    )
    is_for_inquiry = forms.BooleanField(
        label=pgettext_lazy("disclosees", "An authority got it for a particular inquiry that the law gives it"),
        help_text=pgettext_lazy(
            "disclosees",
            "Then it is no recipient (GDPR 4(9)): it is not told of changes and not named among the recipients. The "
            "note itself is found when the person asks; leave it out of the copy if the law limits their right to "
            "see it.",
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer all disclosees, ended ones too: it may be noted afterwards."""
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = Disclosee.objects.order_by("name")

    def clean_address(self) -> Address:
        """Give the address in its one spelling."""
        try:
            return normalise(self.cleaned_data["address"])
        except NotAnAddress as fault:
            raise ValidationError(FAULTS[fault.fault]) from None

    def clean_given_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["given_on"])

    def clean_way(self) -> SingleDisclosure.Way:
        """Give the way."""
        return SingleDisclosure.Way(self.cleaned_data["way"])

    def clean_basis(self) -> LegalBasis:
        """Give the ground."""
        return LegalBasis(self.cleaned_data["basis"])

    def clean(self) -> dict[str, Any]:
        """Allow an inquiry to authorities only."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        to = given.get("to")
        if given.get("is_for_inquiry") and to is not None and to.kind != DiscloseeKind.AUTHORITY:
            self.add_error("is_for_inquiry", pgettext("disclosees", "Only an authority has inquiries of this kind."))
        return given


class TakeBackForm(forms.Form):
    """Why a noted disclosure was wrong."""

    reason = ReasonField(label=pgettext_lazy("disclosees", "Why is the note wrong?"), min_length=5, rows=2)


class PostedForm(forms.Form):
    """When the letter was posted."""

    posted_on = _day(
        pgettext_lazy("requests", "On which day?"),
        help_text=pgettext_lazy("disclosees", "Only what stood in the letter is noted as told. Its addresses go."),
    )

    def clean_posted_on(self) -> Any:
        """Refuse a day that has not been."""
        return been(self.cleaned_data["posted_on"])


class UntoldForm(forms.Form):
    """Why a disclosee can't be told."""

    why = long_text(
        pgettext_lazy("disclosees", "Why is it impossible, or a disproportionate effort? (GDPR 19)"),
        help_text=pgettext_lazy("disclosees", "All that waits for this recipient by post is noted as untold."),
        rows=3,
    )
