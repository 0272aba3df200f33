"""Who has looked at somebody's data: every kind of look, alone or among many, is told with its day and purpose."""

from __future__ import annotations

import time
import zlib

import pytest
from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record_look
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.errors import SealBroken
from luvalla.ledger.letting_go import let_go_looks
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.paper.actions import enter_item, record_print, uncover_description
from luvalla.paper.models import PaperItem
from luvalla.paper.searches import ask_custodian, show_search
from luvalla.people.models import User
from luvalla.register import stop
from luvalla.register.actions import export_contacts, show_person, uncover_address
from luvalla.register.columns import SEEN
from luvalla.register.models import Contact, Seen
from luvalla.register.seen import keep_seen, looks_that_showed
from luvalla.register.source_notices import fetch_notices, fetch_page
from luvalla.rights.copies.looks import looks_of
from luvalla.rights.models import DataRequest
from luvalla.rights.reading import show_request
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import Prohibited
from luvalla.rules.retention import ACCESS_LOG
from tests.support.requests import MAIJA, Desk, add_customer, ask
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(desk: Desk, maija: Contact) -> DataRequest:
    return ask(Right.ACCESS, language="en")


def told(request: DataRequest) -> list[tuple[str, str]]:
    looks = looks_of(request)
    today = timezone.localdate()
    assert all(f"{today.day} " in each["at"] and str(today.year) in each["at"] for each in looks)
    assert not any("person:" in value for each in looks for value in each.values()), "nobody of the staff is named"
    return [(each["how"], each["purpose"]) for each in looks]


def test_a_look_at_the_address_is_told(request_: DataRequest, desk: Desk, maija: Contact) -> None:
    assert told(request_) == []
    uncover_address(contact=maija, purpose="delivery", reason="It came back", actor=desk.handler)
    assert told(request_) == [("look at the data", "clearing up a delivery")]


def test_a_search_is_told(request_: DataRequest, desk: Desk, maija: Contact) -> None:
    with transaction.atomic():
        record_look("register.search", actor=desk.clerk, purpose="import", subject=Subject("contact", str(maija.ref)))
    assert told(request_) == [("search", "checking an import")]


def test_everything_shown_on_the_server_is_told(request_: DataRequest, desk: Desk) -> None:
    show_person(address=normalise(MAIJA), purpose="request", reason="asked", actor=desk.owner)
    assert told(request_) == [("look at the data", "a request of the data subject")]


def test_an_export_is_told_to_everybody_in_it_and_to_nobody_else(
    request_: DataRequest, desk: Desk, maija: Contact, world: World
) -> None:
    add_customer(world, "matti@kotiposti.example")
    stop.prohibit(
        contact_id=add_customer(world, "aino@kotiposti.example").pk,
        kinds=Prohibited.DISCLOSURE,
        channel="phone",
        actor=desk.clerk,
    )
    lines = list(export_contacts(audience=world.customers, purpose="supervision", reason="a sample", actor=desk.owner))
    late = add_customer(world, "myohempi@kotiposti.example")
    assert sum("@" in each for each in lines) == 2
    row = LedgerRow.objects.get(verb="register.export_contacts")
    shown = [each for each in Contact.objects.order_by("pk") if row in looks_that_showed([each])]
    assert len(shown) == row.facts["contacts"] == 2
    assert late not in shown
    assert told(request_) == [("export to a file", "supervision of the register")]
    assert str(maija.ref) not in str(row.facts), "the ledger names nobody of an export"


def test_who_comes_while_the_file_is_written_is_not_in_it(desk: Desk, maija: Contact, world: World) -> None:
    lines = export_contacts(audience=world.customers, purpose="supervision", reason="a sample", actor=desk.owner)
    add_customer(world, "myohempi@kotiposti.example")
    assert sum("@" in each for each in lines) == 1


def test_a_file_and_a_programs_page_for_the_source_are_told(
    request_: DataRequest, desk: Desk, maija: Contact, world: World
) -> None:
    stop.prohibit(contact_id=maija.pk, kinds=Prohibited.RESEARCH, channel="phone", actor=desk.clerk)
    fetch_notices(source=world.crm, reason="for the customer system", actor=desk.clerk)
    assert told(request_) == [("notice to the source", "telling the source of a change")]
    assert looks_that_showed([maija])
    fetch_page(source=world.crm, after=0, limit=10, actor=SYSTEM)
    assert LedgerRow.objects.filter(seen__isnull=False).count() == 2


