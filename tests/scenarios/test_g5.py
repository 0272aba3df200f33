"""G5: a company's contact person is erased here at once; the contract's own system holds on for a reason and a time."""

from __future__ import annotations

import pytest

from luvalla.register.models import Contact
from luvalla.register.queries import is_suppressed
from luvalla.register.source_notices import fetch_notices
from luvalla.rights.actions.decisions import add_hold, decide, end_hold, give_opinion, grant, propose
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.steps import collect, prohibit_for_company, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.models import DataRequest, Decision, Hold
from luvalla.rights.queries import open_tasks
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, State
from tests.support.pdf import text_of
from tests.support.requests import Desk, add_customer, answer_paper, ask, let_arrive, make_desk, work
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
CONTACT = "etunimi.sukunimi@yritys.example"


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


def finish_notices(request: DataRequest, desk: Desk) -> None:
    """Have each source and disclosee acknowledge what it was told."""
    for task in open_tasks(request):
        finish_task(task=task, result="done", actor=desk.handler)


def test_g5_the_row_goes_at_once_and_the_hold_is_shown_with_ground_and_end(world: World, desk: Desk) -> None:
    add_customer(world, CONTACT)
    request = ask(Right.ERASURE, address=CONTACT)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    assert not Contact.objects.exists()

    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    hold = add_hold(
        request=request,
        system="Asiakastietojärjestelmä",
        ground=Hold.Ground.CONTRACT_CONTACT,
        ends=Hold.Ends.END_OF_ROLE,
        actor=desk.handler,
    )
    propose(
        request=request,
        outcome=Decision.Outcome.PARTIAL,
        ground="contract_contact",
        facts="Olet yrityksen sopimuksen yhteyshenkilö.",
        reasons="Sopimus on voimassa, ja sen hoitaminen vaatii yhteyshenkilön.",
        instead="Osoitteesi on poistettu uutiskirjerekisteristä.",
        actor=desk.handler,
    )
    give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    decide(request=request, actor=desk.owner)
    work()

    said = text_of(pdf_of(request.letters.get(kind="partial")))
    assert "Todistus osittaisesta epäämisestä" in said
    assert "Asiakastietojärjestelmä. Tieto kuuluu voimassa olevan sopimuksen yhteyshenkilölle" in said
    assert "kun järjestelmän vastuuhenkilö ilmoittaa tehtävän päättyneen" in said
    finish_notices(request, desk)
    let_arrive()
    request.refresh_from_db()
    assert request.state == State.CLOSED

    end_hold(hold=hold, note="Tehtävä päättyi.", actor=desk.handler)
    request.refresh_from_db()
    assert request.state == State.REOPENED
    finish_task(task=open_tasks(request).get(), result="done", note="Poistettu sielläkin.", actor=desk.handler)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    request.refresh_from_db()
    collect(request=request, actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    request.refresh_from_db()
    grant(request=request, actor=desk.handler)
    work()
    finish_notices(request, desk)
    let_arrive()
    request.refresh_from_db()
    assert (request.state, request.holds.filter(ended_at=None).count()) == (State.CLOSED, 0)


def test_g5_a_company_wide_prohibition_stops_the_whole_domain(world: World, desk: Desk) -> None:
    add_customer(world, CONTACT)
    add_customer(world, "toinen@yritys.example")
    request = ask(Right.PROHIBITION, address=CONTACT)
    prohibit_for_company(request=request, actor=desk.clerk)
    assert is_suppressed(normalise("kolmas@yritys.example"))
    assert not Contact.objects.exists()
    told = fetch_notices(source=world.crm, reason="vienti asiakastietoihin", actor=desk.handler)
    assert "yritys.example,company_domain," in told, "whoever of it is in the source alone is stopped there too"
