"""What a page is told of its session, and what becomes of what was typed when it has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from luvalla.people.models import Session, User
from luvalla.people.sessions import IDLE_NEAR_ADDRESSES
from tests.staff.conftest import Browse

pytestmark = pytest.mark.django_db
HOME, PLACE = "/staff/", "/staff/session/"
ENGLISH = {"accept-language": "en"}


def run_down(to: timedelta) -> None:
    Session.objects.update(expire_date=timezone.now() + to)


def left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_asking_how_long_is_left_makes_it_no_longer_and_saying_that_one_is_there_does(browse: Browse) -> None:
    client = browse()
    client.get(HOME)
    run_down(timedelta(minutes=2))
    told = client.get(PLACE).json()
    assert (100 < told["left"] <= 120, told["person"], told["longest"]) == (True, str(User.objects.get().ref), False)
    assert left() <= timedelta(minutes=2)
    assert client.post(PLACE).json()["left"] > 120
    assert left() > IDLE_NEAR_ADDRESSES - timedelta(seconds=5)


@pytest.mark.parametrize(
    "path", ["/staff/deliveries/1/live/", "/staff/jsi18n/", "/staff/editing-sessions/ping/x/y/1/1/"]
)
def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(browse: Browse, path: str) -> None:
    client = browse()
    client.get(HOME)
    run_down(timedelta(minutes=2))
    client.get(path)
    client.post(path)
    assert left() <= timedelta(minutes=2)


def test_strangers_are_told_nothing_of_sessions() -> None:
    assert Client().get(PLACE).status_code == 302
    assert Client().post(PLACE).status_code == 302


def test_saying_that_one_is_there_needs_the_pages_own_token(browse: Browse) -> None:
    client = browse()
    client.get(HOME)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(PLACE).status_code == 403
    token = strict.get(PLACE).json()["token"]
    assert strict.post(PLACE, headers={"x-csrftoken": token}).status_code == 200


def test_a_page_asked_for_after_the_end_leads_to_sign_in_and_back_and_says_why(browse: Browse) -> None:
    client = browse()
    run_down(-timedelta(seconds=1))
    answer = client.get("/staff/contacts/?page=2", follow=True, headers=ENGLISH)
    assert answer.redirect_chain == [("/accounts/login/?ended=yes&next=%2Fstaff%2Fcontacts%2F%3Fpage%3D2", 302)]
    assert "Your session had ended" in answer.content.decode()
    assert 'value="/staff/contacts/?page=2"' in answer.content.decode()
    assert "Your session had ended" not in Client().get("/accounts/login/", headers=ENGLISH).content.decode()


def ended(browse: Browse) -> tuple[Client, str]:
    """Give a browser whose session has ended while a form was being filled in, and the form's token."""
    client = Client(enforce_csrf_checks=True, headers=ENGLISH)
    client.cookies = browse().cookies
    token = client.get(PLACE).json()["token"]
    run_down(-timedelta(seconds=1))
    return client, token


def test_a_form_that_comes_too_late_is_given_back_with_what_was_typed(browse: Browse) -> None:
    client, token = ended(browse)
    typed = {"csrfmiddlewaretoken": token, "reason": "Asukas soitti <b>aamulla</b>.", "kind": "a", "password": "x" * 20}
    answer = client.post("/staff/contacts/1/stop/", typed)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Asukas soitti &lt;b&gt;aamulla&lt;/b&gt;." in page
    assert "x" * 20 not in page
    assert token not in page
    assert answer["Cache-Control"] == "no-store"
    assert settings.SESSION_COOKIE_NAME not in client.cookies or not Session.objects.filter(user=None).exists()


def test_another_sites_words_are_never_shown_as_what_was_typed(browse: Browse) -> None:
    client, _ = ended(browse)
    answer = client.post("/staff/contacts/1/stop/", {"reason": "Soita heti numeroon 0600."})
    assert answer.status_code == 403
    assert "0600" not in answer.content.decode()
