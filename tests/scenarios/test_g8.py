"""G8: somebody known on paper only writes a letter: cabinets are searched, and the copy goes by post."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from luvalla.ledger.actions import Subject
from luvalla.paper.actions import enter_item
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.models import PaperItem, PaperSearch
from luvalla.paper.printing import print_pdf
from luvalla.paper.queries import prints_of_case
from luvalla.paper.searches import answer_search
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.moving import move
from luvalla.rights.actions.steps import answer_without_data, collect, note_identity, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import Said
from luvalla.rights.errors import IdentityMissing, StepRefused, TasksOpen
from luvalla.rights.models import DataRequest, Task
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right, State
from tests.support.pdf import text_of
from tests.support.requests import Desk, answer_paper, mails, make_desk, work
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def request_on_paper(desk: Desk) -> DataRequest:
    arrival = Arrival(
        channel=DataRequest.Channel.LETTER,
        language="fi",
        said=Said(name="Veikko Vanha", postal="Mallikuja 3\n00001 Mallila", text="Mitä tietoja minusta on?"),
        rights=[Right.ACCESS],
        at=datetime.fromisoformat("2026-11-20T09:00+02:00"),
        by_post=True,
    )
    return receive_request(arrival=arrival, address=None, actor=desk.clerk)


def of_case(request: DataRequest, desk: Desk) -> dict[str, Any]:
    """Say what is printed, by whom and why."""
    about = Subject(OF_A_CASE, str(request.ref))
    return {"kind": PaperItem.Kind.CASE, "about": about, "actor": desk.handler, "purpose": "request", "reason": "Posti"}


def test_g8_a_letter_is_answered_by_post_after_the_cabinets_were_searched(
    desk: Desk, request_on_paper: DataRequest
) -> None:
    request = request_on_paper
    assert (request.receipt_date, request.due_on) == (date(2026, 11, 20), date(2026, 12, 21))
    assert mails() == []
    acknowledged = request.letters.get(kind="acknowledgement")
    assert acknowledged.by_post
    said = text_of(pdf_of(acknowledged))
    assert "21.12.2026" in said
    assert "/r/" not in said
    finish_task(task=request.tasks.get(kind=Task.Kind.POST), result="done", actor=desk.handler)
    acknowledged.refresh_from_db()
    assert acknowledged.state == "sent"
    request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
    request = collect(request=request, actor=desk.handler)
    work()
    request.refresh_from_db()
    assert request.state == State.NO_DATA
    assert PaperSearch.objects.get().case_ref == str(request.ref)

    request = answer_without_data(request=request, actor=desk.handler)
    with pytest.raises(IdentityMissing):
        grant(request=request, actor=desk.handler)
    note_identity(request=request, level=2, how="Sopimuksen tiedot ja tunnettu osoite", actor=desk.handler)
    request.refresh_from_db()
    with pytest.raises(TasksOpen):
        grant(request=request, actor=desk.handler)
    with pytest.raises(StepRefused):
        move(request, State.CLOSED, actor=desk.clerk)

    answer_paper(request, desk.custodian)
    request.refresh_from_db()
    grant(request=request, actor=desk.handler)
    work()
    see_it_posted(desk, DataRequest.objects.get())


def see_it_posted(desk: Desk, request: DataRequest) -> None:
    """Print the answer, post it, and see the case closed on that day."""
    assert request.state == State.REPLIED
    letter = request.letters.get(kind="no_data")
    said = text_of(pdf_of(letter))
    assert "Sähköisissä järjestelmissämme ei ole tietoja sinusta" in said
    assert "Veikko Vanha" in said
    assert "Mallikuja 3" in said
    post = Task.objects.get(request=request, kind=Task.Kind.POST, done_at=None)
    item, printed = print_pdf(raw=pdf_of(letter), **of_case(request, desk))
    assert str(item) in text_of(printed)
    day = timezone.localdate()
    finish_task(task=post, result="done", posted_on=day, prints=[item], actor=desk.handler)
    work()
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert request.replied_at is not None
    assert timezone.localdate(request.replied_at) == day
    item.refresh_from_db()
    assert item.posted_at is not None
    assert list(prints_of_case(str(request.ref))) == []
    assert mails() == []


def test_g8_paper_that_was_found_is_copied_into_the_envelope_and_the_electronic_part_says_that_there_is_nothing(
    desk: Desk, request_on_paper: DataRequest
) -> None:
    request = triage(request=request_on_paper, rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=request, actor=desk.handler)
    work()
    about = {"kind": PaperItem.Kind.CORRESPONDENCE, "origin": PaperItem.Origin.RECEIVED}
    letter_of_1998 = enter_item(**about, description="Kirje vuodelta 1998", actor=desk.custodian)
    question = PaperSearch.objects.get(case_ref=str(request.ref))
    answer_search(search=question, found=[letter_of_1998], actor=desk.custodian)
    follow_up()
    answer_without_data(request=DataRequest.objects.get(), actor=desk.handler)
    note_identity(request=request, level=2, how="Tunnettu osoite", actor=desk.handler)
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    said = text_of(pdf_of(request.letters.get(kind="no_data")))
    assert "Meillä on sinusta paperiaineistoa" in said
    assert "Sähköisissä järjestelmissämme ei ole tietoja sinusta" in said
    assert "Sen jäljennökset ovat liitteenä" in said
    waiting = request.tasks.filter(kind=Task.Kind.POST, done_at=None)
    assert sorted(each.about for each in waiting) == ["copy", "no_data"]
    assert not request.tasks.filter(about="acknowledgement", done_at=None).exists()
    for each in waiting:
        finish_task(task=each, result="done", actor=desk.handler)
    follow_up()
    request.refresh_from_db()
    assert request.state == State.CLOSED
