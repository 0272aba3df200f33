"""No code of ours is in the copy that a person reads: everything the stores may keep of somebody has its words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.utils import timezone

from luvalla.api.stops import CHANNEL as PROGRAM
from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.ledger.vault import sealer
from luvalla.mailroom.corrections import KIND as CORRECTION
from luvalla.mailroom.models import Delivery, ServiceMessage
from luvalla.organisation.models import DeclaredField
from luvalla.paper.models import PaperItem
from luvalla.public.gathering import CHANNEL as ONE_CLICK
from luvalla.register.columns import DECLARED_VALUE
from luvalla.register.importing.settling import GONE
from luvalla.register.importing.staging import SIGNAL
from luvalla.register.models import (
    Contact,
    DeclaredValue,
    DiscloseeNotice,
    PendingSignUp,
    Restriction,
    SingleDisclosure,
    Stop,
)
from luvalla.register.rectification import FROM_SOURCE
from luvalla.register.sign_up import ask as ask_to_sign_up
from luvalla.register.source_notices import COMPANY_DOMAIN
from luvalla.register.stop import prohibit, restrict
from luvalla.rights.collecting import found_in
from luvalla.rights.copies.packing import shown_as
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import Kind
from luvalla.rights.models import DataRequest
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from luvalla.rules.purposes import LegalBasis, PermissionKind, Prohibited
from luvalla.staff.contacts.forms import RestrictForm
from luvalla.staff.contacts.words import CHANNELS
from tests.rights.test_copy import searched
from tests.support.requests import MAIJA, Desk, ask

pytestmark = pytest.mark.django_db
LANGUAGES = ("fi", "sv", "en")


def codes() -> Iterable[str]:
    """Give every code that a store may tell of somebody, from where it is defined."""
    yield from Stop.Kind.values
    yield from (COMPANY_DOMAIN, SIGNAL, GONE, "request", "sign_up", "stop_link", CORRECTION)
    yield from (code for code, _ in RestrictForm.base_fields["reason"].choices)  # type: ignore[attr-defined]  # of a choice
    yield Restriction.ACCURACY
    yield from DataRequest.Channel.values
    yield from CHANNELS
    yield from ("page", "complaint", PROGRAM, ONE_CLICK, FROM_SOURCE)
    yield from State
    yield from Kind
    yield from Right
    yield from PaperItem.Kind.values
    yield from PaperItem.Origin.values
    yield from Delivery.State.values
    yield from ServiceMessage.State.values
    yield from SingleDisclosure.Way.values
    yield from DiscloseeNotice.Kind.values
    yield from PermissionKind
    yield from LegalBasis
    yield from (each.name.lower() for each in Prohibited if each.name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    words = texts(language)
    known = {**words["values"], **words["rights"]}
    # English words that are their own code need no line.
    plain = {each for each in codes() if language == "en" and "_" not in each}
    assert sorted({str(each) for each in codes()} - set(known) - plain) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_field_of_what_was_found_has_words(language: str, desk: Desk, maija: Contact) -> None:
    fill(maija, desk)
    words = texts(language)
    request = searched(desk, language)
    found = [each for search in request.searches.all() for each in found_in(search)]
    assert {each["kind"] for each in found} >= {
        "contact",
        "restriction",
        "pending_sign_up",
        "request",
        "declared_value",
    }
    if language != "en":
        assert {each["kind"] for each in found} - set(words["kinds"]) == set()
        assert {name for each in found for name in fields_of(each["content"])} - {*words["fields"], "rate"} == set()
    shown = [shown_as(each, language) for each in found]
    said = " ".join(" ".join(pair) for each in shown for pair in each["pairs"])
    assert {"fi": "Hinnoittelu", "sv": "Prissättning", "en": "Pricing"}[language] in said
    assert "_" not in said.replace("_____", "")
    assert "{" not in said


def fields_of(content: object) -> Iterable[str]:
    """Give the names of fields, however deep they stand."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield name
            yield from fields_of(value)
    elif isinstance(content, list):
        for each in content:
            yield from fields_of(each)


def fill(maija: Contact, desk: Desk) -> None:
    """Have the register keep a little of everything about somebody."""
    address = normalise(MAIJA)
    names = {"name_fi": "Hinnoittelu", "name_sv": "Prissättning", "name_en": "Pricing"}
    field = DeclaredField.objects.create(key="rate", reason="Laskutus", **names)
    sealed = sealer().seal("yö".encode(), column=DECLARED_VALUE, token=bytes(maija.token))
    DeclaredValue.objects.create(contact=maija, field=field, sealed=sealed)
    ask_to_sign_up(
        address=address, purposes=["direct_marketing"], language="fi", wording="Saa lähettää.", notice_version=1,
        actor=SYSTEM,
    )  # fmt: skip
    prohibit(address=address, kinds=Prohibited.RESEARCH, channel="phone", actor=OPERATOR)
    ask(Right.PORTABILITY)
    restrict(address=address, reason="accuracy", channel="desk", actor=OPERATOR)
    assert PendingSignUp.objects.filter(expires_at__gt=timezone.now()).exists()
