"""How reading is watched, and large exports are released by a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record_look
from luvalla.ledger.models import LedgerRow
from luvalla.people.errors import NotReleased, OwnSignature
from luvalla.people.models import Release, User
from luvalla.people.queries import actor_of
from luvalla.people.releases import (
    ALONE_AT_MOST,
    ask_for_release,
    decide_release,
    needs_second_person,
    own_releases,
    releases_waiting,
    use_release,
)
from luvalla.people.watching import explain_alarm, open_alarms, watch_reading
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db
NOON = timezone.now().replace(hour=10, minute=0)


def read(user: User, count: int, *, days_ago: int = 0) -> None:
    with time_machine.travel(NOON - timedelta(days=days_ago), tick=False), transaction.atomic():
        record_look("register.export_contacts", actor=actor_of(user), purpose="request", facts={"contacts": count})


def test_unusual_reading_raises_one_alarm_which_another_person_explains(aino: User, make_person: MakePerson) -> None:
    for days_ago in (9, 8, 7):
        read(aino, 20, days_ago=days_ago)
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        read(aino, 60)
        assert watch_reading() == 0
        read(aino, 1)
        assert watch_reading() == 1
        read(aino, 9)
        assert watch_reading() == 0
    alarm = open_alarms().get()
    assert (alarm.seen, alarm.usual, alarm.limit) == (70, 20, 60)
    with pytest.raises(OwnSignature):
        explain_alarm(alarm=alarm, explanation="x", by=aino)
    explain_alarm(alarm=alarm, explanation="Vuosittainen vienti arkistoon", by=make_person("Maija Malli"))
    assert not open_alarms()


def test_a_quiet_day_raises_no_alarm_whatever_is_usual(aino: User) -> None:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        read(aino, 30)
        assert watch_reading() == 0


def ask(user: User, count: int = 500) -> Release:
    return ask_for_release(
        verb="register.export_contacts", subject=Subject("audience", "customers"), count=count, purpose="disclosure",
        reason="Tilastokeskuksen pyyntö", by=user,
    )  # fmt: skip


def test_a_large_export_is_released_by_another_person_and_used_once(aino: User, make_person: MakePerson) -> None:
    assert needs_second_person(ALONE_AT_MOST + 1)
    assert not needs_second_person(ALONE_AT_MOST)
    maija = make_person("Maija Malli")
    release = ask(aino)
    assert ask(aino) == release
    assert list(releases_waiting(maija)) == [release]
    assert not releases_waiting(aino)
    with pytest.raises(NotReleased):
        use_release(release=release, by=aino, count=500)
    with pytest.raises(OwnSignature):
        decide_release(release=release, is_released=True, by=aino)
    decide_release(release=release, is_released=True, by=maija)
    with pytest.raises(NotReleased):
        decide_release(release=release, is_released=False, by=maija)
    assert [each.pk for each in own_releases(aino)] == [release.pk]
    for by, count in ((maija, 500), (aino, 900)):
        with pytest.raises(NotReleased):
            use_release(release=release, by=by, count=count)
    use_release(release=release, by=aino, count=520)
    with pytest.raises(NotReleased):
        use_release(release=release, by=aino, count=500)
    verbs = list(LedgerRow.objects.filter(subject_kind="release").values_list("verb", flat=True))
    assert verbs == ["people.ask_for_release", "people.release"]


def test_a_refused_or_old_release_opens_nothing(aino: User, make_person: MakePerson) -> None:
    maija = make_person("Maija Malli")
    refused = decide_release(release=ask(aino), is_released=False, by=maija)
    with pytest.raises(NotReleased):
        use_release(release=refused, by=aino, count=500)
    old = decide_release(release=ask(aino), is_released=True, by=maija)
    with time_machine.travel(timezone.now() + timedelta(days=8)), pytest.raises(NotReleased):
        use_release(release=old, by=aino, count=500)
