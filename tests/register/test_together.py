"""Stops that are carried out together: each ends as it would have ended by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from luvalla.ledger import erasures
from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.errors import ErasuresUnwritable
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring
from luvalla.register import stop
from luvalla.register.links import StopLink, make_stop_token, read_stop_token
from luvalla.register.models import Contact, PendingSignUp, Permission, PermissionProof, SourceNotice, Stop, Suppression
from luvalla.register.source_notices import address_of
from luvalla.rules.ports import Holding, Registry
from tests.register.conftest import PatientBarrier
from tests.register.test_stop import Shelf

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
NAMES = ("aino", "eino", "maija", "matti", "pekka")


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    registry: Registry[Holding] = Registry("holding")
    registry.register("register", stop.REGISTER)
    monkeypatch.setattr(stop, "holdings", registry)
    made = Shelf()
    registry.register("shelf", made)
    return made


@pytest.fixture(autouse=True)
def _only_our_parts(barrier: PatientBarrier, shelf: Shelf) -> None:
    """Leave the other rooms out."""


def link_of(contact: Contact) -> StopLink:
    token = make_stop_token(contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=1, keyring=keyring())
    link = read_stop_token(token, keyring())
    assert link is not None
    return link


def stop_all(links: list[StopLink]) -> list[stop.StopAnswer]:
    return stop.withdraw_together(links, channel="one_click", actor=SUBJECT)


def test_each_of_a_group_keeps_its_own_rows_lines_proofs_and_notices(
    register_address: Bring, shelf: Shelf, barrier: PatientBarrier
) -> None:
    contacts = [register_address(f"{name}@esimerkki.fi") for name in NAMES]
    register_address("maija+uutiset@esimerkki.fi")
    now = timezone.now()
    PendingSignUp.objects.create(folded=bytes(contacts[0].folded), sealed=b"x", expires_at=now + timedelta(days=7))
    answers = stop_all([link_of(each) for each in contacts])
    assert [(each.kind, each.was_known, each.finished) for each in answers] == [("withdrawal", True, True)] * 5
    assert not Contact.objects.exists()
    assert not Permission.objects.exists()
    assert not PendingSignUp.objects.exists()
    assert {bytes(each.folded) for each in contacts} == {bytes(each.token) for each in Suppression.objects.all()}
    assert len(list(erasures.read_lines())) == 2 * 5
    assert PermissionProof.objects.count() == 6
    assert {address_of(each) for each in SourceNotice.objects.all()} == {
        "maija+uutiset@esimerkki.fi", *(f"{name}@esimerkki.fi" for name in NAMES),
    }  # fmt: skip
    assert len(barrier.asked) == 1
    assert [each.address for each in shelf.asked] == [f"{name}@esimerkki.fi" for name in NAMES]
    erased = [stop.erased_by(each)["register"] for each in answers]
    assert erased == [3, 2, 4, 2, 2]
    begun = LedgerRow.objects.filter(verb="register.stop").order_by("pk")
    assert [each.facts["contacts"][0] for each in begun] == [str(each.ref) for each in contacts]
    assert not Stop.objects.exclude(folded=b"").exists()
    assert not Stop.objects.filter(answered_at=None).exists()


def test_a_group_ends_as_single_stops_end(register_address: Bring) -> None:
    one, two = (register_address(f"{name}@esimerkki.fi") for name in ("aino", "eino"))
    single = stop.withdraw(link=link_of(one), channel="one_click", actor=SUBJECT)
    (grouped,) = stop_all([link_of(two)])
    rows = [
        [(each.verb, each.actor, sorted(each.facts)) for each in LedgerRow.objects.filter(subject_ref=answer.ref)]
        for answer in (single, grouped)
    ]
    assert rows[0] == rows[1]
    assert stop.erased_by(single) == stop.erased_by(grouped) == {"shelf": 1, "register": 2}


def test_an_erased_an_unfitting_and_a_doubled_link_of_a_group_are_answered_as_ever(register_address: Bring) -> None:
    gone, other, maija = (register_address(f"{name}@esimerkki.fi") for name in ("aino", "eino", "maija"))
    stop_all([link_of(gone)])
    unfitting = StopLink(other.pk, 1, b"another"[:6])
    answers = stop_all([link_of(gone), unfitting, link_of(maija), link_of(maija)])
    assert [each.finished for each in answers] == [True] * 4
    assert [each.was_known for each in answers] == [False, False, True, True]
    assert list(Contact.objects.all()) == [other]
    assert Suppression.objects.count() == 2
    assert [stop.erased_by(each).get("register") for each in answers[2:]] == [2, 0]
    assert SourceNotice.objects.count() == 2
    assert stop_all([link_of(gone)])[0].finished


def test_a_group_with_somebody_whose_letter_is_on_its_way_is_blocked_and_each_finished_by_itself(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    contacts = [register_address(f"{name}@esimerkki.fi") for name in NAMES]
    barrier.answer = False
    answers = stop_all([link_of(each) for each in contacts])
    assert [each.finished for each in answers] == [False] * 5
    assert Suppression.objects.count() == 5
    assert Contact.objects.count() == 5
    assert not stop.finish_begun(answers[0].ref)
    barrier.answer = True
    assert all(stop.finish_begun(each.ref) for each in answers)
    assert stop.finish_begun(answers[0].ref)
    assert not Contact.objects.exists()
    assert LedgerRow.objects.filter(verb="register.answer_stop").count() == 5


def test_a_store_that_fails_for_a_group_leaves_its_blocks_and_is_tried_again(
    register_address: Bring, shelf: Shelf
) -> None:
    contacts = [register_address(f"{name}@esimerkki.fi") for name in NAMES]
    shelf.fails = True
    answers = stop_all([link_of(each) for each in contacts])
    assert [each.finished for each in answers] == [False] * 5
    assert Suppression.objects.count() == Contact.objects.count() == 5
    shelf.fails = False
    assert all(stop.finish_begun(each.ref) for each in answers)
    assert not Contact.objects.exists()


def test_nobody_of_a_group_is_stopped_when_the_ledger_of_erasures_cannot_be_written(
    register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = [register_address(f"{name}@esimerkki.fi") for name in NAMES]

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(erasures, "_put", full)
    with pytest.raises(ErasuresUnwritable):
        stop_all([link_of(each) for each in contacts])
    assert Contact.objects.count() == 5
    assert not Suppression.objects.exists()
    assert not Stop.objects.exists()


def test_a_group_of_twenty_asks_the_database_hardly_more_often_than_one_stop(register_address: Bring) -> None:
    contacts = [register_address(f"asiakas{number}@esimerkki.fi") for number in range(21)]
    with CaptureQueriesContext(connection) as alone:
        stop_all([link_of(contacts[0])])
    with CaptureQueriesContext(connection) as together:
        stop_all([link_of(each) for each in contacts[1:]])
    assert not Contact.objects.exists()
    assert len(together) <= len(alone) + 5
