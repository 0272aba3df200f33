"""Reminders by mail that an undertaking or an appointment runs out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import ServiceMessage
from luvalla.mailroom.service_messages import BETWEEN, COLUMN
from luvalla.people.actions import record_undertaking
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.staff.people.reminding import remind_of_ends
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db


def mails() -> dict[str, str]:
    """Open the reminders that wait: address and message."""
    opened = {}
    for row in ServiceMessage.objects.filter(kind="reminder_of_end"):
        plain = sealer().open(bytes(row.sealed), column=COLUMN, token=bytes(row.folded))
        address, _, message = plain.partition(BETWEEN)
        opened[address.decode()] = message.decode()
    return opened


def end_of(user: User) -> datetime:
    assert user.undertaking is not None
    return user.undertaking.valid_until


@pytest.fixture
def ville(make_person: MakePerson) -> User:
    return make_person("Ville Virta", "clerk")


def renew_others(*users: User) -> None:
    for each in users:
        record_undertaking(user=each, typed_name=each.full_name, language="fi", actor=actor_of(each))


def test_an_undertaking_that_runs_out_is_recalled_at_30_and_7_days_once_each(ville: User) -> None:
    end = end_of(ville)
    due = {}
    for days in (31, 30, 29, 8, 7, 6, 0):
        with time_machine.travel(end - timedelta(days=days), tick=False):
            due[days] = (remind_of_ends(), remind_of_ends())
    assert due == {31: (0, 0), 30: (1, 0), 29: (0, 0), 8: (0, 0), 7: (1, 0), 6: (0, 0), 0: (0, 0)}
    rows = LedgerRow.objects.filter(verb="people.remind_of_end", subject_ref=str(ville.ref))
    assert sorted(each.facts["days"] for each in rows) == [7, 30]


def test_the_person_and_who_manages_accounts_are_reminded_in_their_languages(
    ville: User, make_person: MakePerson
) -> None:
    manager, writer = make_person("Maija Malli", "administrator"), make_person("Sari Salo", "communications")
    User.objects.filter(pk=manager.pk).update(language="en")
    with time_machine.travel(end_of(ville) - timedelta(days=7), tick=False):
        renew_others(manager, writer)
        assert remind_of_ends() == 1
    sent = mails()
    assert set(sent) == {ville.email, manager.email}
    assert "/accounts/undertaking/" in sent[ville.email]
    assert "The undertaking of secrecy of Ville Virta" in sent[manager.email]
    assert f"/staff/people/{ville.ref}/" in sent[manager.email].replace("=\r\n", "")
    assert ville.email not in sent[manager.email]
    assert ville.username not in sent[manager.email].replace("esimerkki", "")


def test_the_end_of_an_appointment_is_recalled(ville: User) -> None:
    User.objects.filter(pk=ville.pk).update(appointed_until=timezone.localdate() + timedelta(days=20))
    assert (remind_of_ends(), remind_of_ends()) == (1, 0)
    assert set(mails()) == {ville.email}
    assert LedgerRow.objects.get(verb="people.remind_of_end").facts["what"] == "appointment"


def test_who_is_shut_out_already_is_not_reminded(ville: User) -> None:
    User.objects.filter(pk=ville.pk).update(left_on=timezone.localdate())
    with time_machine.travel(end_of(ville) - timedelta(days=7), tick=False):
        assert remind_of_ends() == 0
    with time_machine.travel(end_of(ville), tick=False):
        assert remind_of_ends() == 0
