"""G8: somebody known on paper only writes a letter: cabinets are searched, and the copy goes by post."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from luvalla.paper.models import PaperSearch
from luvalla.rights.actions.decisions import grant
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.moving import move
from luvalla.rights.actions.steps import answer_without_data, collect, note_identity, triage
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.cases import Said
from luvalla.rights.errors import IdentityMissing, StepRefused, TasksOpen
from luvalla.rights.models import DataRequest, Task
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


def test_g8_a_letter_is_answered_by_post_after_the_cabinets_were_searched(
    desk: Desk, request_on_paper: DataRequest
) -> None:
    request = request_on_paper
    assert (request.receipt_date, request.due_on) == (date(2026, 11, 20), date(2026, 12, 21))
    assert mails() == []
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
    request.refresh_from_db()
    assert request.state == State.REPLIED
    letter = request.letters.get(kind="no_data")
    said = text_of(pdf_of(letter))
    assert "Sähköisissä järjestelmissämme ei ole tietoja sinusta" in said
    assert "Veikko Vanha" in said
    assert "Mallikuja 3" in said
    post = Task.objects.get(request=request, kind=Task.Kind.POST)
    finish_task(task=post, result="done", actor=desk.clerk)
    work()
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert mails() == []
