"""What a person reads by their tokens counts as their own reading: for the alarm, and for the limit of a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from luvalla.api import contacts
from luvalla.api.scopes import Scope
from luvalla.ledger.actors import OPERATOR
from luvalla.people import watching
from luvalla.people.actions import set_roles
from luvalla.people.models import ReadingAlarm, Role
from luvalla.people.watching import watch_reading
from luvalla.register.models import Contact
from tests.api.conftest import Call, MakeKey
from tests.support.world import World

pytestmark = pytest.mark.django_db
LISTING = "/contacts?purpose=direct_marketing&audience=customers"
SCOPES = (Scope.READ_CONTACTS, Scope.READ_ADDRESSES)
Customer = Callable[[str], Contact]


def test_unusual_reading_by_tokens_raises_the_alarm_of_their_person(
    call: Call, make_key: MakeKey, customer: Customer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NEVER_UNUSUAL", 3)
    for number in range(2):
        customer(f"asiakas{number}@kotiposti.example")
    set_roles(user=world.author, roles=[Role.REGISTER_OWNER], actor=OPERATOR)
    keys = [make_key(*SCOPES, person=world.author)[1] for _ in range(2)]
    assert len(call("get", LISTING, key=keys[0]).json()["contacts"]) == 2
    assert watch_reading() == 0
    assert len(call("get", LISTING, key=keys[1]).json()["contacts"]) == 2
    assert watch_reading() == 1
    alarm = ReadingAlarm.objects.get()
    assert (alarm.user, alarm.seen) == (world.author, 4)


def test_a_second_token_gives_its_person_no_second_hundred_addresses(
    call: Call, make_key: MakeKey, customer: Customer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "ALONE_AT_MOST", 1)
    customer("maija@kotiposti.example")
    set_roles(user=world.author, roles=[Role.REGISTER_OWNER], actor=OPERATOR)
    keys = [make_key(*SCOPES, person=world.author)[1] for _ in range(2)]
    assert [call("get", LISTING + "&uncovered=true", key=each).status_code for each in keys] == [200, 403]
