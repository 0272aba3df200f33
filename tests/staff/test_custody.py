"""What a custodian sees of a request: the paper it needs and its day; not what was asked, by whom, or how it stands."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luvalla.ledger.models import LedgerRow
from luvalla.paper.models import PaperChange, PaperItem, PaperSearch
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.cases import Said
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from tests.rights.test_paper import paper, searched
from tests.staff.test_requests import browser_of
from tests.support.requests import MAIJA, Desk, add_customer, make_desk, work
from tests.support.world import World, make_world

WORDS = "Poistakaa kaikki mitä minusta on."


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def maija(world: World) -> Contact:
    return add_customer(world, MAIJA)


def collected(desk: Desk) -> DataRequest:
    arrival = Arrival(
        DataRequest.Channel.LETTER, "fi", Said(address=MAIJA, name="Maija Malli", text=WORDS), rights=[Right.ACCESS],
        mailbox_proved=True,
    )  # fmt: skip
    request = receive_request(arrival=arrival, address=normalise(MAIJA), actor=desk.clerk)
    triage(request=DataRequest.objects.get(), rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    return DataRequest.objects.get(pk=request.pk)


def to_destroy(desk: Desk) -> tuple[DataRequest, PaperItem, Task]:
    """Bring a request as far as the destruction of a letter that was found by hand."""
    found = paper(desk)
    grant(request=searched(desk, Right.ERASURE, found), actor=desk.handler)
    work()
    return DataRequest.objects.get(), found, Task.objects.get(kind="destruction")


def custody(request: DataRequest) -> str:
    return reverse("staff_requests:custody", args=[request.ref])


def test_a_search_leads_to_the_request_it_is_for_and_the_request_shows_its_paper_alone(
    desk: Desk, maija: Contact
) -> None:
    request, custodian = collected(desk), browser_of(desk.custodian)
    search = PaperSearch.objects.get()
    place = reverse("staff_paper:search", args=[search.ref])
    assert custody(request) in custodian.get(place).content.decode()
    shown = custodian.get(custody(request)).content.decode()
    assert request.number in shown
    assert place in shown
    for others in (MAIJA, "Maija Malli", WORDS, "Access", "said/", "letters/"):
        assert others not in shown
    assert not LedgerRow.objects.filter(verb="rights.show_request").exists()


def test_a_custodian_opens_nothing_else_of_the_case(desk: Desk, maija: Contact) -> None:
    request, custodian = collected(desk), browser_of(desk.custodian)
    case = f"/staff/requests/{request.ref}/"
    task = request.tasks.get(kind="paper")
    for path in ("/staff/requests/", case, f"{case}said/", f"{case}tasks/{task.ref}/", f"{case}grant/"):
        assert custodian.get(path).status_code == 403, path


def test_the_page_is_there_only_while_the_request_needs_a_custodian(desk: Desk, maija: Contact) -> None:
    request, custodian = collected(desk), browser_of(desk.custodian)
    assert custodian.get(custody(request)).status_code == 200
    custodian.post(reverse("staff_paper:search", args=[PaperSearch.objects.get().ref]), {"act": "nothing"})
    follow_up()
    assert custodian.get(custody(request)).status_code == 404
    assert browser_of(desk.handler).get(custody(request)).status_code == 403


def test_paper_to_be_destroyed_waits_on_the_front_page_and_says_for_which_request(desk: Desk, maija: Contact) -> None:
    request, item, _task = to_destroy(desk)
    custodian = browser_of(desk.custodian)
    front = custodian.get("/staff/").content.decode()
    assert "Destroy paper for a request" in front
    assert custody(request) in front
    assert custody(request) in custodian.get(reverse("staff_paper:item", args=[item.ref])).content.decode()
    shown = custodian.get(custody(request)).content.decode()
    assert reverse("staff_paper:destroy", args=[item.ref]) in shown
    assert "Destroy paper for a request" not in browser_of(desk.clerk).get("/staff/").content.decode()


def test_paper_to_be_marked_leads_to_where_it_says_what_to_write(desk: Desk, maija: Contact) -> None:
    item = paper(desk)
    grant(request=searched(desk, Right.RESTRICTION, item), actor=desk.handler)
    work()
    request, change = DataRequest.objects.get(), PaperChange.objects.get()
    custodian = browser_of(desk.custodian)
    shown = custodian.get(custody(request)).content.decode()
    place = reverse("staff_paper:change", args=[change.ref])
    assert place in shown
    assert str(item) in shown
    assert "It can&#x27;t be destroyed" not in shown
    assert custodian.get(place).status_code == 200
    custodian.post(place, {"act": "done"})
    follow_up()
    assert custodian.get(custody(request)).status_code == 404


def test_a_custodian_says_why_paper_can_t_be_destroyed_and_the_desk_reads_it(desk: Desk, maija: Contact) -> None:
    request, _item, task = to_destroy(desk)
    custodian = browser_of(desk.custodian)
    place = reverse("staff_requests:custody_task", args=[request.ref, task.ref])
    assert place in custodian.get(custody(request)).content.decode()
    shown = custodian.get(place).content.decode()
    assert "said/" not in shown
    assert "Why can&#x27;t it be done?" in shown
    assert custodian.post(place, {"result": "impossible", "note": ""}).status_code == 200
    assert custodian.post(place, {"result": "done", "note": "Silputtu."}).status_code == 200
    task.refresh_from_db()
    assert task.done_at is None
    answer = custodian.post(place, {"result": "impossible", "note": "Palanut arkiston mukana."})
    assert (answer.status_code, answer["Location"]) == (302, "/staff/paper/")
    task.refresh_from_db()
    assert (task.result, task.done_by) == ("impossible", str(desk.custodian))
    assert (
        "Palanut arkiston mukana." in browser_of(desk.handler).get(f"/staff/requests/{request.ref}/").content.decode()
    )
    assert custodian.get(place).status_code == 404


def test_somebody_else_s_task_is_no_custodian_s(desk: Desk, maija: Contact) -> None:
    request, _item, _task = to_destroy(desk)
    for task in request.tasks.exclude(role="custodian"):
        place = reverse("staff_requests:custody_task", args=[request.ref, task.ref])
        assert browser_of(desk.custodian).get(place).status_code == 404
