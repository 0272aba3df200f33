"""Signing the undertaking of secrecy: the text is read, the name is typed, and the password is given again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext, pgettext_lazy
from django.views.generic import FormView

from luvalla.people.actions import record_undertaking
from luvalla.people.models import Undertaking, User
from luvalla.people.queries import actor_of
from luvalla.people.versions import current_text
from luvalla.staff.accounts.copies import send_copy
from luvalla.staff.accounts.proving import SigningForm
from luvalla.staff.accounts.signers import SIGNER_KEY, signer_of
from luvalla.staff.words import LANGUAGES


class UndertakingForm(SigningForm):
    """What makes the signature of the undertaking: having read it as well."""

    has_read = forms.BooleanField(
        label=pgettext_lazy("signing", "I have read the undertaking and commit myself to it.")
    )
    field_order = ("has_read",)


class SignUndertaking(FormView[UndertakingForm]):
    """The page of the undertaking: for whoever's account waits for it, and for those who sign it anew."""

    template_name = "account/undertaking/sign.html"
    form_class = UndertakingForm

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

    def form_valid(self, form: UndertakingForm) -> HttpResponse:
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
