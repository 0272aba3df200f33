"""Each check of the organisation's records, and the breach that must turn it to broken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.organisation.claims import interests_are_confirmed_by_somebody, interests_have_live_tests
from luvalla.organisation.models import BalancingTest
from luvalla.rules.ports import Door, Verdict, closed_by
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world(db: None) -> World:
    """Record the example organisation."""
    return make_world()


def test_the_example_organisation_keeps_both() -> None:
    assert interests_have_live_tests().verdict is Verdict.HOLDS
    assert interests_are_confirmed_by_somebody().verdict is Verdict.HOLDS


def test_an_expired_balancing_test_breaks_s8(world: World) -> None:
    BalancingTest.objects.filter(purpose=world.research).update(expires_at=timezone.now() - timedelta(seconds=1))
    finding = interests_have_live_tests()
    assert finding.verdict is Verdict.BROKEN
    assert finding.figures["without_live_test"] == finding.about or finding.about == (world.research.key,)
    check_claims(["S8"], actor=SYSTEM)
    assert closed_by(Door.SENDING, world.research.key) == ("S8",)
    assert closed_by(Door.SENDING, world.marketing.key) == (), "the other purposes stand on tests of their own"


def test_a_test_of_long_ago_is_none_whatever_its_end(world: World) -> None:
    BalancingTest.objects.filter(purpose=world.research).update(approved_at=timezone.now() - timedelta(days=800))
    assert interests_have_live_tests().about == (world.research.key,)


@pytest.mark.parametrize("change", [{"interest": " "}, {"balance": ""}, {"confirmed_by": "tietosuoja@esimerkki.fi"}])
def test_an_interest_nobody_confirmed_breaks_s10(change: dict[str, str], world: World) -> None:
    BalancingTest.objects.filter(purpose=world.marketing).update(**change)
    finding = interests_are_confirmed_by_somebody()
    assert finding.verdict is Verdict.BROKEN
    assert finding.about == (world.marketing.key,)
