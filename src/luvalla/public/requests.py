"""The public door of the rights desk: a form for every right.

Whoever asks gets the same answer, known or unknown. No page's address holds anything about anybody; a case number opens
nothing. A wish to stop is never limited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language, pgettext, pgettext_lazy

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.errors import SealBroken
from luvalla.ledger.vault import keyring
from luvalla.organisation.authorities import authorities, country_names
from luvalla.organisation.callers import network_of
from luvalla.public.addressform import SENTENCES, AddressForm
from luvalla.public.limits import ASKING
from luvalla.public.masking import mask
from luvalla.public.page import NEVER_KEPT, public_page, show
from luvalla.public.paths import path_of
from luvalla.register.links import read_stop_token
from luvalla.register.models import Contact
from luvalla.register.queries import contact_of_link, open_address, parsed, shown_address
from luvalla.rights.actions.intake import LEFT_ALONE, Arrival, receive_request
from luvalla.rights.actions.steps import begin_at_once
from luvalla.rights.cases import Said
from luvalla.rights.identity import without_codes
from luvalla.rights.models import DataRequest
from luvalla.rights.wishes import is_objection
from luvalla.rules.address import Address, NotAnAddress, normalise
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited

LONGEST: Final = 20_000
RIGHTS: Final = {
    Right.ACCESS: (
        pgettext_lazy("request", "See what you have about me"),
        pgettext_lazy("request", "A copy of all of it, and who has looked at it."),
    ),
    Right.OBJECTION: (
        pgettext_lazy("request", "Stop the marketing"),
        pgettext_lazy("request", "Takes effect at once. You need no reason."),
    ),
    Right.ERASURE: (
        pgettext_lazy("request", "Erase my data"),
        pgettext_lazy("request", "A token stays, so that your address does not come back by itself."),
    ),
    Right.RECTIFICATION: (
        pgettext_lazy("request", "Correct my address"),
        pgettext_lazy("request", "Write the new address below."),
    ),
}
"""What the form offers first, in the order people ask for it."""
MORE_RIGHTS: Final = {
    Right.RESTRICTION: (
        pgettext_lazy("request", "Restrict the processing"),
        pgettext_lazy("request", "The data is kept but not used while something is being cleared up."),
    ),
    Right.PORTABILITY: (
        pgettext_lazy("request", "Take my data along"),
        pgettext_lazy("request", "In a form that another service can read."),
    ),
    Right.FORGETTING: (
        pgettext_lazy("request", "Forget me altogether"),
        pgettext_lazy("request", "The token goes too. Your address can then come back if you are still our customer."),
    ),
    Right.ANONYMISATION: (
        pgettext_lazy("request", "Make my data anonymous"),
        pgettext_lazy("request", "Only totals are left, in which nobody can find you. It can't be undone."),
    ),
    Right.COMPLAINT: (
        pgettext_lazy("request", "Complain about how my data is used"),
        pgettext_lazy("request", "We look into it and answer. You can complain to an authority as well."),
    ),
}
"""What the form offers besides, behind a fold."""
OFFERED: Final = (*RIGHTS, *MORE_RIGHTS)
BEHIND_THE_FOLD: Final = ("transmit_to", "authority")
BANS: Final = {
    Prohibited.DIRECT_ADVERTISING: pgettext_lazy("request", "Direct advertising"),
    Prohibited.DISTANCE_SELLING: pgettext_lazy("request", "Distance selling"),
    Prohibited.DIRECT_MARKETING: pgettext_lazy("request", "Other direct marketing"),
    Prohibited.RESEARCH: pgettext_lazy("request", "Market and opinion research"),
    Prohibited.DISCLOSURE: pgettext_lazy("request", "Giving my data to others"),
}


class RequestForm(AddressForm):
    """A request: an address, and what is asked for in ticks or in words."""

    channel = DataRequest.Channel.FORM
    rights = forms.MultipleChoiceField(required=False, choices=[(each.value, each.value) for each in OFFERED])
    bans = forms.MultipleChoiceField(required=False, choices=[(int(each), str(int(each))) for each in BANS])
    text = forms.CharField(required=False, max_length=LONGEST, strip=True)
    new_email = forms.CharField(required=False, max_length=1000, strip=True)
    transmit_to = forms.CharField(required=False, max_length=300, strip=True)
    authority = forms.ChoiceField(required=False)
    representative = forms.CharField(required=False, max_length=1000, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the authorities of the EEA by their countries."""
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [("", ""), *_authorities()]  # type: ignore[attr-defined]  # a field of choices

    def clean_new_email(self) -> Address | None:
        """Give the corrected address in its one spelling."""
        text = self.cleaned_data["new_email"]
        try:
            return normalise(text) if text else None
        except NotAnAddress as fault:
            raise ValidationError(SENTENCES[fault.fault]) from None

    def clean(self) -> dict[str, Any]:
        """Ask for a tick or a sentence, and for the new address where one is to be corrected."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not (given.get("rights") or given.get("bans") or given.get("text")):
            self.add_error("rights", pgettext("request", "Tick what you ask for, or write it in your own words."))
        needs_new = Right.RECTIFICATION in given.get("rights", ()) and "new_email" not in self.errors
        if needs_new and not given.get("new_email"):
            self.add_error("new_email", pgettext("request", "Write the address as it should be."))
        return given

    @property
    def chosen(self) -> list[Right]:
        """The rights that were ticked, prohibitions among them."""
        ticked = [Right(each) for each in self.cleaned_data["rights"]]
        return [*ticked, Right.PROHIBITION] if self.banned else ticked

    @property
    def banned(self) -> Prohibited:
        """The kinds that were forbidden, as one sum."""
        return Prohibited(sum(int(each) for each in self.cleaned_data["bans"]))

    def is_stop(self) -> bool:
        """Tell whether letters are to stop: that is never limited."""
        stops = (LEFT_ALONE | {Right.PROHIBITION}) & set(self.chosen)
        return bool(stops) or is_objection(self.cleaned_data["text"])


class LinkForm(RequestForm):
    """A request from the page of a stop link: the link knows the mailbox, so no address is asked for."""

    channel = DataRequest.Channel.STOP_LINK

    def __init__(self, data: QueryDict | None, *, known: Address) -> None:
        """Take the address the link was made for."""
        super().__init__(data)
        self._known = known

    def clean_email(self) -> Address:
        """Give the mailbox of the link, whatever was filled in."""
        return self._known


@public_page
def ask(request: HttpRequest, *, language: str) -> HttpResponse:
    """Show the form; a filled-in one is a case from that moment."""
    return _asked(request, RequestForm(_filled_in(request)), language, {"page": "request"})


@public_page
def ask_by_link(request: HttpRequest, *, language: str, token: str) -> HttpResponse:
    """Show the form to whoever comes from the page of a stop link; looking at it changes nothing.

    The token proves no more than that a letter was read (level 0): what needs more is asked of the mailbox itself.
    Whoever isn't in the register any more is asked for the address, as at the open form.
    """
    link = read_stop_token(token, keyring())
    contact = contact_of_link(link) if link else None
    known = _mailbox_of(contact)
    if contact is None or known is None:
        response = _asked(request, RequestForm(_filled_in(request)), language, {"page": "request"})
    else:
        here = path_of("request_by_link", language, token=token)
        page = {
            "page": "request_by_link",
            "parts": {"token": token},
            "here": here,
            "known": mask(shown_address(contact)),
        }
        response = _asked(request, LinkForm(_filled_in(request), known=known), language, page)
    for name, value in NEVER_KEPT.items():
        response.headers[name] = value
    return response


def _filled_in(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _mailbox_of(contact: Contact | None) -> Address | None:
    """Open the address of a link's contact; one that can't be opened has to be asked for."""
    try:
        return parsed(open_address(contact)) if contact else None
    except SealBroken:
        return None


def _asked(request: HttpRequest, form: RequestForm, language: str, page: Mapping[str, object]) -> HttpResponse:
    context = {
        **page,
        "form": form,
        "rights": _offered(RIGHTS),
        "more_rights": _offered(MORE_RIGHTS),
        "is_more_asked": form.is_bound and _asks_more(form),
        "bans": _named(BANS),
        "countries": _authorities(),
    }
    if not (form.is_bound and form.is_valid()):
        return show("request.html", language, context, status=400 if form.is_bound else 200)
    if not form.is_stop() and not ASKING.allows(network_of(request)):
        return show("too_many.html", language, page, status=429)
    case = _receive(form, language) if form.is_by_a_person() else None
    stopped = form.is_stop() if case is None else case.blocked_at is not None
    return show("request_sent.html", language, {**page, "stopped": stopped})


def _receive(form: RequestForm, language: str) -> DataRequest:
    given = form.cleaned_data
    text, _ = without_codes(given["text"])
    new = given.get("new_email")
    said = Said(
        address=form.address.text,
        text=text,
        representative=without_codes(given["representative"])[0],
        new_address=new.text if new else "",
        transmit_to=without_codes(given["transmit_to"])[0],
        keep_token=Right.FORGETTING not in form.chosen,
        authority=given["authority"] if Right.COMPLAINT in form.chosen else "",
    )
    arrival = Arrival(channel=form.channel, language=language, said=said, rights=form.chosen, prohibited=form.banned)
    case = receive_request(arrival=arrival, address=form.address, actor=SUBJECT)
    if case.state == "received":
        begin_at_once(request=case)
    return case


def _asks_more(form: RequestForm) -> bool:
    """Tell whether something behind the fold is filled in, so that it stays open."""
    ticked = set(form["rights"].value() or ())
    return bool(ticked & {each.value for each in MORE_RIGHTS}) or any(form[each].value() for each in BEHIND_THE_FOLD)


def _authorities() -> list[tuple[str, str]]:
    """Give the countries whose authority takes complaints, by their names in the page's language."""
    language, names = get_language() or "en", country_names()
    named = [(code, names[code].get(language, code)) for code in authorities() if code in names]
    return sorted(named, key=lambda each: each[1])


def _offered(rights: Mapping[Right, tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [{"key": key.value, "name": name, "description": more} for key, (name, more) in rights.items()]


def _named(kinds: Mapping[Prohibited, Any]) -> list[dict[str, Any]]:
    return [{"key": str(int(kind)), "name": name, "description": ""} for kind, name in kinds.items()]
