"""Signing up and confirming: the same answer for every address, and nothing before the mailbox has said yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import pgettext

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.vault import keyring
from luvalla.notices.queries import current_notice, notice_version
from luvalla.organisation.callers import network_of
from luvalla.organisation.queries import the_controller
from luvalla.public import asking
from luvalla.public.addressform import AddressForm
from luvalla.public.formats import day, moment
from luvalla.public.limits import ASKING
from luvalla.public.masking import mask_own
from luvalla.public.page import NEVER_KEPT, public_page, show
from luvalla.public.paths import IN_LANGUAGE, LANGUAGES
from luvalla.public.purposes import Choice, named, to_ask_for
from luvalla.public.wording import hash_of_form, statement
from luvalla.register.errors import Suppressed
from luvalla.register.links import make_stop_token
from luvalla.register.models import Contact
from luvalla.register.sign_up import Consent, SignUp, audiences_for_sign_up, sign_up_of, source_of_sign_ups
from luvalla.register.sign_up import confirm as confirm_sign_up


class SignUpForm(AddressForm):
    """An address, the letters that are wanted, and in which language where there is a choice."""

    purposes = forms.MultipleChoiceField(required=False)
    letters_in = forms.ChoiceField(required=False)
    seen = forms.CharField(required=False, max_length=64)
    """Names the words that the form has shown."""

    def __init__(self, data: Mapping[str, Any] | None, offer: Offer) -> None:
        """Offer what is offered now."""
        super().__init__(data)
        self.offer = offer
        self.fields["purposes"].choices = [(each.key, each.name) for each in offer.choices]  # type: ignore[attr-defined]  # a field of choices
        self.fields["letters_in"].choices = [(each, each) for each in offer.languages]  # type: ignore[attr-defined]  # a field of choices

    def clean_purposes(self) -> list[Choice]:
        """Give the ticked purposes; without any there is nothing to consent to."""
        ticked = named(self.cleaned_data["purposes"], self.offer.choices)
        if not ticked:
            raise ValidationError(pgettext("sign-up", "Tick at least one kind of letter."))
        return ticked

    def clean_letters_in(self) -> str:
        """Give the language of the letters; where there is only one, it needs no answer."""
        return str(self.cleaned_data["letters_in"] or self.offer.first_language)

    def clean_seen(self) -> str:
        """Refuse a consent to words that have changed since the page was opened."""
        if self.cleaned_data["seen"] != self.offer.hash:
            raise ValidationError(pgettext("sign-up", "The words of this page have changed. Read them again, please."))
        return self.offer.hash


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be asked for now, and in which words."""

    choices: tuple[Choice, ...]
    languages: tuple[str, ...]
    """Languages in which letters are written for those who sign up."""
    first_language: str
    statement: str
    hash: str


@public_page
def sign_up(request: HttpRequest, *, language: str) -> HttpResponse:
    """Show the form; ask the mailbox when it is filled in."""
    offer = _offer(language)
    form = SignUpForm(request.POST if request.method == "POST" else None, offer)
    context = {
        "page": "sign_up",
        "form": form,
        "offer": offer,
        "language_names": _names(offer.languages),
        "letters_in": form["letters_in"].value() or offer.first_language,
        "only_language": IN_LANGUAGE.get(offer.first_language, "") if len(offer.languages) == 1 else "",
    }
    if not offer.choices or source_of_sign_ups() is None:
        return show("sign_up_closed.html", language, {"page": "sign_up"})
    if not (form.is_bound and form.is_valid()):
        # What was shown is named anew, so that the words now on the page are the ones that count.
        return show("sign_up.html", language, context, status=400 if form.is_bound else 200)
    if not ASKING.allows(network_of(request)):
        return show("too_many.html", language, {"page": "sign_up"}, status=429)
    if form.is_by_a_person():
        _ask(form, language)
    return show("sign_up_sent.html", language, {"page": "sign_up"})


@public_page
def confirm(request: HttpRequest, *, language: str, token: str) -> HttpResponse:
    """Show what is to be confirmed; only the button confirms it."""
    page: dict[str, object] = {"page": "confirm", "parts": {"token": token}}
    if request.method == "POST":
        response = _confirmed(token, language, page)
    else:
        response = _to_confirm(sign_up_of(token), language, page)
    for name, value in NEVER_KEPT.items():
        response.headers[name] = value
    return response


def _ask(form: SignUpForm, language: str) -> None:
    notice = current_notice()
    asking.send_confirmation(
        address=form.address,
        chosen=form.cleaned_data["purposes"],
        letters_in=form.cleaned_data["letters_in"],
        language=language,
        notice_version=notice.version if notice else 0,
        actor=SUBJECT,
    )


def _to_confirm(waiting: SignUp | None, language: str, page: dict[str, object]) -> HttpResponse:
    if waiting is None:
        return show("confirm_gone.html", language, page)
    chosen = named(waiting.purposes, to_ask_for(language))
    context = {
        "address": mask_own(waiting.address),
        "wording": waiting.wording.partition("\n")[0],
        "chosen": chosen,
        "expires_on": day(waiting.expires_at, language),
    }
    return show("confirm.html", language, {**page, **context})


def _confirmed(token: str, language: str, page: dict[str, object]) -> HttpResponse:
    try:
        consent = confirm_sign_up(token=token, actor=SUBJECT)
    except Suppressed:
        return show("confirm_company.html", language, page)
    if consent is None:
        return show("confirm_gone.html", language, page)
    return show("confirmed.html", language, {"page": "front", **_permit(consent, language)})


def _permit(consent: Consent, language: str) -> dict[str, object]:
    said, contact = consent.sign_up, consent.permission.contact
    notice = notice_version(said.notice_version)
    names = [each.name for each in named(said.purposes, to_ask_for(language))]
    return {
        "address": mask_own(said.address),
        "wording": said.wording.partition("\n")[0],
        "gets": ", ".join((*names, str(IN_LANGUAGE.get(said.language, said.language)))),
        "confirmed_at": moment(consent.confirmed_at, language),
        "notice": notice,
        "notice_day": day(notice.published_on, language) if notice else "",
        "stop_path": f"{_stop_path(contact)}?language={language}",
    }


def _stop_path(contact: Contact) -> str:
    token = make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=0, keyring=keyring())
    return reverse("public:stop", kwargs={"token": token})


def _offer(language: str) -> Offer:
    sender, choices = the_controller().sender_name, tuple(to_ask_for(language))
    languages = tuple(dict.fromkeys(each.language for each in audiences_for_sign_up()))
    first = language if language in languages or not languages else languages[0]
    return Offer(choices, languages, first, statement(sender), hash_of_form(sender, choices))


def _names(languages: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(each, LANGUAGES.get(each, each)) for each in languages]
