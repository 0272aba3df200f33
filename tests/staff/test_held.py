"""The page of acknowledgements that wait: one line leads to it, both buttons settle what was shown and nothing else."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from luvalla.people.models import User
from luvalla.rights import pace
from luvalla.rights.mail_intake import take_request
from luvalla.rights.models import DataRequest
from luvalla.staff.front import everything_waiting
from tests.staff.paper.test_destroying import browser_of
from tests.support.requests import Desk, make_desk
from tests.support.world import World, make_world

PAGE = "/staff/requests/held/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


def brought(world: World, number: int) -> DataRequest:
    raw = f"From: vieras{number}@esimerkki.fi\r\nSubject: x\r\n\r\nMitä tietoja minusta on?\r\n".encode()
    assert take_request(raw, world.controller.dpo_email)
    return DataRequest.objects.latest("pk")


@pytest.mark.parametrize(("do", "left"), [("go", "free"), ("drop", "dropped")])
def test_one_line_leads_to_what_waits_and_one_button_settles_it(
    do: str, left: str, world: World, desk: Desk, settings: Settings
) -> None:
    settings.LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR = 2
    person = User.objects.get(username="deskjari")
    client = browser_of(person)
    assert PAGE not in [each.url for each in everything_waiting(person)]
    held = [brought(world, number) for number in range(5)][2:]
    assert [each.url for each in everything_waiting(person)].count(PAGE) == 1
    page = client.get(PAGE).content.decode()
    assert all(each.number in page for each in held)
    assert "vieras" not in page, "no address is shown"
    later = brought(world, 9)
    assert client.post(PAGE, {"do": "else", "up_to": "1"}).status_code == 400
    assert client.post(PAGE, {"do": do, "up_to": str(held[-1].pk)}).status_code == 302
    assert list(pace.held_requests()) == [later]
    assert {each.acknowledgement for each in DataRequest.objects.filter(pk__in=[each.pk for each in held])} == {left}
