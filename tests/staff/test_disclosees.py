"""Those who were given data, over the desk: a disclosure is noted, looked at and taken back; letters are posted."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Disclosee
from luvalla.people.models import User
from luvalla.register import stop
from luvalla.register.disclosee_notices import find_disclosees
from luvalla.register.models import DiscloseeNotice, SingleDisclosure
from luvalla.rules.address import normalise
from tests.staff.paper.test_destroying import browser_of
from tests.support.requests import Desk, add_customer, add_disclosee, make_desk
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
MAIJA = "maija.malli@esimerkki.fi"
PAGE = "/staff/requests/disclosees/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def jari(desk: Desk) -> Client:
    return browser_of(User.objects.get(ref=desk.handler.ref))


def given(to: Disclosee, **other: str) -> dict[str, str]:
    return {
        "address": MAIJA.upper(), "to": str(to.pk), "given_on": "2026-01-05", "way": "by_phone", "what": "Her address.",
        "basis": "legal_obligation", "provision": "Act 1/2020, section 4", **other,
    }  # fmt: skip


def test_a_disclosure_is_noted_shown_only_as_a_look_and_taken_back(jari: Client) -> None:
    to = add_disclosee("Kela")
    note = reverse("staff_requests:note_disclosure")
    for wrong in ({"address": "x"}, {"given_on": "2999-01-01"}, {"way": ""}, {"what": ""}, {"is_for_inquiry": "on"}):
        assert jari.post(note, given(to, **wrong)).status_code == 200, wrong
    assert not SingleDisclosure.objects.exists()
    listed = jari.post(note, given(to), follow=True).content.decode()
    assert "The disclosure was noted." in listed
    assert "1 noted disclosure" in listed
    assert MAIJA not in listed
    row = SingleDisclosure.objects.get()
    place = reverse("staff_requests:disclosure", args=[row.ref])
    shown = jari.get(place).content.decode()
    for said in (MAIJA, "Her address.", "Act 1/2020, section 4", "by telephone"):
        assert said in shown
    assert LedgerRow.objects.filter(verb="register.show_disclosure").count() == 1
    assert jari.post(place, {"reason": f"it was {MAIJA}"}).status_code == 200
    assert "The note was taken back." in jari.post(place, {"reason": "wrong person"}, follow=True).content.decode()
    assert not SingleDisclosure.objects.exists()


def test_what_a_stop_changed_is_printed_posted_and_noted(jari: Client, world: World) -> None:
    to = add_disclosee("Vertailu Oy")
    posted = reverse("staff_requests:disclosee_posted", args=[to.pk])
    assert jari.get(posted).status_code == 404
    add_customer(world, MAIJA)
    stop.withdraw(address=normalise(MAIJA), channel="page", actor=SUBJECT)
    find_disclosees()
    assert "Tell recipients by post" in jari.get("/staff/").content.decode()
    listed = jari.get(PAGE).content.decode()
    assert "1 change to be posted" in listed
    assert posted not in listed, "nothing was printed yet"
    assert "Make the PDF first." in jari.post(posted, {"posted_on": "2026-01-05"}).content.decode()
    letter = jari.get(reverse("staff_requests:disclosee_letter", args=[to.pk]))
    assert (letter["Content-Type"], letter.content[:4]) == ("application/pdf", b"%PDF")
    assert posted in jari.get(PAGE).content.decode()
    told = jari.post(posted, {"posted_on": "2026-01-05"}, follow=True).content.decode()
    assert "Noted as told: 1 change." in told
    assert "Tell recipients by post" not in jari.get("/staff/").content.decode()


def test_who_cannot_be_told_needs_a_reason(jari: Client, world: World) -> None:
    to = add_disclosee("Vertailu Oy")
    add_customer(world, MAIJA)
    stop.withdraw(address=normalise(MAIJA), channel="page", actor=SUBJECT)
    find_disclosees()
    place = reverse("staff_requests:disclosee_untold", args=[to.pk])
    assert jari.post(place, {"why": " "}).status_code == 200
    assert jari.post(place, {"why": "It was dissolved."}).status_code == 302
    assert DiscloseeNotice.objects.get().result == "impossible"
