"""One-time codes are taken once, whichever process of the web server is asked; a spent one is called spent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.people.conftest import MakePerson
from tests.staff.conftest import add_totp
from tests.staff.test_sign_in import HOME, code_of, sign_in

pytestmark = pytest.mark.django_db
SPENT = "This code was used already"


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Forget earlier attempts."""
    cache.clear()
    yield
    cache.clear()


def give_code(code: str, client: Client | None = None) -> Any:
    """Sign in with a password and a code, as if another process were asked: its cache is empty."""
    cache.clear()
    client = client or Client()
    sign_in(client)
    return client.post(reverse("mfa_authenticate"), {"code": code}, headers={"accept-language": "en"})


def test_a_one_time_code_is_taken_once_and_the_next_one_again(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    now, following = code_of(secret), code_of(secret, ahead=1)
    assert give_code(now).url == HOME
    client = Client()
    refused = give_code(now, client)
    assert refused.status_code == 200
    assert SPENT in refused.content.decode()
    assert client.get(HOME).status_code == 302
    assert give_code(following).url == HOME
    assert SPENT in give_code(following).content.decode()


def test_the_same_process_says_the_same_of_a_spent_code(make_person: MakePerson) -> None:
    code = code_of(add_totp(make_person()))
    assert give_code(code).url == HOME
    client = Client()
    sign_in(client)
    answer = client.post(reverse("mfa_authenticate"), {"code": code}, headers={"accept-language": "en"})
    assert SPENT in answer.content.decode()


def test_a_code_older_than_one_that_was_used_is_spent_too(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    before = code_of(secret)
    assert give_code(code_of(secret, ahead=1)).url == HOME
    assert SPENT in give_code(before).content.decode()


def test_a_wrong_code_is_called_wrong_not_spent(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    code = code_of(secret)
    assert give_code(code).url == HOME
    right = {code_of(secret, ahead=ahead) for ahead in range(-2, 3)}
    wrong = next(each for each in map("{:06}".format, range(9)) if each not in right)
    answer = give_code(wrong).content.decode()
    assert "Incorrect code" in answer
    assert SPENT not in answer


def test_a_code_of_sign_in_does_not_serve_to_confirm_an_act_as_well(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    now, following = code_of(secret), code_of(secret, ahead=1)
    client = Client()
    assert give_code(now, client).url == HOME
    cache.clear()
    again = reverse("mfa_reauthenticate")
    answer = client.post(again, {"code": now}, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert client.post(again, {"code": following}).status_code == 302
    cache.clear()
    assert client.post(again, {"code": following}).status_code == 200


def test_recovery_codes_work_as_before_each_once(make_person: MakePerson) -> None:
    secret = add_totp(make_person())
    assert give_code(code_of(secret)).url == HOME
    recovery = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert give_code(recovery[0]).url == HOME
    answer = give_code(recovery[0]).content.decode()
    assert "Incorrect code" in answer
    assert SPENT not in answer
    assert give_code(recovery[1]).url == HOME


def test_the_code_that_takes_codes_into_use_is_spent_as_well(
    make_person: MakePerson, django_capture_on_commit_callbacks: Any
) -> None:
    make_person()
    client = Client()
    found = re.search(r'lv-secret">([A-Z2-7]+)<', sign_in(client).content.decode())
    assert found is not None
    now, following = code_of(found.group(1)), code_of(found.group(1), ahead=1)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": now})
    assert client.get(HOME).status_code == 200
    assert SPENT in give_code(now).content.decode()
    assert give_code(following).url == HOME
