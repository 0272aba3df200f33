"""What is refused to somebody who is known is a row without anybody in it, and many in a day raise an alarm."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.api.scopes import Scope
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.people import probing, watching
from luvalla.people.actions import set_roles
from luvalla.people.models import ReadingAlarm, Role, User
from luvalla.people.refusals import REFUSED
from luvalla.people.watching import refused_on, watch_reading
from tests.api.conftest import Call, MakeKey, call, make_key, processor, world
from tests.people.conftest import MakePerson
from tests.staff.conftest import Browse, browse
from tests.support.world import World

__all__ = ["browse", "call", "make_key", "processor", "world"]
pytestmark = pytest.mark.django_db


def refused() -> list[tuple[str, str]]:
    rows = LedgerRow.objects.filter(verb=REFUSED).order_by("pk")
    return [(each.actor, each.facts["door"]) for each in rows]


def test_a_refused_page_is_a_row_that_names_who_and_which_door_but_not_about_whom(browse: Browse) -> None:
    client = browse(Role.CUSTODIAN.value)
    who = f"person:{User.objects.get().ref}"
    client.get("/staff/contacts/4711/uncover/?token=salaisuus")
    client.post("/staff/ledger/", {"sought": "maija@kotiposti.example"})
    client.get("/staff/images/")
    client.get("/staff/campaigns/editor/add/")
    assert refused() == [
        (who, "staff/contacts/<int:pk>/uncover/"),
        (who, "staff/ledger/"),
        (who, "staff/images/"),
        (who, "staff/campaigns/editor/add/"),
    ]
    kept = str(list(LedgerRow.objects.filter(verb=REFUSED).values()))
    assert not [each for each in ("4711", "salaisuus", "maija") if each in kept]


def test_pages_that_open_and_strangers_leave_no_such_row(browse: Browse) -> None:
    client = browse()
    for path in ("/staff/", "/staff/contacts/", "/staff/contacts/4711/", "/staff/nothing/"):
        client.get(path)
        Client().get(path)
    assert refused() == []


def test_calls_outside_a_tokens_scopes_and_with_dead_tokens_are_rows(
    call: Call, make_key: MakeKey, world: World
) -> None:
    token, key = make_key(Scope.READ_CAMPAIGNS)
    assert call("get", "/notices", key=key).status_code == 403
    type(token).objects.update(revoked_at=timezone.now())
    assert call("get", "/campaigns", key=key).status_code == 401
    assert call("get", "/campaigns", key="luv_nobody").status_code == 401
    assert refused() == [
        (f"program:{token.ref}", "api: notices.fetch"),
        (f"program:{token.ref}", "api: token-revoked"),
    ]


def test_a_flood_of_refused_pages_fills_no_ledger(browse: Browse) -> None:
    client = browse(Role.CUSTODIAN.value)
    for _ in range(40):
        assert client.get("/staff/contacts/").status_code == 403
    assert len(refused()) == 30


def test_many_refused_pages_in_a_day_raise_one_alarm_that_somebody_else_explains(
    browse: Browse, make_person: MakePerson
) -> None:
    client = browse(Role.CUSTODIAN.value)
    for _ in range(watching.NEVER_PROBING):
        client.get("/staff/contacts/")
    assert watch_reading() == 0
    client.get("/staff/contacts/")
    assert watch_reading() == 1
    assert watch_reading() == 0
    alarm = ReadingAlarm.objects.get()
    assert (alarm.user.full_name, refused_on(alarm)) == ("Aino Salmela", 11)
    assert LedgerRow.objects.filter(verb="people.raise_alarm_of_refusals").get().facts["refused"] == 11
    officer = browse(Role.DATA_PROTECTION_OFFICER.value, name="Maija Malli")
    page = officer.get("/staff/reading/").content.decode()
    assert "Pages and calls refused <b>11</b>" in page
    assert "was refused 11 pages or calls" in officer.get("/staff/").content.decode()
    officer.post(f"/staff/reading/alarms/{alarm.pk}/", {"explanation": "Vanhat kirjanmerkit"})
    assert ReadingAlarm.objects.exclude(explained_at=None).exists()


def test_calls_of_a_persons_token_count_as_theirs(
    call: Call, make_key: MakeKey, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NEVER_PROBING", 1)
    set_roles(user=world.author, roles=[Role.REGISTER_OWNER], actor=OPERATOR)
    _, key = make_key(Scope.READ_CONTACTS, person=world.author)
    for _ in range(2):
        call("get", "/campaigns", key=key)
    assert watch_reading() == 1
    assert ReadingAlarm.objects.get().user == world.author


def test_many_refused_calls_of_a_program_raise_one_alarm_that_is_explained_without_naming_anybody(
    call: Call, make_key: MakeKey, browse: Browse
) -> None:
    token, key = make_key(Scope.READ_CAMPAIGNS)
    for _ in range(probing.NEVER_PROBING):
        assert call("get", "/notices", key=key).status_code == 403
    assert watch_reading() == 0
    call("get", "/notices", key=key)
    assert watch_reading() == 1
    assert watch_reading() == 0
    assert [(each.ref, each.refused) for each in probing.open_program_alarms()] == [(str(token.ref), 11)]
    officer = browse(Role.DATA_PROTECTION_OFFICER.value, name="Maija Malli")
    page = officer.get("/staff/reading/").content.decode()
    assert token.name in page
    assert "Pages and calls refused <b>11</b>" in page
    assert f"{token.name} was refused 11" in officer.get("/staff/").content.decode()
    place = f"/staff/reading/programs/{token.ref}/"
    officer.post(place, {"explanation": "Maija Meikäläinen pyysi"})
    assert probing.open_program_alarms()
    officer.post(place, {"explanation": "Väärät oikeudet, korjattu"})
    assert not probing.open_program_alarms()
    assert officer.post(place, {"explanation": "Väärät oikeudet, korjattu"}).status_code == 404
    assert watch_reading() == 0, "the day was explained"
    assert LedgerRow.objects.get(verb=probing.EXPLAINED).subject_ref == str(token.ref)
