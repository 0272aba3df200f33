"""Disclosures noted by hand: sealed, told to their person, followed by their disclosee, and let go in their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.organisation.models import Disclosee
from luvalla.register import rectification, stop
from luvalla.register.disclosures import disclosed_to
from luvalla.register.errors import NotAnAuthority, ReasonMissing
from luvalla.register.holdings import REGISTER
from luvalla.register.models import Contact, SingleDisclosure
from luvalla.register.single_disclosures import given_in, note_disclosure, show_disclosure, take_disclosure_back
from luvalla.register.tasks import past_retention
from luvalla.rules.address import normalise
from luvalla.rules.ports import Person
from luvalla.rules.purposes import LegalBasis
from tests.register.conftest import PatientBarrier
from tests.support.requests import add_disclosee

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA = "maija.malli@esimerkki.fi"
WHAT = "Osoite ja tilauksen päivä"


def noted(to: Disclosee, *, address: str = MAIJA, inquiry: bool = False, on: date | None = None) -> SingleDisclosure:
    return note_disclosure(
        address=normalise(address),
        to=to,
        given_on=on or timezone.localdate(),
        way=SingleDisclosure.Way.PHONE,
        basis=LegalBasis.LEGAL_OBLIGATION,
        what=WHAT,
        provision="PolL 4:3",
        is_for_inquiry=inquiry,
        actor=SYSTEM,
    )


def singly(name: str, kind: str = "authority") -> Disclosee:
    to = add_disclosee(name)
    Disclosee.objects.filter(pk=to.pk).update(is_noted_singly=True, kind=kind)
    to.refresh_from_db()
    return to


def folded(address: str = MAIJA) -> bytes:
    return sealer().folded_token(normalise(address))


def test_a_noted_disclosure_is_sealed_recorded_and_known_of_its_person_alone(register_address: Bring) -> None:
    register_address("matti.malli@esimerkki.fi")
    row = noted(singly("Kela"))
    assert MAIJA.encode() not in bytes(row.sealed)
    assert WHAT.encode() not in bytes(row.sealed)
    assert [each.name for each in disclosed_to(folded())] == ["Kela"]
    assert disclosed_to(folded("matti.malli@esimerkki.fi")) == []
    ledger = LedgerRow.objects.get(verb="register.note_disclosure")
    assert ledger.facts == {
        "disclosee": row.to_id, "way": "by_phone", "basis": "legal_obligation", "inquiry": False,
    }  # fmt: skip
    (found,) = REGISTER.find(Person(folded()))
    assert (found.kind, found.content["recipient"], found.content["what"]) == ("disclosure", "Kela", WHAT)


def test_an_authority_with_an_inquiry_is_no_disclosee_and_nobody_else_has_one(register_address: Bring) -> None:
    noted(singly("Poliisi"), inquiry=True)
    assert disclosed_to(folded()) == []
    assert [each.kind for each in REGISTER.find(Person(folded()))] == ["disclosure"]
    with pytest.raises(NotAnAuthority):
        noted(singly("Vertailu Oy", "controller"), inquiry=True)


def test_an_erasure_takes_the_address_and_leaves_what_proves_the_disclosure(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    register_address(MAIJA)
    row = noted(singly("Kela"))
    stop.withdraw(address=normalise(MAIJA), channel="web", actor=SUBJECT)
    row.refresh_from_db()
    assert given_in(row) == ("", WHAT, "PolL 4:3")
    assert [each.name for each in disclosed_to(folded())] == ["Kela"]


def test_it_follows_its_person_to_the_right_address(register_address: Bring, barrier: PatientBarrier) -> None:
    register_address(MAIJA)
    row = noted(singly("Kela"))
    new = "uusi.maija@esimerkki.fi"
    rectification.rectify(address=normalise(MAIJA), to=normalise(new), channel="web", actor=SYSTEM)
    row.refresh_from_db()
    assert given_in(row).address == new
    assert [each.name for each in disclosed_to(folded(new))] == ["Kela"]


def test_looks_are_recorded_and_a_wrong_note_is_taken_back_with_its_reason(register_address: Bring) -> None:
    row = noted(singly("Kela"))
    assert show_disclosure(disclosure=row, actor=SYSTEM).address == MAIJA
    assert LedgerRow.objects.get(verb="register.show_disclosure").purpose == "request"
    with pytest.raises(ReasonMissing):
        take_disclosure_back(disclosure=row, reason=" ", actor=SYSTEM)
    take_disclosure_back(disclosure=row, reason="väärä henkilö", actor=SYSTEM)
    assert not SingleDisclosure.objects.exists()
    assert LedgerRow.objects.get(verb="register.take_disclosure_back").reason == "väärä henkilö"


def test_it_is_kept_three_years_and_longer_while_its_person_is_here(register_address: Bring) -> None:
    register_address(MAIJA)
    to, long_ago = singly("Kela"), timezone.localdate() - timedelta(days=4 * 365)
    noted(to, on=long_ago)
    gone = noted(to, address="poissa@esimerkki.fi", on=long_ago)
    noted(to, address="toinen@esimerkki.fi")
    assert list(past_retention(timezone.now())["single_disclosures"]) == [gone]
