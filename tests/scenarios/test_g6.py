"""G6: due dates by Regulation 1182/71; the first clock never stops, and the time is extended inside the month."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine

from luvalla.rights.actions.decisions import extend, give_opinion, propose_extension
from luvalla.rights.actions.steps import ask_about_identity, triage
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import TooLateToExtend
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right
from tests.support.requests import Desk, ask, mails, make_desk
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    with time_machine.travel(datetime.fromisoformat("2026-01-15T09:00+02:00"), tick=False):
        return make_desk()


def arrived(moment: str) -> DataRequest:
    """Have a request arrive at a moment."""
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        return ask(Right.ACCESS, proved=False)


@pytest.mark.parametrize(
    ("moment", "due", "extended"),
    [
        ("2026-01-31T12:00+02:00", date(2026, 3, 2), date(2026, 4, 30)),
        ("2026-11-24T12:00+02:00", date(2026, 12, 24), date(2027, 2, 24)),
        ("2026-03-31T21:30+00:00", date(2026, 5, 4), date(2026, 7, 1)),
    ],
)
def test_g6_a_request_is_due_as_the_regulation_says(world: World, moment: str, due: date, extended: date) -> None:
    request = arrived(moment)
    assert (request.due_on, request.extended_due_on) == (due, extended)


def test_g6_an_extension_after_the_due_date_is_refused(desk: Desk) -> None:
    request = arrived("2026-01-31T12:00+02:00")
    with time_machine.travel(datetime.fromisoformat("2026-03-02T10:00+02:00"), tick=False):
        propose_extension(request=request, reasons="Paljon kirjeitä.", actor=desk.handler)
        give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
    with (
        time_machine.travel(datetime.fromisoformat("2026-03-03T08:00+02:00"), tick=False),
        pytest.raises(TooLateToExtend),
    ):
        extend(request=request, reasons="Paljon kirjeitä.", actor=desk.owner)
    request.refresh_from_db()
    assert (request.extended_at, request.letters.filter(kind="extension").exists()) == (None, False)


def test_g6_an_extension_on_the_due_date_reaches_to_the_third_month_and_says_why(desk: Desk) -> None:
    request = arrived("2026-01-31T12:00+02:00")
    with time_machine.travel(datetime.fromisoformat("2026-03-02T10:00+02:00"), tick=False):
        propose_extension(request=request, reasons="Paljon kirjeitä.", actor=desk.handler)
        give_opinion(request=request, opinion="Puollan.", actor=desk.officer)
        request = extend(request=request, reasons="Kirjeitä on tuhansia.", actor=desk.owner)
        assert clocks_of(request).first == date(2026, 4, 30)
    letter = mails("rights_letter")[0]
    assert "Kirjeitä on tuhansia." in letter
    assert "30.4.2026" in letter


def test_g6_a_question_about_identity_on_day_twenty_does_not_move_the_first_clock(desk: Desk) -> None:
    request = arrived("2026-01-31T12:00+02:00")
    with time_machine.travel(datetime.fromisoformat("2026-02-20T10:00+02:00"), tick=False):
        request = triage(request=request, rights=[Right.ACCESS], actor=desk.clerk)
        request = ask_about_identity(
            request=request, doubt="Osoite on toinen kuin rekisterissä.", question="Mikä osoite?", actor=desk.handler
        )
    with time_machine.travel(datetime.fromisoformat("2026-02-25T10:00+02:00"), tick=False):
        clocks = clocks_of(request)
        assert (clocks.first, clocks.second, clocks.is_paused) == (date(2026, 3, 2), date(2026, 3, 7), True)
    with time_machine.travel(datetime.fromisoformat("2026-03-03T10:00+02:00"), tick=False):
        assert clocks_of(request).is_overdue
