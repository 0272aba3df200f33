"""Sessions end: after twelve hours whatever is done in them, and before that when nobody does anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR
from luvalla.people.actions import set_roles
from luvalla.people.models import Role, Session, User
from luvalla.people.retention import end_shut_sessions
from luvalla.people.sessions import IDLE, IDLE_NEAR_ADDRESSES, SINCE, SessionStore
from tests.people.conftest import MakePerson
from tests.staff.conftest import Browse, browse

__all__ = ["browse"]
pytestmark = pytest.mark.django_db
HOME = "/staff/"
NEARLY = timedelta(seconds=5)


def left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def pass_by(time: timedelta) -> None:
    """Let time go by in the one session there is."""
    row = Session.objects.get()
    store = SessionStore(row.session_key)
    data = {**store.load(), SINCE: store[SINCE] - time.total_seconds()}
    Session.objects.update(expire_date=row.expire_date - time, session_data=store.encode(data))


def test_whoever_reaches_addresses_may_be_idle_for_half_an_hour_others_for_an_hour(browse: Browse) -> None:
    assert IDLE_NEAR_ADDRESSES < IDLE <= timedelta(hours=1)
    for role, longest in ((Role.REGISTER_OWNER, IDLE_NEAR_ADDRESSES), (Role.COMMUNICATIONS, IDLE)):
        client = browse(role.value, name=f"{'Aino' if role == Role.COMMUNICATIONS else 'Maija'} Salmela")
        client.get(HOME)
        assert longest - NEARLY < left() <= longest
        Session.objects.all().delete()


def test_a_session_nobody_uses_is_nobodys_and_one_that_is_used_goes_on(browse: Browse) -> None:
    client = browse()
    for _ in range(4):
        pass_by(IDLE_NEAR_ADDRESSES - timedelta(minutes=1))
        assert client.get(HOME).status_code == 200
    pass_by(IDLE_NEAR_ADDRESSES)
    assert client.get(HOME).status_code == 302
    assert client.get("/accounts/2fa/").status_code == 302


def test_no_use_makes_a_session_longer_than_twelve_hours(browse: Browse) -> None:
    client = browse()
    client.get(HOME)
    for _ in range(29):
        pass_by(timedelta(minutes=25))
        if client.get(HOME).status_code != 200:
            break
    assert left() <= timedelta()
    assert client.get(HOME).status_code == 302


def test_what_is_written_into_a_session_makes_it_no_longer_either(browse: Browse) -> None:
    client = browse()
    client.get(HOME)
    pass_by(timedelta(hours=11, minutes=50))
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    session = SessionStore(Session.objects.get().session_key)
    session["anything"] = 1
    session.save()
    assert timedelta(minutes=9) < left() <= timedelta(minutes=10)


def test_an_idle_session_is_tidied_away(browse: Browse) -> None:
    client = browse()
    client.get(HOME)
    pass_by(IDLE_NEAR_ADDRESSES)
    assert end_shut_sessions() == 1
    assert not Session.objects.exists()


def test_a_role_that_reaches_addresses_shortens_a_session_at_once(make_person: MakePerson) -> None:
    aino = make_person("Aino Salmela", Role.COMMUNICATIONS.value)
    client = Client()
    client.force_login(aino)
    client.get(HOME)
    assert left() > IDLE_NEAR_ADDRESSES
    session = SessionStore(Session.objects.get().session_key)
    session.load()
    set_roles(user=aino, roles=[Role.REGISTER_OWNER.value], actor=OPERATOR)
    session.stay(User.objects.get())
    assert left() <= IDLE_NEAR_ADDRESSES
