"""The field every form of the site has: an address, and a trap that only programs fill in."""

from __future__ import annotations

from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import pgettext_lazy

from luvalla.rules.address import Address, Fault, NotAnAddress, normalise

SENTENCES: Final = {
    Fault.EMPTY: pgettext_lazy("address", "Write your e-mail address."),
    Fault.NO_AT_SIGN: pgettext_lazy("address", "The address has no @ sign."),
    Fault.SEVERAL: pgettext_lazy("address", "There are several addresses here. Write one."),
    Fault.FORMULA: pgettext_lazy("address", "This does not look like an address."),
    Fault.TOO_LONG: pgettext_lazy("address", "The address is too long."),
    Fault.NO_DOMAIN: pgettext_lazy("address", "The address has no domain after the @ sign."),
    Fault.BAD_DOMAIN: pgettext_lazy("address", "The part after the @ sign is not a domain."),
    Fault.BAD_LOCAL_PART: pgettext_lazy("address", "The part before the @ sign has characters no address has."),
    Fault.CONTROL_CHARACTER: pgettext_lazy("address", "The address has characters that can't be seen. Write it again."),
}


class AddressForm(forms.Form):
    """An address as a person types it. The errors are about its spelling only, never about whose it is."""

    email = forms.CharField(max_length=1000, required=False, strip=True)
    website = forms.CharField(max_length=1000, required=False)
    """Hidden from people; what fills it in is a program, and gets the same answer for nothing."""

    def clean_email(self) -> Address:
        """Give the address in its one spelling."""
        try:
            return normalise(self.cleaned_data["email"])
        except NotAnAddress as fault:
            raise ValidationError(SENTENCES[fault.fault]) from None

    @property
    def address(self) -> Address:
        """The address of a valid form."""
        address: Address = self.cleaned_data["email"]
        return address

    def is_by_a_person(self) -> bool:
        """Tell whether the trap is empty."""
        return not self.cleaned_data.get("website")
