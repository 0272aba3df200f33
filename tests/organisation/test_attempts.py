"""Limits count attempts over all processes, without keeping whose they were, and forget them soon."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from luvalla.organisation.attempts import KEEPING, Limit, forget_attempts
from luvalla.organisation.models import Attempt
from tests.support.processes import racers

NETWORK, OTHER = "192.0.2.0/24", "198.51.100.0/24"
MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_a_network_is_refused_after_its_share_and_allowed_again_later() -> None:
    limit = Limit("test", 3, within=MINUTE)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [limit.allows(NETWORK) for _ in range(5)] == [True, True, True, False, False]
        assert limit.allows(OTHER)
        clock.shift(61)
        assert limit.allows(NETWORK)


@pytest.mark.django_db
def test_doors_count_for_themselves_and_nobody_known_is_not_counted() -> None:
    first, second = Limit("first", 1, within=MINUTE), Limit("second", 1, within=MINUTE)
    assert [first.allows(NETWORK), first.allows(NETWORK), second.allows(NETWORK)] == [True, False, True]
    assert [first.allows("") for _ in range(3)] == [True] * 3
    assert Attempt.objects.count() == 2


@pytest.mark.django_db
def test_whoever_is_over_the_limit_writes_nothing_more() -> None:
    limit = Limit("test", 2, within=MINUTE)
    for _ in range(9):
        limit.allows(NETWORK)
    assert Attempt.objects.count() == 2


@pytest.mark.django_db
def test_no_address_is_kept_and_the_hash_needs_the_secret(settings: Settings) -> None:
    limit = Limit("test", 1, within=MINUTE)
    limit.allows(NETWORK)
    with connection.cursor() as cursor:
        cursor.execute("select * from organisation_attempt")
        kept = str([[bytes(each) if isinstance(each, memoryview) else each for each in row] for row in cursor])
    assert "192.0.2" not in kept
    before = bytes(Attempt.objects.get().who)
    Attempt.objects.all().delete()
    settings.SECRET_KEY = "another secret of another installation"
    limit.allows(NETWORK)
    assert bytes(Attempt.objects.get().who) != before


@pytest.mark.django_db
def test_attempts_are_forgotten_when_their_period_is_over() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        Limit("test", 5, within=MINUTE).allows(NETWORK)
        clock.shift(30)
        Limit("test", 5, within=MINUTE).allows(OTHER)
        assert forget_attempts() == 0
        clock.shift(31)
        assert KEEPING.overdue(timezone.now()) == 1
        assert forget_attempts() == 1
        clock.shift(30)
        assert KEEPING.let_go is not None
        assert KEEPING.let_go(timezone.now()) == 1
    assert not Attempt.objects.exists()


def test_several_processes_share_one_count(process_environment: dict[str, str]) -> None:
    preparation = (
        "from datetime import timedelta\n"
        "from luvalla.organisation.attempts import Limit\n"
        "limit = Limit('test', 7, within=timedelta(minutes=1))"
    )
    with racers(2, preparation=preparation, act="limit.allows(given)", environment=process_environment) as two:
        answers = two.in_turn(NETWORK)
        assert [next(answers) for _ in range(10)] == ["True"] * 7 + ["False"] * 3


def test_processes_that_ask_in_the_same_instant_let_none_too_many_through(
    process_environment: dict[str, str],
) -> None:
    preparation = (
        "from datetime import timedelta\n"
        "from luvalla.organisation.attempts import Limit\n"
        "limit = Limit('test', 1, within=timedelta(minutes=1))"
    )
    with racers(3, preparation=preparation, act="limit.allows(given)", environment=process_environment) as three:
        for number in range(20):
            assert three.together(f"network{number}").count("True") <= 1
