"""An account opens by a valid undertaking of secrecy, and by nothing else."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.people import texts
from luvalla.people.actions import (
    end_contract,
    end_sessions,
    record_undertaking,
    revoke_undertaking,
)
from luvalla.people.errors import NotTheirName, UndertakingMissing
from luvalla.people.models import Employer, Session, User
from luvalla.people.queries import (
    Closed,
    accounts_standing_open,
    employers,
    has_valid_undertaking,
    may,
    why_closed,
)
from luvalla.people.versions import UNDERTAKING_HOLDS
from tests.people.conftest import MakePerson

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.select_related("undertaking", "employer").get(pk=user.pk)


def test_a_new_account_is_shut_until_an_undertaking_is_recorded(make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", signed=False)
    assert why_closed(maija) is Closed.NO_UNDERTAKING
    assert not may(maija, "see_contacts")
    record_undertaking(user=maija, typed_name="  maija   MALLI ", language="sv", actor=OPERATOR)
    assert why_closed(fresh(maija)) is None
    assert may(fresh(maija), "see_contacts")


def test_an_undertaking_is_signed_with_ones_own_name(make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", signed=False)
    with pytest.raises(NotTheirName):
        record_undertaking(user=maija, typed_name="Matti Malli", language="fi", actor=OPERATOR)
    assert why_closed(fresh(maija)) is Closed.NO_UNDERTAKING


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_was_signed_is_kept_by_its_hash(make_person: MakePerson, language: str) -> None:
    maija = make_person("Maija Malli", signed=False)
    undertaking = record_undertaking(user=maija, typed_name="Maija Malli", language=language, actor=OPERATOR)
    assert undertaking.text_hash == hashlib.sha256(texts.shipped_text(language).encode()).hexdigest()
    assert undertaking.recorded_by == "operator"
    assert len(texts.shipped_text(language).split("\n\n")) == len(texts.shipped_text("fi").split("\n\n"))


def test_an_undertaking_runs_out(aino: User) -> None:
    assert has_valid_undertaking(aino)
    later = timezone.now() + UNDERTAKING_HOLDS
    assert why_closed(aino, later) is Closed.UNDERTAKING_EXPIRED
    assert not has_valid_undertaking(aino, later)
    assert aino not in accounts_standing_open(later)
    assert aino in accounts_standing_open()


def test_nobody_has_no_undertaking() -> None:
    assert not has_valid_undertaking(AnonymousUser())
    assert not may(AnonymousUser(), "see_contacts")


def test_revoking_shuts_the_account_and_ends_its_sessions_at_once(aino: User, client: Client) -> None:
    client.force_login(aino)
    assert Session.objects.filter(user=aino).count() == 1
    revoke_undertaking(user=aino, reason="työ päättyi", actor=OPERATOR)
    assert not Session.objects.filter(user=aino).exists()
    assert why_closed(fresh(aino)) is Closed.UNDERTAKING_REVOKED
    assert not may(fresh(aino), "see_contacts")
    row = LedgerRow.objects.get(verb="people.revoke_undertaking")
    assert (row.reason, row.facts["sessions_ended"]) == ("työ päättyi", 1)


def test_only_an_undertaking_in_force_can_be_revoked(make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", signed=False)
    with pytest.raises(UndertakingMissing):
        revoke_undertaking(user=maija, reason="x", actor=OPERATOR)


def test_a_new_undertaking_opens_the_account_again(aino: User) -> None:
    revoke_undertaking(user=aino, reason="x", actor=OPERATOR)
    record_undertaking(user=aino, typed_name="Aino Salmela", language="fi", actor=OPERATOR)
    assert why_closed(fresh(aino)) is None
    assert aino.undertakings.count() == 2


def test_accounts_close_with_their_employers_contract(make_person: MakePerson, client: Client) -> None:
    partner = Employer.objects.create(name="Viestintä Oy", kind=Employer.PARTNER, contract_until=date(2099, 1, 1))
    maija = make_person("Maija Malli", "handler", employer=partner)
    client.force_login(maija)
    assert end_contract(employer=partner, actor=OPERATOR) == 1
    assert why_closed(fresh(maija)) is Closed.CONTRACT_ENDED
    assert not Session.objects.filter(user=maija).exists()
    assert maija not in accounts_standing_open()
    assert partner in employers()


def test_a_contract_ends_after_its_last_day(make_person: MakePerson) -> None:
    partner = Employer.objects.create(name="Viestintä Oy", kind=Employer.PARTNER, contract_until=date(2026, 12, 31))
    maija = make_person("Maija Malli", "handler", employer=partner)
    with time_machine.travel("2026-12-31T21:59:00+00:00", tick=False):
        assert why_closed(fresh(maija)) is None
    with time_machine.travel("2026-12-31T22:00:00+00:00", tick=False):
        assert why_closed(fresh(maija)) is Closed.CONTRACT_ENDED


def test_an_appointment_ends_after_its_last_day(aino: User) -> None:
    User.objects.filter(pk=aino.pk).update(appointed_until=timezone.localdate() - timedelta(days=1))
    assert why_closed(fresh(aino)) is Closed.APPOINTMENT_ENDED
    assert aino not in accounts_standing_open()


def test_an_account_that_is_switched_off_opens_nothing(aino: User) -> None:
    User.objects.filter(pk=aino.pk).update(is_active=False)
    assert why_closed(fresh(aino)) is Closed.SWITCHED_OFF


def test_sessions_know_whose_they_are_and_can_be_ended(aino: User) -> None:
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(aino)
    assert end_sessions(user=aino, actor=OPERATOR) == 2
    assert not Session.objects.exists()


def test_an_undertaking_and_its_row_in_the_ledger_stand_or_fall_together(make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", signed=False)
    with transaction.atomic():
        record_undertaking(user=maija, typed_name="Maija Malli", language="fi", actor=OPERATOR)
        transaction.set_rollback(True)
    assert why_closed(fresh(maija)) is Closed.NO_UNDERTAKING
    assert not LedgerRow.objects.filter(verb="people.record_undertaking").exists()
