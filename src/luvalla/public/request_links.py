"""Pages behind the links of the desk: one proves a mailbox, one hands a copy over, a dead one has a fresh one sent.

A link works once and for seven days. A new one goes to the registered mailbox, whoever presses; the page says the same
whether anybody is known or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from luvalla.ledger.actors import SUBJECT
from luvalla.organisation.callers import network_of
from luvalla.public.addressform import AddressForm
from luvalla.public.formats import day
from luvalla.public.front import wished_language
from luvalla.public.limits import ASKING
from luvalla.public.page import NEVER_KEPT, secured, show
from luvalla.public.paths import LANGUAGES
from luvalla.rights.actions.new_links import ask_by_address, ask_by_link
from luvalla.rights.actions.steps import mailbox_proved
from luvalla.rights.clocks import clocks_of
from luvalla.rights.links import is_ours, link_of, use_link
from luvalla.rights.models import DataRequest, SecureLink

AGAIN: Final = "again"
"""Names the button of a dead link's page."""


@csrf_exempt
def prove(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer at the link of an acknowledgement: only the button proves the mailbox, since link scanners press none."""

    def proved(case: DataRequest, _: bytes, language: str) -> HttpResponseBase:
        case = mailbox_proved(request=case, actor=SUBJECT)
        return _private("request_proved.html", language, _told(case, language))

    return _at_link(request, token, SecureLink.Kind.PROVE, "request_prove.html", proved)


@csrf_exempt
def deliver(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand a copy over, once: the page asks for a press, and the press gives the file."""

    def delivered(case: DataRequest, content: bytes, language: str) -> HttpResponseBase:
        return _file(f"{case.number}.zip", content, language)

    return _at_link(request, token, SecureLink.Kind.DELIVER, "request_deliver.html", delivered)


def _at_link(
    request: HttpRequest,
    token: str,
    kind: SecureLink.Kind,
    page: str,
    pressed: Callable[[DataRequest, bytes, str], HttpResponseBase],
) -> HttpResponseBase:
    """Show what a link is for; the press uses it up. A link that doesn't work has one page, whatever is wrong."""
    link = link_of(token, kind)
    if link is None:
        return _at_dead_link(request, token, kind)
    language = _language_of(link)
    with translation.override(language):
        if request.method != "POST":
            return _private(page, language, _told(link.request, language))
        used = use_link(token=token, kind=kind)
        return pressed(*used, language) if used else _gone(token, language, AddressForm(None))


def _at_dead_link(request: HttpRequest, token: str, kind: SecureLink.Kind) -> HttpResponseBase:
    """Say that a link works no more, and have a new one sent at the press of a button.

    A whole link of ours knows its request; for a broken one the address is asked for. The page speaks the browser's
    language: the request's own would tell that the link was a real one.
    """
    language = wished_language(request)
    is_asked = request.method == "POST" and AGAIN in request.POST
    form = AddressForm(request.POST if is_asked else None)
    with translation.override(language):
        if not is_asked or not (is_ours(token) or form.is_valid()):
            return _gone(token, language, form)
        if not ASKING.allows(network_of(request)):
            return _private("too_many.html", language, {}, status=429)
        if is_ours(token):
            ask_by_link(token=token, kind=kind)
        elif form.is_by_a_person():
            ask_by_address(address=form.address, language=language)
        return _private("request_again.html", language, {})


def _gone(token: str, language: str, form: AddressForm) -> HttpResponseBase:
    status = 400 if form.is_bound else 200
    return _private("request_gone.html", language, {"form": form, "is_whole": is_ours(token)}, status=status)


def _told(case: DataRequest, language: str) -> dict[str, object]:
    clocks = clocks_of(case)
    return {"number": case.number, "received": day(case.receipt_date, language), "due": day(clocks.first, language)}


def _language_of(link: SecureLink) -> str:
    return link.request.language if link.request.language in LANGUAGES else "en"


def _private(template: str, language: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponseBase:
    """Show a page behind a link that belongs to one person. Its language switch leads to the front page."""
    addresses = [(each, name, reverse("public:front", kwargs={"language": each})) for each, name in LANGUAGES.items()]
    response = show(template, language, {**context, "page": "front", "languages": addresses}, status=status)
    for name, value in NEVER_KEPT.items():
        response.headers[name] = value
    return secured(response, language)


def _file(name: str, content: bytes, language: str) -> HttpResponseBase:
    headers = {**NEVER_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
    return secured(HttpResponse(content, content_type="application/zip", headers=headers), language)
