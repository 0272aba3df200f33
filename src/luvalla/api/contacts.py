"""Contacts: those a letter of one purpose may go to, masked unless the token's scopes say otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import StringConstraints

from luvalla.api.doors import Bearer, Caller, caller_of
from luvalla.api.errors import Problem, Slug
from luvalla.api.models import Token
from luvalla.api.scopes import Scope
from luvalla.campaigns.models import Campaign
from luvalla.campaigns.queries import campaign_facts
from luvalla.ledger.actions import Subject, record_look
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Purpose
from luvalla.organisation.queries import purposes
from luvalla.people.releases import ALONE_AT_MOST
from luvalla.register.facts import Candidate, FactsReader
from luvalla.register.models import Audience, Contact
from luvalla.register.queries import find_contact, open_address, shown_addresses
from luvalla.register.seen import keep_seen
from luvalla.rules.address import Address, NotAnAddress, normalise
from luvalla.rules.gate import CampaignFacts, Permit, decide

router = Router(tags=["contacts"])
LAST: Final = 2**62
Key = Annotated[str, StringConstraints(max_length=50, pattern=r"^[a-z0-9_-]+$")]
Spelled = Annotated[str, StringConstraints(min_length=3, max_length=254)]


class ContactOut(Schema):
    """A contact that a letter of the purpose may go to."""

    ref: UUID
    address: str = Field(description="Masked, unless the token has the scope contacts.addresses and asked for it.")


class ContactsOut(Schema):
    """A page of contacts."""

    contacts: list[ContactOut]
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class LookUpIn(Schema):
    """Whom to look up, and for what."""

    address: Spelled
    purpose: Key
    audience: Key


class LookUpOut(Schema):
    """What the gate says of one address. An unknown address and a stopped one have the same answer."""

    may_be_sent: bool
    ref: UUID | None = None
    reasons: list[str] = Field(default=[], description="Why not: the gate's reasons.")


@router.get("/contacts", response=ContactsOut, auth=Bearer(Scope.READ_CONTACTS), operation_id="list_contacts")
def list_contacts(
    request: HttpRequest,
    purpose: Key,
    audience: Key,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    *,
    uncovered: bool = False,
) -> ContactsOut:
    """List the contacts of an audience that a letter of the purpose may go to now, as the gate decides."""
    caller, facts = caller_of(request), _facts(purpose, audience)
    read = FactsReader().next_of_audience(
        audience=facts.audience, low=after + 1, high=LAST + 1, limit=limit, now=facts.now
    )
    permitted = [each.contact_id for each in read if isinstance(decide(facts, each.facts), Permit)]
    contacts = list(Contact.objects.filter(pk__in=permitted).order_by("pk"))
    shown = _addresses(caller, contacts, purpose=purpose, audience=audience, uncovered=uncovered)
    rows = [ContactOut(ref=each.ref, address=shown[each.pk]) for each in contacts]
    return ContactsOut(contacts=rows, next=read[-1].contact_id if len(read) == limit else None)


@router.post("/contacts/look-up", response=LookUpOut, auth=Bearer(Scope.READ_CONTACTS), operation_id="look_up_contact")
def look_up_contact(request: HttpRequest, body: LookUpIn) -> LookUpOut:
    """Tell whether a letter of the purpose may go to an address now. The address is in the body, never in a URL."""
    caller, facts = caller_of(request), _facts(body.purpose, body.audience)
    contact = find_contact(address_in(body.address))
    with transaction.atomic():
        subject = Subject("contact", str(contact.ref)) if contact else Subject("contact")
        found = {"by": "address", "found": int(contact is not None), "token": str(caller.token.ref)}
        record_look("register.search", actor=caller.actor, subject=subject, purpose=body.purpose, facts=found)
    if contact is None or contact.restricted_at is not None:
        return LookUpOut(may_be_sent=False, reasons=["permission_missing"])
    decision = decide(facts, _candidate(contact, facts).facts)
    if isinstance(decision, Permit):
        return LookUpOut(may_be_sent=True, ref=contact.ref)
    return LookUpOut(may_be_sent=False, ref=contact.ref, reasons=[each.value for each in decision.reasons])


def address_in(text: str, at: str = "body.address") -> Address:
    """Give the normalised address of a body, or the Problem that names its fault and its place."""
    try:
        return normalise(text)
    except NotAnAddress as fault:
        problem = Problem(Slug.NOT_AN_ADDRESS, fault=fault.fault.value)
        problem.faults = [{"at": at, "type": fault.fault.value}]
        raise problem from None


def _facts(purpose: str, audience: str) -> CampaignFacts:
    """Give what the gate asks of a letter of the purpose to the audience."""
    listed = {each.key: each for each in purposes()}
    if purpose not in listed:
        raise Problem(Slug.NO_SUCH_PURPOSE, purposes=", ".join(listed))
    found = Audience.objects.filter(key=audience).first()
    if found is None:
        known = Audience.objects.order_by("pk").values_list("key", flat=True)
        raise Problem(Slug.NO_SUCH_AUDIENCE, audiences=", ".join(known))
    return campaign_facts(_letter(listed[purpose], found), timezone.now())


def _letter(purpose: Purpose, audience: Audience) -> Campaign:
    return Campaign(purpose=purpose, audience=audience)


def _candidate(contact: Contact, facts: CampaignFacts) -> Candidate:
    found = FactsReader().given([contact.pk], now=facts.now)
    if not found:
        raise Problem(Slug.NOT_FOUND)
    return found[0]


def _addresses(
    caller: Caller, contacts: list[Contact], *, purpose: str, audience: str, uncovered: bool
) -> dict[int, str]:
    """Give the addresses, masked or whole, with their row in the ledger before they leave."""
    if uncovered:
        Bearer.ask(caller.token, Scope.READ_ADDRESSES)
    with transaction.atomic():
        if uncovered:
            _take_turn(caller.token)
        facts = {
            "contacts": len(contacts),
            "uncovered": len(contacts) if uncovered else 0,
            "token": str(caller.token.ref),
        }
        subject = Subject("audience", audience)
        row = record_look("api.read_contacts", actor=caller.actor, subject=subject, purpose=purpose, facts=facts)
        keep_seen(row, [each.pk for each in contacts])
        if uncovered and _uncovered_today(caller) > ALONE_AT_MOST:
            raise Problem(Slug.TOO_MANY_ADDRESSES)
    return {each.pk: open_address(each) for each in contacts} if uncovered else shown_addresses(contacts)


def _take_turn(token: Token) -> None:
    """Wait for other calls of the same owner: each would count its addresses without seeing the others'."""
    theirs = Token.objects.filter(person=token.person_id) if token.person_id else Token.objects.filter(pk=token.pk)
    list(theirs.select_for_update().order_by("pk").values_list("pk"))


def _uncovered_today(caller: Caller) -> int:
    """Count the addresses a person has read by all their tokens, or a system by its own, within a day."""
    since = timezone.now() - timedelta(days=1)
    rows = LedgerRow.objects.filter(verb="api.read_contacts", actor=str(caller.actor), at__gt=since)
    return sum(int(each.get("uncovered", 0)) for each in rows.values_list("facts", flat=True))
