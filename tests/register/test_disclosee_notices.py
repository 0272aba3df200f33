"""Changes outside a case are told to those who were given the data: found from what a stop kept, later than it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.register import actions, forgetting, rectification, stop
from luvalla.register.disclosee_notices import change_of, find_disclosees, note_changes, note_told, untold
from luvalla.register.errors import ReasonMissing
from luvalla.register.models import Audience, ChangeToTell, Contact, DiscloseeNotice, Permission, Stop
from luvalla.register.tasks import finish_stops
from luvalla.rules.address import normalise
from tests.register.conftest import PatientBarrier
from tests.register.test_together import link_of
from tests.support.requests import add_disclosee

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
MAIJA = "maija.malli@esimerkki.fi"
MATTI = "matti.malli@toinen.example"


def told() -> list[tuple[str, str, str, str]]:
    """Have the disclosees found, and open what each is to be told."""
    find_disclosees()
    return [(each.to.name, each.kind, *change_of(each)) for each in untold()]


def test_a_plain_stop_tells_whoever_has_the_data_and_keeps_no_address_in_plain_text(
    register_address: Bring, customers: Audience, barrier: PatientBarrier
) -> None:
    to = add_disclosee("Vertailu Oy")
    register_address(MAIJA)
    list(actions.export_contacts(audience=customers, to=to, purpose="disclosure", reason="by contract", actor=SYSTEM))
    register_address(MATTI)
    for address in (MAIJA, MATTI):
        assert stop.withdraw(address=normalise(address), channel="page", actor=SUBJECT).finished
    assert not Contact.objects.exists()
    assert all(MAIJA.encode() not in bytes(each.sealed) for each in ChangeToTell.objects.all())
    assert told() == [("Vertailu Oy", "erasure", MAIJA, "")], "who came after the export was not in it"
    assert not ChangeToTell.objects.exists()
    row = LedgerRow.objects.get(verb="register.find_disclosees")
    assert row.facts == {"changes": 2, "notices": 1}
    assert MAIJA.encode() not in bytes(DiscloseeNotice.objects.get().sealed)


def test_one_click_stops_that_come_together_are_told_too(register_address: Bring, barrier: PatientBarrier) -> None:
    add_disclosee("Vertailu Oy")
    links = [link_of(register_address(each)) for each in (MAIJA, MATTI)]
    answers = stop.withdraw_together(links, channel="one_click", actor=SUBJECT)
    assert all(each.finished for each in answers)
    assert [each[2] for each in told()] == [MAIJA, MATTI]


def test_nobody_to_tell_costs_one_question_and_nothing_is_kept(
    register_address: Bring, barrier: PatientBarrier, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    maija = register_address(MAIJA)
    with django_assert_num_queries(1):
        assert note_changes([maija], kind=DiscloseeNotice.Kind.ERASURE) == 0
    with django_assert_num_queries(0):
        assert note_changes([], kind=DiscloseeNotice.Kind.ERASURE) == 0
    stop.withdraw(address=normalise(MAIJA), channel="page", actor=SUBJECT)
    assert not ChangeToTell.objects.exists()


def test_what_a_case_tells_by_itself_is_not_told_twice(register_address: Bring, barrier: PatientBarrier) -> None:
    add_disclosee("Vertailu Oy")
    ways: list[Callable[[str], object]] = [
        lambda it: stop.erase(address=normalise(it), channel="form", is_of_case=True, actor=SYSTEM),
        lambda it: stop.object_to(address=normalise(it), channel="form", is_of_case=True, actor=SYSTEM),
        lambda it: stop.anonymise(address=normalise(it), channel="form", is_of_case=True, actor=SYSTEM),
        lambda it: forgetting.forget(address=normalise(it), channel="form", is_of_case=True, actor=SYSTEM),
        lambda it: stop.restrict(address=normalise(it), reason="x", channel="form", is_of_case=True, actor=SYSTEM),
        lambda it: rectification.rectify(
            address=normalise(it), to=normalise("uusi@esimerkki.fi"), channel="form", is_of_case=True, actor=SYSTEM
        ),
    ]
    for number, way in enumerate(ways):
        address = f"n{number}@esimerkki.fi"
        register_address(address)
        way(address)
    assert not ChangeToTell.objects.exists()


def test_a_correction_a_restriction_and_a_company_s_own_stop_are_told(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    add_disclosee("Vertailu Oy")
    for address in (MAIJA, MATTI, "liisa@esimerkki.fi"):
        register_address(address)
    new = "uusi.maija@esimerkki.fi"
    rectification.rectify(address=normalise(MAIJA), to=normalise(new), channel="source", actor=SYSTEM)
    stop.restrict(address=normalise("liisa@esimerkki.fi"), reason="claim", channel="phone", actor=SYSTEM)
    stop.restrict(address=normalise("liisa@esimerkki.fi"), reason="claim", channel="phone", actor=SYSTEM)
    stop.stop_company(domain="toinen.example", channel="phone", actor=SYSTEM)
    assert told() == [
        ("Vertailu Oy", "rectification", MAIJA, new),
        ("Vertailu Oy", "restriction", "liisa@esimerkki.fi", ""),
        ("Vertailu Oy", "erasure", MATTI, ""),
    ]


def test_a_mailbox_that_is_gone_is_told_to_nobody(register_address: Bring, barrier: PatientBarrier) -> None:
    add_disclosee("Vertailu Oy")
    maija = register_address(MAIJA)
    stop.drop_undeliverable(contact_id=maija.pk, until=timezone.now() + timedelta(days=1), actor=SYSTEM)
    assert not Contact.objects.exists()
    assert told() == []


def test_a_stop_that_another_process_finishes_tells_as_well(register_address: Bring, barrier: PatientBarrier) -> None:
    add_disclosee("Vertailu Oy")
    register_address(MAIJA)
    barrier.answer = False
    assert not stop.withdraw(address=normalise(MAIJA), channel="page", actor=SUBJECT).finished
    assert told() == [], "nothing has gone yet"
    barrier.answer = True
    Stop.objects.update(requested_at=timezone.now() - timedelta(hours=1))
    assert finish_stops() == 1
    assert told() == [("Vertailu Oy", "erasure", MAIJA, "")]


def test_who_is_told_is_known_from_before_the_erasure(register_address: Bring, barrier: PatientBarrier) -> None:
    register_address(MAIJA)
    Permission.objects.update(created_at=timezone.now() - timedelta(days=40))
    add_disclosee("Loppunut Oy", ends=timezone.localdate() - timedelta(days=10))
    add_disclosee("Ennen häntä Oy", ends=timezone.localdate() - timedelta(days=50))
    stop.withdraw(address=normalise(MAIJA), channel="page", actor=SUBJECT)
    assert [each[0] for each in told()] == ["Loppunut Oy"]


def test_once_told_the_address_goes_and_an_impossibility_has_its_sealed_reason(
    register_address: Bring, barrier: PatientBarrier
) -> None:
    add_disclosee("Vertailu Oy")
    for address in (MAIJA, MATTI):
        register_address(address)
        stop.withdraw(address=normalise(address), channel="page", actor=SUBJECT)
    told()
    first, second = untold()
    assert note_told(notices=[first], result=DiscloseeNotice.Result.POST, actor=SYSTEM) == 1
    with pytest.raises(ReasonMissing):
        note_told(notices=[second], result=DiscloseeNotice.Result.IMPOSSIBLE, why=" ", actor=SYSTEM)
    note_told(notices=[second], result=DiscloseeNotice.Result.IMPOSSIBLE, why="Yhtiö on purettu.", actor=SYSTEM)
    assert not untold().exists()
    rows = DiscloseeNotice.objects.order_by("pk")
    assert [(bytes(each.folded), bytes(each.sealed), each.result) for each in rows] == [
        (b"", b"", "post"), (b"", b"", "impossible"),
    ]  # fmt: skip
    assert rows[1].why
    assert b"purettu" not in bytes(rows[1].why)
    assert change_of(rows[0]).address == ""
