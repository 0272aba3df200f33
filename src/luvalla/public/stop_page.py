"""What the stop page shows: the question, the part that may go on, the answer, or that nothing is left to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation

from luvalla.campaigns.models import Campaign
from luvalla.jobs.port import enqueue
from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.errors import SealBroken
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.queries import letters_to
from luvalla.organisation.errors import NotSetUp
from luvalla.organisation.queries import the_controller
from luvalla.public.formats import day, moment
from luvalla.public.masking import Masked, mask
from luvalla.public.page import NEVER_KEPT, secured, show
from luvalla.public.paths import LANGUAGES, path_of
from luvalla.public.purposes import kinds_of, named, to_forbid
from luvalla.register.links import StopLink
from luvalla.register.models import Contact, Source
from luvalla.register.queries import (
    contact_of_link,
    live_permissions,
    live_suppressions,
    prohibited_kinds,
    shown_address,
)
from luvalla.register.stop import StopAnswer, prohibit, withdraw

PATIENCE: Final = timedelta(seconds=1)
"""How long the page waits for letters under way before it says that the stop is being finished."""
LOOK_AGAIN_SECONDS: Final = 2

Context = dict[str, object]


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of a mailbox before it is erased, so that the answer can say what happened."""

    address: Masked | None
    last_letter: str | None
    """The day of the last letter the relay took."""
    sources: tuple[str, ...]


def shown(request: HttpRequest, token: str, link: StopLink | None) -> HttpResponseBase:
    """Show the page of a link as things stand; nothing is changed."""
    return _page(request, token, link, _as_things_stand)


def stop_all(request: HttpRequest, token: str, link: StopLink | None) -> HttpResponseBase:
    """Withdraw everything and show the answer, or that the answer is a moment away."""

    def stopped(language: str, contact: Contact) -> tuple[str, Context]:
        before = _before(contact, language)
        answer = withdraw(link=link, channel="page", patience=PATIENCE, actor=SUBJECT)
        return _after(answer, {"before": before, "stopped_at": moment(timezone.now(), language, to_the_second=True)})

    return _page(request, token, link, stopped)


def stop_some(request: HttpRequest, token: str, link: StopLink | None, only: Sequence[str]) -> HttpResponseBase:
    """Forbid the purposes that were ticked and show what goes on; without any the page says what is missing."""

    def forbidden(language: str, contact: Contact) -> tuple[str, Context]:
        kinds = kinds_of(only)
        if not kinds:
            return "stop.html", {**_question(language, contact), "nothing_ticked": True}
        folded = bytes(contact.folded)
        prohibit(link=link, kinds=kinds, channel="page", patience=PATIENCE, actor=SUBJECT)
        choices = to_forbid(prohibited_kinds(folded), language)
        return "stopped_some.html", {
            "address": _masked(contact),
            "stopped": ", ".join(each.name for each in named(only, choices)),
            "going_on": ", ".join(each.name for each in choices if not each.is_forbidden),
        }

    return _page(request, token, link, forbidden)


def _as_things_stand(language: str, contact: Contact) -> tuple[str, Context]:
    if live_suppressions().filter(token__in=(bytes(contact.folded), bytes(contact.domain))).exists():
        return "stopping.html", {}
    return "stop.html", _question(language, contact)


def _question(language: str, contact: Contact) -> Context:
    return {
        "address": _masked(contact),
        "choices": to_forbid(prohibited_kinds(bytes(contact.folded)), language),
    }


def _after(answer: StopAnswer, context: Context) -> tuple[str, Context]:
    if answer.finished:
        return "stopped.html", context
    enqueue("public.finish_stop", ref=answer.ref)
    return "stopping.html", context


def _page(
    request: HttpRequest,
    token: str,
    link: StopLink | None,
    view: Callable[[str, Contact], tuple[str, Context]],
) -> HttpResponseBase:
    """Show a page of a link in the language of its letter, or in the one the reader has chosen. Always status 200."""
    language = _language(request, link)
    with translation.override(language):
        response = _rendered(token, link, language, view)
    for name, value in NEVER_KEPT.items():
        response.headers[name] = value
    return secured(response, language)


def _rendered(
    token: str, link: StopLink | None, language: str, view: Callable[[str, Contact], tuple[str, Context]]
) -> HttpResponse:
    contact = contact_of_link(link) if link is not None else None
    if contact is not None:
        template, context = view(language, contact)
    else:
        template, context = ("stop_gone.html" if link is not None else "stop_unreadable.html"), {}
    here = reverse("public:stop", kwargs={"token": token})
    addresses = [(each, name, f"{here}?language={each}") for each, name in LANGUAGES.items()]
    frame: Mapping[str, Any] = {
        "here": f"{here}?language={language}",
        "languages": addresses,
        "request_path": path_of("request_by_link", language, token=token) if contact else "",
    }
    response = show(f"stop/{template}", language, {**frame, **context})
    if template == "stopping.html":
        response.headers["Refresh"] = f"{LOOK_AGAIN_SECONDS}; url={here}?language={language}"
    return response


def _language(request: HttpRequest, link: StopLink | None) -> str:
    wished = request.GET.get("language", "")
    if wished in LANGUAGES:
        return wished
    campaigns = Campaign.objects.filter(pk=link.campaign_id if link else 0)
    written_in = campaigns.values_list("locale__language_code", flat=True).first()
    try:
        return str(written_in or the_controller().default_language)
    except NotSetUp:
        return "en"


def _before(contact: Contact, language: str) -> Before:
    letters = letters_to([contact.pk]).filter(state=Delivery.State.ACCEPTED)
    last = letters.order_by("-finished_at").values_list("finished_at", flat=True).first()
    permissions = live_permissions().filter(contact__folded=bytes(contact.folded))
    sources = Source.objects.filter(pk__in=permissions.values("source"), is_sign_up=False).order_by("pk")
    names = tuple(each.name_in(language) for each in sources)
    return Before(_masked(contact), day(last, language) if last else None, names)


def _masked(contact: Contact) -> Masked | None:
    """Mask the contact's address; an address that can't be opened is stopped all the same."""
    try:
        return mask(shown_address(contact))
    except SealBroken:
        return None
