"""Pages of the contacts desk: the listing and the search, and a contact."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.ledger.actions import Subject
from luvalla.ledger.queries import history
from luvalla.ledger.vault import sealer
from luvalla.organisation.queries import purposes
from luvalla.register.models import Audience, Contact, Permission, Source
from luvalla.register.proofs import permission_facts
from luvalla.register.queries import (
    contacts_of_domain,
    find_contact,
    is_suppressed,
    live_permissions,
    prohibited_kinds,
    shown_address,
    visible_contacts,
)
from luvalla.rules.address import Address
from luvalla.rules.ports import Person, holdings
from luvalla.rules.purposes import LookedAtFor, PermissionKind
from luvalla.staff.contacts.forms import SearchForm
from luvalla.staff.contacts.listing import MOST, Filters, listed_ids, rows_of
from luvalla.staff.contacts.words import KINDS, OUTCOMES, prohibited_words
from luvalla.staff.desk import DeskView
from luvalla.staff.ledger.rows import sentences_of
from luvalla.staff.parts import Crumb

PAGE = 50
HISTORY = 20
LONGEST_NUMBER = 19
"""Digits: the database counts no further."""
LAST_PURPOSE = "luvalla_looked_for"
"""What the person last searched for: the next search in the same session begins with it."""
SHOWN: Final = "register.show_contact"
ONE_LOOK = timedelta(minutes=10)
"""A page that is opened again within it, or soon after the search that led to it, is the same look."""


class ContactList(DeskView):
    """The listing with its filters, and the search by whole address or domain."""

    any_of: ClassVar[tuple[str, ...]] = ("see_contacts",)
    template_name = "staff/contacts/list.html"
    title = pgettext_lazy("contacts", "Contacts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give a page of the listing."""
        filters = self._filters()
        ids = listed_ids(filters)
        page = Paginator(ids[:MOST], PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**{
            "page": page,
            "rows": rows_of(list(page.object_list)),
            "count": len(ids[:MOST]),
            "is_cut": len(ids) > MOST,
            "most": MOST,
            "filters": filters,
            "is_filtered": filters != Filters(),
            "kinds": KINDS,
            "audiences": Audience.objects.order_by("pk"),
            "sources": Source.objects.order_by("pk"),
            "search": SearchForm(initial={"purpose": self.request.session.get(LAST_PURPOSE, "")}),
            **kwargs,
        })  # fmt: skip

    def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Search. What is sought is in the body, never in a page's address, and each search is a row in the ledger."""
        form = SearchForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(search=form))
        sought = form.cleaned_data["sought"]
        request.session[LAST_PURPOSE] = form.cleaned_data["purpose"]
        return self._find_address(sought, form) if isinstance(sought, Address) else self._find_domain(sought, form)

    def _find_address(self, address: Address, form: SearchForm) -> HttpResponse:
        contact = find_contact(address)
        subject = Subject("contact", str(contact.ref)) if contact else Subject("contact")
        facts = {"by": "address", "found": int(contact is not None)}
        self.record_read("register.search", purpose=form.cleaned_data["purpose"], subject=subject, facts=facts)
        if contact and (contact.restricted_at is None or self.may("handle_requests")):
            return HttpResponseRedirect(reverse("staff_contacts:contact", args=[contact.pk]))
        stopped = contact is None and is_suppressed(address)
        return self.render_to_response(self.get_context_data(search=form, not_found=True, stopped=stopped))

    def _find_domain(self, domain: str, form: SearchForm) -> HttpResponse:
        found = contacts_of_domain(domain).exists()
        facts = {"by": "domain", "found": int(found)}
        self.record_read("register.search", purpose=form.cleaned_data["purpose"], facts=facts)
        if not found:
            return self.render_to_response(self.get_context_data(search=form, not_found=True))
        token = sealer().domain_token(domain).hex()
        return HttpResponseRedirect(f"{reverse('staff_contacts:list')}?domain={token}")

    def _filters(self) -> Filters:
        given = self.request.GET
        kind = given.get("kind", "")
        return Filters(
            kind=kind if kind in set(PermissionKind) else "",
            audience=_number(given.get("audience")),
            source=_number(given.get("source")),
            domain=_token(given.get("domain", "")),
        )


class ContactPage(DeskView):
    """One contact: what permits its letters, what forbids them, and what has been done. The address stays masked."""

    any_of: ClassVar[tuple[str, ...]] = ("see_contacts",)
    template_name = "staff/contacts/contact.html"
    title = pgettext_lazy("contacts", "Contact")

    @property
    def contact(self) -> Contact:
        """The contact, for those who may see it; 404 for one that isn't there or isn't theirs to see."""
        seen = visible_contacts(restricted=self.may("handle_requests"))
        contact = seen.filter(pk=self.kwargs["pk"]).first()
        if contact is None:
            raise Http404
        return contact

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page. It says much about one person though the address is masked: the look is a row."""
        answer = super().get(request, *args, **kwargs)
        self.note_look()
        return answer

    def note_look(self) -> None:
        """Write that the person has looked at the contact: for what they searched last, or for the desk's own work."""
        contact = self.contact
        subject = Subject("contact", str(contact.ref))
        lately = history(subject.kind, subject.ref).filter(
            actor=str(self.actor), is_look=True, at__gte=timezone.now() - ONE_LOOK
        )
        if not lately.exists():
            purpose = self.request.session.get(LAST_PURPOSE) or LookedAtFor.UPKEEP
            self.record_read(SHOWN, purpose=purpose, subject=subject)

    def crumbs(self) -> list[Crumb]:
        """Give the way."""
        number = pgettext("contacts", "Contact %(number)d") % {"number": self.kwargs["pk"]}
        return [Crumb(pgettext("menu", "Contacts"), reverse("staff_contacts:list")), Crumb(number)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Give what the page shows."""
        contact = self.contact
        permissions = live_permissions().filter(contact=contact).select_related("audience", "source").order_by("pk")
        done = history("contact", str(contact.ref)).exclude(verb=SHOWN)[:HISTORY]
        return super().get_context_data(**{
            "contact": contact,
            "shown": shown_address(contact),
            "permissions": [_permission(each, contact) for each in permissions],
            "prohibitions": prohibited_words(prohibited_kinds(bytes(contact.folded))),
            "deliveries": _deliveries(contact),
            "history": sentences_of(done),
            **kwargs,
        })  # fmt: skip


def _permission(permission: Permission, contact: Contact) -> dict[str, Any]:
    """Give a permission with its evidence, its purposes by their names."""
    facts, names = permission_facts(permission, contact), {each.key: str(each) for each in purposes()}
    return {
        "permission": permission,
        "kind": KINDS[PermissionKind(permission.kind)],
        "proof": facts["proof"],
        "evidence": facts["evidence"],
        "purposes": [names.get(each, each) for each in permission.purposes.split()],
    }


def _deliveries(contact: Contact) -> list[dict[str, Any]]:
    """Ask the mailroom's holding what went to the contact; it is reached by name, as the rights desk does."""
    holding = holdings.get("deliveries")
    if holding is None:
        return []
    person = Person(bytes(contact.folded), bytes(contact.token), (contact.pk,))
    words = {state.value: word for state, word in OUTCOMES.items()}
    return [
        {"content": each.content, "at": each.at, "word": words.get(str(each.content["state"]), each.content["state"])}
        for each in holding.find(person)
    ]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < LONGEST_NUMBER else None


def _token(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
