"""Comparing the authorities with their own pages: who may, what is noted, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from luvalla.ledger.models import LedgerRow
from luvalla.organisation.authorities import authorities, authority, listed
from luvalla.organisation.models import Comparison
from luvalla.people.models import User
from luvalla.staff.records.front import waiting
from tests.staff.conftest import Browse
from tests.support.world import World, make_world

TODAY = timezone.localdate
LIST = "staff_records:authorities"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def one(country: str) -> str:
    return reverse("staff_records:authority", args=[country])


def test_the_officer_notes_several_that_agree_and_nothing_is_chosen_beforehand(world: World, browse: Browse) -> None:
    officer, path = browse("data_protection_officer", name="Tiina Tietosuoja"), reverse(LIST)
    page = officer.get(path).content.decode()
    assert page.count('name="country"') == len(listed())
    assert " checked" not in page
    assert "Choose at least one" in officer.post(path, {"compared_on": str(TODAY())}).content.decode()
    tomorrow = str(TODAY() + timedelta(days=1))
    refused = officer.post(path, {"country": ["FI", "SE"], "compared_on": tomorrow}).content.decode()
    assert "lies in the future" in refused
    assert refused.count(" checked") == 2, "what was chosen stays chosen"
    assert not Comparison.objects.exists()
    assert officer.post(path, {"country": ["FI", "SE"], "compared_on": str(TODAY())}).status_code == 302
    assert {each for each, known in authorities().items() if known.verified_on == TODAY()} == {"FI", "SE"}
    ref = User.objects.get(full_name="Tiina Tietosuoja").ref
    rows = LedgerRow.objects.filter(verb="organisation.note_comparison")
    assert {row.actor for row in rows} == {f"person:{ref}"}


def test_one_that_fails_leaves_none_noted(world: World, browse: Browse) -> None:
    officer, path = browse("data_protection_officer"), reverse(LIST)
    officer.post(path, {"country": "SE", "compared_on": str(TODAY())})
    yesterday = str(TODAY() - timedelta(days=1))
    page = officer.post(path, {"country": ["FI", "SE"], "compared_on": yesterday}).content.decode()
    assert "Sweden was compared after that day already" in page
    assert authority("FI").verified_on is None


def test_what_the_page_says_otherwise_is_put_right(world: World, browse: Browse) -> None:
    owner, known = browse("register_owner"), authority("SE")
    page = owner.get(one("se")).content.decode()
    assert "Never compared" in page
    assert f'value="{known.website}"' in page
    assert 'name="compared_on" value' not in page, "the day is the person's own to say"
    given = {**known.details(), "compared_on": str(TODAY()), "page": "https://www.imy.se/kontakt", "phone": "+46 8 1"}
    owner.post(one("se"), given)
    assert (authority("SE").phone, Comparison.objects.get().page) == ("+46 8 1", "https://www.imy.se/kontakt")
    assert "has left this address" in owner.post(one("se"), {**given, "street": "Ratapihantie 9"}).content.decode()
    assert "begins with https://" in owner.post(one("se"), {**given, "page": "http://imy.se"}).content.decode()
    earlier = str(TODAY() - timedelta(days=3))
    assert "compared after that day" in owner.post(one("se"), {**given, "compared_on": earlier}).content.decode()
    assert Comparison.objects.count() == 1
    assert owner.get(one("zz")).status_code == 404


def test_others_see_the_list_and_compare_nothing(world: World, browse: Browse) -> None:
    auditor = browse("auditor")
    page = auditor.get(reverse("staff_records:record", args=["authorities"])).content.decode()
    assert "Office of the Data Protection Ombudsman" in page
    assert reverse(LIST) not in page
    assert auditor.post(one("fi"), {"compared_on": str(TODAY())}).status_code == 403
    assert not Comparison.objects.exists()


def test_the_officer_is_reminded_until_all_are_compared_and_again_a_month_before_it_is_too_long_ago(
    world: World, browse: Browse
) -> None:
    officer, path = browse("data_protection_officer", name="Tiina Tietosuoja"), reverse(LIST)
    assert _waiting("Tiina Tietosuoja") == ["Compare 31 authorities with their pages"]
    officer.post(path, {"country": list(listed()), "compared_on": str(TODAY())})
    assert _waiting("Tiina Tietosuoja") == []
    Comparison.objects.filter(country="NO").update(compared_on=TODAY() - timedelta(days=151))
    assert _waiting("Tiina Tietosuoja") == ["Compare 1 authority with its own page"]


def _waiting(name: str) -> list[str]:
    with translation.override("en"):
        return [each.do for each in waiting(User.objects.get(full_name=name))]
