"""Signing the undertaking of secrecy: the text is read, the name is typed, and the password is given again."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext, pgettext_lazy
from django.views.generic import FormView

from luvalla.people.actions import current_text, record_undertaking
from luvalla.people.models import Undertaking, User
from luvalla.people.queries import actor_of
from luvalla.staff.accounts.copies import send_copy
from luvalla.staff.accounts.signers import SIGNER_KEY, signer_of
from luvalla.staff.words import LANGUAGES

JUST_NOW: Final = 300


class SigningForm(forms.Form):
    """What makes a signature: having read the text, one's own name, and the password again."""

    has_read = forms.BooleanField(
        label=pgettext_lazy("signing", "I have read the undertaking and commit myself to it.")
    )
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
        """Leave the password out for whoever has none, or has just shown a passkey or signed in elsewhere."""
        super().__init__(*args, **kwargs)
        self._request, self._signer = request, signer
        if not signer.has_usable_password() or _showed_key_just_now(request, signer):
            del self.fields["password"]

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


class SignUndertaking(FormView[SigningForm]):
    """The page of the undertaking: for whoever's account waits for it, and for those who sign it anew."""

    template_name = "account/undertaking/sign.html"
    form_class = SigningForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whoever hasn't proved who they are to the sign-in page."""
        signer = signer_of(request)
        if signer is None:
            return HttpResponseRedirect(reverse("account_login"))
        self.signer = signer
        self.language = _language(request.GET.get("language"), signer)
        with translation.override(self.language):
            answer = super().dispatch(request, *args, **kwargs)
            render = getattr(answer, "render", None)
            return render() if render else answer

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form whose signature it is."""
        return {**super().get_form_kwargs(), "request": self.request, "signer": self.signer}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give the text in the language that was chosen."""
        text = current_text()
        words = {"text": text, "body": getattr(text, f"text_{self.language}"), "language": self.language}
        others = [each for each in LANGUAGES if each[0] != self.language]
        return super().get_context_data(signer=self.signer, text_languages=others, **words, **kwargs)

    def form_valid(self, form: SigningForm) -> HttpResponse:
        """Record the signature and send its copy; then the account opens at the sign-in page."""
        undertaking = record_undertaking(
            user=self.signer,
            typed_name=form.cleaned_data["typed_name"],
            language=self.language,
            method=Undertaking.IN_SYSTEM,
            actor=actor_of(self.signer),
        )
        send_copy(undertaking)
        self.request.session.pop(SIGNER_KEY, None)
        signed = pgettext(
            "signing", "You have signed the undertaking of secrecy. A copy is on its way to your mailbox."
        )
        messages.success(self.request, signed)
        is_in = isinstance(self.request.user, User)
        return HttpResponseRedirect(reverse("wagtailadmin_account" if is_in else "account_login"))


def _language(asked: str | None, signer: User) -> str:
    return asked if asked in dict(LANGUAGES) else signer.language


def _showed_key_just_now(request: HttpRequest, signer: User) -> bool:
    """Tell whether the signed-in person has shown a passkey a moment ago, which counts as the password again."""
    if request.user != signer:
        return False
    shown = [each["at"] for each in get_authentication_records(request, signer) if each.get("type") == "webauthn"]
    return bool(shown) and time.time() - float(shown[-1]) < JUST_NOW