def test_a_notice_fetched_after_the_erasure_is_told_while_it_waits(
    request_: DataRequest, desk: Desk, maija: Contact, world: World
) -> None:
    stop.withdraw(contact_id=maija.pk, channel="phone", actor=desk.clerk)
    fetch_notices(source=world.crm, reason="for the customer system", actor=desk.clerk)
    assert ("notice to the source", "telling the source of a change") in told(request_)


def test_a_look_at_the_request_is_told_and_the_programs_own_search_is_not(request_: DataRequest, desk: Desk) -> None:
    with transaction.atomic():
        about = Subject("request", str(request_.ref))
        record_look("rights.search_store", actor=SYSTEM, purpose="request", subject=about)
    assert told(request_) == []
    show_request(request=request_, actor=desk.handler)
    assert told(request_) == [("look at the data", "a request of the data subject")]


def test_prints_and_looks_at_paper_are_told(request_: DataRequest, desk: Desk, maija: Contact) -> None:
    folded = bytes(maija.folded)
    kind = PaperItem.Kind.CASE
    record_print(
        kind=kind, about=Subject("request", str(request_.ref)), actor=desk.handler, purpose="request",
        reason="for the meeting", folded=folded,
    )  # fmt: skip
    letter = enter_item(kind=kind, origin="received", actor=desk.custodian, description="A letter", folded=folded)
    uncover_description(item=letter, purpose="order", actor=desk.custodian)
    search = ask_custodian(
        case_ref=str(request_.ref), sought="Maija", due_on=timezone.localdate(), actor=desk.handler, folded=folded
    )
    show_search(search=search, actor=desk.custodian)
    assert sorted(told(request_)) == [
        ("print", "a request of the data subject"),
        ("search for paper", "a request of the data subject"),
        ("search for paper", "keeping the paper in order"),
    ]


def test_a_programs_list_names_the_purpose_of_its_letters(request_: DataRequest, maija: Contact, world: World) -> None:
    with transaction.atomic():
        row = record_look("api.read_contacts", actor=SYSTEM, purpose=world.marketing.key)
        keep_seen(row, [maija.pk])
    assert told(request_) == [("list for a program", world.marketing.name_in("en"))]


def test_whom_a_look_showed_is_sealed_and_goes_with_the_row(desk: Desk, maija: Contact, world: World) -> None:
    list(export_contacts(audience=world.customers, purpose="supervision", reason="a sample", actor=desk.owner))
    (seen,) = Seen.objects.all()
    assert zlib.compress(f"[{maija.pk}]".encode()) not in bytes(seen.numbers)
    with pytest.raises(SealBroken):
        sealer().open(bytes(seen.numbers), column=SEEN, token=b"another row")
    seal_rows()
    let_go_looks(timezone.now() + ACCESS_LOG * 2)
    assert not Seen.objects.exists()
    assert not LedgerRow.objects.filter(verb="register.export_contacts").exists()


def test_a_number_given_anew_is_not_told_of_what_an_earlier_contact_was_in(maija: Contact) -> None:
    with transaction.atomic():
        row = record_look("api.read_contacts", actor=SYSTEM, purpose="direct_marketing")
        keep_seen(row, [maija.pk])
    assert looks_that_showed([maija]) == [row]
    Contact.objects.filter(pk=maija.pk).update(created_at=timezone.now())
    maija.refresh_from_db()
    assert looks_that_showed([maija]) == []


def test_one_person_is_found_quickly_among_an_export_of_many(maija: Contact) -> None:
    with transaction.atomic():
        row = record_look("register.export_contacts", actor=SYSTEM, purpose="supervision", reason="x")
        keep_seen(row, range(1, 300_000))
    assert len(bytes(Seen.objects.get().numbers)) < 30_000
    begun = time.perf_counter()
    assert looks_that_showed([maija]) == [row]
    assert time.perf_counter() - begun < 1


def test_nobody_of_the_staff_is_asked_to_be_named(request_: DataRequest, desk: Desk, maija: Contact) -> None:
    uncover_address(contact=maija, purpose="delivery", reason="It came back", actor=desk.handler)
    said = str(looks_of(request_))
    assert not any(each.full_name in said or str(each.ref) in said for each in User.objects.all())
