"""Allauth's forms of sign-in in our words, and with codes that are taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.staff.accounts.codes import use_up, was_used


class SignIn(LoginForm):
    """User name or address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is asked for; the way to a new password stands under the form."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = pgettext_lazy("sign-in", "User name or e-mail address")
        self.fields["password"].help_text = ""


class SecondFactor(AuthenticateForm):
    """The one-time code or recovery code of a sign-in."""

    def clean_code(self) -> str:
        """Take each one-time code once."""
        return _taken_once(self, super().clean_code)


class SecondFactorAgain(ReauthenticateForm):
    """The one-time code or recovery code by which a person who is signed in shows once more who they are."""

    def clean_code(self) -> str:
        """Take each one-time code once."""
        return _taken_once(self, super().clean_code)


def _taken_once(form: AuthenticateForm | ReauthenticateForm, clean: Callable[[], str]) -> str:
    """Give the code that the form found right; ValidationError when it is wrong, or right and spent."""
    try:
        code = clean()
    except ValidationError as fault:
        if fault.code == "incorrect_code" and was_used(form.user, form.cleaned_data["code"]):
            raise _spent() from None
        raise
    if form.authenticator.type == Authenticator.Type.TOTP and not use_up(form.authenticator, code):
        raise _spent()
    return code


def _spent() -> ValidationError:
    sentence = pgettext(
        "sign-in",
        "This code was used already; each is taken once. Wait until your authenticator application shows the next "
        "code, half a minute at most, and give that.",
    )
    return ValidationError(sentence, code="spent")


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
