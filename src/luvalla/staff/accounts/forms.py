"""Allauth's form of sign-in in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import pgettext_lazy


class SignIn(LoginForm):
    """User name or address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is asked for; the way to a new password stands under the form."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = pgettext_lazy("sign-in", "User name or e-mail address")
        self.fields["password"].help_text = ""


class AddPasskey(AddWebAuthnForm):
    """A name for the passkey, and whether it signs its person in alone."""

    passwordless = forms.BooleanField(
        label=pgettext_lazy("passkey", "Sign in with the passkey alone, without the password"),
        help_text=pgettext_lazy("passkey", "The device then always asks for your fingerprint, face or PIN."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Call the name what it is."""
        super().__init__(*args, **kwargs)
        self.fields["name"].label = pgettext_lazy("passkey", "Name, by which you know it again")
        self.fields["name"].initial = self.initial["name"] = ""
        self.fields["name"].required = True
