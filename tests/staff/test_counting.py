"""Attempts to sign in are counted over all web processes; and one code is taken once, whoever races for it."""

from __future__ import annotations

import time

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from luvalla.config.environment import read_environment
from luvalla.organisation.models import Attempt
from luvalla.staff.accounts.counting import SharedCounts
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import add_totp
from tests.staff.test_sign_in import code_of, sign_in
from tests.support.processes import racers

WRONG = "väärä-salasana-1"
TRIES_PASSWORDS = """
from django.test import Client
def tries(password):
    here = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="192.0.2.1", headers={"accept-language": "en"})
    answer = here.post("/accounts/login/", {"login": "aino", "password": password})
    return "in" if answer.status_code == 302 else "limited" if b"Too many" in answer.content else "wrong"
"""
TAKES_CODES = """
from allauth.mfa.models import Authenticator
from luvalla.staff.accounts.codes import use_up
own = Authenticator.objects.get(type="totp")
"""


def another_process() -> SharedCounts:
    """Give the cache as another web process has it: its memory is its own."""
    return SharedCounts("another process", {})


def test_attempts_are_counted_over_all_web_processes(
    make_person: MakePerson, process_environment: dict[str, str]
) -> None:
    make_person("Aino Salmela", "communications")
    with racers(2, preparation=TRIES_PASSWORDS, act="tries(given)", environment=process_environment) as two:
        answers = two.in_turn(WRONG)
        assert [next(answers) for _ in range(7)] == ["wrong"] * 5 + ["limited"] * 2
        assert next(two.in_turn(PASSWORD)) == "limited"


def test_two_processes_that_race_for_one_code_take_it_once(
    make_person: MakePerson, process_environment: dict[str, str]
) -> None:
    secret = add_totp(make_person())
    with racers(2, preparation=TAKES_CODES, act="use_up(own, given)", environment=process_environment) as two:
        taken = [two.together(code_of(secret, ahead=ahead)) for ahead in (-1, 0, 1)]
    assert [sorted(each) for each in taken] == [["False", "True"]] * 3


@pytest.mark.django_db
def test_counting_in_memory_would_let_each_process_begin_anew(make_person: MakePerson, settings: Settings) -> None:
    """Negative control: with Django's own cache five more wrong passwords go through in another process."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    make_person()
    here = Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(5):
        sign_in(here, password=WRONG)
    caches["default"].clear()
    assert "Too many" not in sign_in(here, password=WRONG).content.decode()
    caches["default"].clear()


@pytest.mark.django_db
def test_signing_in_leaves_no_attempt_and_a_refused_one_writes_none(make_person: MakePerson) -> None:
    make_person("Aino Salmela", "communications")
    here = Client(REMOTE_ADDR="192.0.2.1")
    for _ in range(9):
        sign_in(here, password=WRONG)
    most = Attempt.objects.count()
    sign_in(here, password=WRONG)
    assert Attempt.objects.count() <= most + 2  # of the page and the place, whose limits are wider
    Attempt.objects.all().delete()
    sign_in(here)
    assert Attempt.objects.count() == 1  # the page's own: the password was right


@pytest.mark.django_db
def test_what_another_process_counts_meanwhile_stays() -> None:
    key, here, there = "allauth:rl:test", another_process(), another_process()
    first, second = time.time(), time.time() + 1
    seen_here, seen_there = here.get(key, []), there.get(key, [])
    there.set(key, [first, *seen_there], 60)
    here.set(key, [second, *seen_here], 60)
    assert here.get(key) == there.get(key) == [second, first]
    here.set(key, [first], 60)
    assert there.get(key) == [first]
    there.delete(key)
    assert here.get(key) == []


def test_everything_else_stays_in_memory() -> None:
    one = another_process()
    assert one.add("allauth:rl:test:lock", value=True)
    one.set("audience", 7)
    assert (one.get("audience"), one.get("nothing", "else"), one.delete("audience")) == (7, "else", True)


@pytest.mark.django_db
def test_one_line_of_ipv6_is_one_place_whichever_of_its_addresses_is_taken(make_person: MakePerson) -> None:
    make_person()
    for number in range(6):
        answer = sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{number}"), password=WRONG)
    assert "Too many" in answer.content.decode()


@pytest.mark.django_db
def test_behind_a_trusted_proxy_on_another_machine_each_place_is_counted_for_itself(
    make_person: MakePerson, settings: Settings
) -> None:
    given = {"LUVALLA_HOME": "/nonexistent", "LUVALLA_TRUSTED_PROXIES": "198.51.100.10"}
    settings.LUVALLA_TRUSTED_PROXIES = read_environment(given).trusted_networks
    add_totp(make_person())

    def through(place: str, proxy: str = "198.51.100.10") -> Client:
        return Client(REMOTE_ADDR=proxy, headers={"x-forwarded-for": place})

    for number in range(6):
        answer = sign_in(through(f"203.0.113.{number}, 192.0.2.1"), password=WRONG)
    assert "Too many" in answer.content.decode()
    assert sign_in(through("192.0.2.2")).redirect_chain[-1][0] == reverse("mfa_authenticate")
    for number in range(6):
        answer = sign_in(through(f"203.0.113.{number}", proxy="198.51.100.11"), password=WRONG)
    assert "Too many" in answer.content.decode(), "a proxy nobody trusts makes up no places"
