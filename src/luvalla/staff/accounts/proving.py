"""Showing once more who one is, before something is signed: the password again, a passkey, or a sign-in just now."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.people.models import User

JUST_NOW: Final = 300
"""Seconds for which what was shown counts as shown just now."""


class SigningForm(forms.Form):
    """What makes a signature: one's own name, and once more the proof of who one is."""

    typed_name = forms.CharField(
        label=pgettext_lazy("signing", "Your full name, as a signature"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=pgettext_lazy("signing", "Your password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, signer: User, **kwargs: Any) -> None:
        """Leave the password out for whoever has none, or has shown a passkey just now."""
        super().__init__(*args, **kwargs)
        self._request, self._signer = request, signer
        if not signer.has_usable_password() or _showed_just_now(request, signer, only_passkeys=True):
            del self.fields["password"]

    @property
    def lacks_proof(self) -> bool:
        """Whether the signer has no password, and it is a while since they showed who they are."""
        is_in = self._request.user == self._signer  # who isn't has come from the sign-in page a moment ago
        has_none = "password" not in self.fields and is_in
        return has_none and not _showed_just_now(self._request, self._signer, only_passkeys=False)

    @property
    def offers_passkey(self) -> bool:
        """Whether the signed-in signer can show a passkey instead."""
        return self._may_show(Authenticator.Type.WEBAUTHN) and ("password" in self.fields or self.lacks_proof)

    @property
    def offers_code(self) -> bool:
        """Whether the signed-in signer, who has no password, can show a one-time code."""
        return self._may_show(Authenticator.Type.TOTP) and self.lacks_proof

    def _may_show(self, what: str) -> bool:
        is_in = self._request.user == self._signer
        return is_in and Authenticator.objects.filter(user=self._signer, type=what).exists()

    def clean_typed_name(self) -> str:
        """Compare the name with the account's."""
        name = " ".join(self.cleaned_data["typed_name"].split())
        if name.casefold() != self._signer.full_name.casefold():
            sentence = pgettext("signing", "Write your name as your account has it: %(name)s.")
            raise ValidationError(sentence % {"name": self._signer.full_name})
        return name

    def clean_password(self) -> str:
        """Check the password, not more often than somebody mistypes one."""
        if not ratelimit.consume(self._request, action="reauthenticate", user=self._signer):
            raise ValidationError(pgettext("signing", "Too many attempts. Wait a minute, then try again."))
        password: str = self.cleaned_data["password"]
        if not self._signer.check_password(password):
            raise ValidationError(pgettext("signing", "That isn't your password. Nothing was signed."))
        return password

    def clean(self) -> dict[str, Any] | None:
        """Ask whoever has no password for another proof."""
        if self.lacks_proof:
            sentence = pgettext(
                "signing",
                "Your account has no password, so show first with a passkey or a one-time code who you are, or sign "
                "out and in again. Then sign within five minutes. Nothing was signed.",
            )
            raise ValidationError(sentence)
        return super().clean()


def _showed_just_now(request: HttpRequest, signer: User, *, only_passkeys: bool) -> bool:
    """Tell whether the signed-in person has shown who they are a moment ago: by a passkey, or by anything."""
    if request.user != signer:
        return False
    shown = [
        float(each["at"])
        for each in get_authentication_records(request, signer)
        if not only_passkeys or each.get("type") == "webauthn"
    ]
    return bool(shown) and time.time() - shown[-1] < JUST_NOW
