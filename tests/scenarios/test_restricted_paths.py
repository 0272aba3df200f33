"""Every path that reads contacts leaves a restricted one alone: each reads it before, and not after (S42)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.core.cache import cache
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.records.consents import consent_records
from luvalla.paper.actions import enter_item
from luvalla.paper.models import PaperItem
from luvalla.paper.queries import items_past_their_time
from luvalla.people.models import Role
from luvalla.people.queries import actor_of
from luvalla.register.actions import add_permission, export_contacts
from luvalla.register.changes import Given, Outcome, note_gone, note_present
from luvalla.register.facts import FactsReader
from luvalla.register.models import Contact, PermissionProof, Restriction
from luvalla.register.queries import contacts_of_domain, exportable_contacts, visible_contacts
from luvalla.register.tasks import past_retention
from luvalla.rules.address import normalise
from luvalla.rules.gate import Permit, decide
from luvalla.rules.gate.examples import campaign as lawful_campaign
from luvalla.rules.gate.examples import contact as lawful_contact
from luvalla.rules.purposes import PermissionKind
from luvalla.staff.contacts.listing import Filters, listed_ids
from luvalla.staff.dashboard.letters import _audience_size
from luvalla.staff.imports.rows import _masked
from tests.support.requests import MAIJA, make_staff
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db

LONG_AGO: Final = timedelta(days=4000)
Reads = Callable[[World, Contact], bool]


def _gate(_: World, contact: Contact) -> bool:
    [read] = FactsReader().given([contact.pk], now=timezone.now())
    return isinstance(decide(lawful_campaign(), lawful_contact(restricted=read.facts.restricted)), Permit)


def _export(world: World, _: Contact) -> bool:
    lines = export_contacts(audience=world.customers, purpose="request", reason="a reason", actor=SYSTEM)
    return MAIJA in "".join(lines)


def _size(world: World, _: Contact) -> bool:
    cache.clear()
    return _audience_size(world.customers.pk) == 1


def _change(world: World, _: Contact) -> bool:
    given = Given(PermissionKind.LEGAL_ENTITY, world.customers)
    return note_present(address=normalise(MAIJA), source=world.crm, given=given, actor=SYSTEM) is not Outcome.UNCHANGED


def _leaving(world: World, _: Contact) -> bool:
    return note_gone(address=normalise(MAIJA), source=world.crm, actor=SYSTEM) is not Outcome.UNCHANGED


def _proofs(_: World, contact: Contact) -> bool:
    PermissionProof.objects.create(folded=bytes(contact.folded), sealed=b"x", expires_at=timezone.now() - LONG_AGO)
    return past_retention(timezone.now())["permission_proofs"].exists()


def _paper(*_: object) -> bool:
    PaperItem.objects.update(keep_until=timezone.localdate() - timedelta(days=1))
    return items_past_their_time().exists()


PATHS: Final[dict[str, Reads]] = {
    "the gate": _gate,
    "contacts that are seen": lambda _, contact: visible_contacts().filter(pk=contact.pk).exists(),
    "the listing": lambda _, contact: contact.pk in listed_ids(Filters()),
    "the listing by domain": lambda _, contact: contact.pk in listed_ids(Filters(domain=bytes(contact.domain))),
    "the search by domain": lambda *_: contacts_of_domain("esimerkki.fi").exists(),
    "what may be given out": lambda world, _: exportable_contacts(world.customers).exists(),
    "an export": _export,
    "the size of an audience": _size,
    "rows of an import": lambda _, contact: bool(_masked([contact.pk])),
    "records of consents": lambda *_: bool(list(consent_records())),
    "a change from the source": _change,
    "somebody who is gone from the source": _leaving,
    "proofs past their time": _proofs,
    "paper past its time": _paper,
}
"""Paths by name: whether they read the contact, or do something with it."""


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def maija(world: World) -> Contact:
    """Put a customer who has also consented into the register, with a letter of hers on paper."""
    for kind in (PermissionKind.CUSTOMER, PermissionKind.CONSENT):
        contact = add_permission(
            address=normalise(MAIJA), kind=kind, source=world.crm, audience=world.customers, actor=SYSTEM
        ).contact
    enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE, origin=PaperItem.Origin.RECEIVED, description="Kirje",
        folded=bytes(contact.folded), actor=actor_of(make_staff("Liisa Aalto", Role.CUSTODIAN)),
    )  # fmt: skip
    return contact


@pytest.mark.parametrize("path", PATHS)
def test_a_path_reads_a_contact_until_its_processing_is_restricted(path: str, world: World, maija: Contact) -> None:
    assert PATHS[path](world, maija), "else nothing would be shown by its silence"


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leaves_a_restricted_contact_alone(path: str, world: World, maija: Contact) -> None:
    Contact.objects.update(restricted_at=timezone.now())
    Restriction.objects.create(contact=maija, reason="accuracy")
    assert not PATHS[path](world, Contact.objects.get())
    assert Contact.objects.get().permissions.filter(ended_at=None).count() == 2
