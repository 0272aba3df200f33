from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.organisation import breaches
from luvalla.organisation.breaches import Account
from luvalla.organisation.errors import BreachUnfinished, NotInOrder
from luvalla.organisation.models import Breach, BreachNotice, Controller
from luvalla.rules.breach import HOURS, Kind, Risk, notify_by

NOW = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
SENT_OPENLY = Account("Kirje lähti niin, että 40 saajaa näki toistensa osoitteet.")


@pytest.fixture
def breach(db: None) -> Breach:
    with time_machine.travel(NOW, tick=False):
        return breaches.record_breach(
            kind=Kind.CONFIDENTIALITY,
            detected_at=NOW - timedelta(hours=3),
            aware_at=NOW - timedelta(hours=1),
            account=SENT_OPENLY,
            subjects=40,
            actor=OPERATOR,
        )


@given(st.datetimes(timezones=st.just(UTC), max_value=datetime(9000, 1, 1)), st.integers(1, 200))  # noqa: DTZ001  # Hypothesis adds the zone
def test_the_hours_run_through_weekends_and_holidays(aware_at: datetime, hours: int) -> None:
    assert (notify_by(aware_at, hours) - aware_at).total_seconds() == hours * 3600


def test_the_clock_runs_from_the_moment_the_controller_became_aware(breach: Breach) -> None:
    assert breaches.due_of(breach) == breach.aware_at + timedelta(hours=HOURS)
    Controller.objects.create(business_id="1234567-1", breach_hours=96)
    assert breaches.due_of(breach) == breach.aware_at + timedelta(hours=96)


def test_what_happened_is_kept_sealed_and_leaves_the_ledger_without_words(breach: Breach) -> None:
    stored = bytes(Breach.objects.get().account)
    assert b"osoitteet" not in stored
    assert breaches.account_of(Breach.objects.get()) == SENT_OPENLY
    row = LedgerRow.objects.get(verb="organisation.record_breach")
    assert (row.subject_ref, row.facts) == (str(breach.ref), {"kind": "confidentiality"})


def test_an_entry_without_words_or_from_the_future_is_refused(db: None) -> None:
    times = {"detected_at": NOW, "aware_at": NOW}
    with time_machine.travel(NOW, tick=False):
        for account, changed in (
            (Account("  "), {}),
            (SENT_OPENLY, {"aware_at": NOW + timedelta(hours=1)}),
            (SENT_OPENLY, {"detected_at": NOW, "aware_at": NOW - timedelta(minutes=1)}),
        ):
            with pytest.raises(NotInOrder):
                breaches.record_breach(kind=Kind.INTEGRITY, account=account, actor=OPERATOR, **{**times, **changed})
    assert not Breach.objects.exists()


def test_an_unlikely_risk_needs_its_reason_and_then_nobody_has_to_be_told(breach: Breach) -> None:
    with pytest.raises(NotInOrder):
        breaches.assess_breach(breach=breach, risk=Risk.UNLIKELY, account=SENT_OPENLY, actor=OPERATOR)
    assert breaches.authority_waits(breach)
    account = replace(
        SENT_OPENLY, why_nobody_told="Saajat ovat saman yhdistyksen hallitus.", measures="Ohje uusittiin."
    )
    breaches.assess_breach(breach=breach, risk=Risk.UNLIKELY, account=account, actor=OPERATOR)
    assert not breaches.authority_waits(breach)
    breaches.close_breach(breach=breach, actor=OPERATOR)
    assert not breaches.open_breaches().exists()


def test_a_high_risk_is_closed_only_when_authority_and_people_were_told(breach: Breach) -> None:
    assert breaches.still_to_do(breach) == ("assess",)
    breaches.assess_breach(breach=breach, risk=Risk.HIGH, account=SENT_OPENLY, actor=OPERATOR)
    with pytest.raises(BreachUnfinished) as fault:
        breaches.close_breach(breach=breach, actor=OPERATOR)
    assert fault.value.missing == ("tell_authority", "tell_subjects", "measures")
    breaches.note_breach_notice(
        breach=breach, to=BreachNotice.AUTHORITY, told_at=NOW, reference="ilmoitus 1", is_last=False, actor=OPERATOR
    )
    assert not breaches.authority_waits(breach)
    assert "tell_authority" in breaches.still_to_do(breach)
    breaches.note_breach_notice(breach=breach, to=BreachNotice.AUTHORITY, told_at=NOW, actor=OPERATOR)
    breaches.note_breach_notice(breach=breach, to=BreachNotice.SUBJECTS, told_at=NOW, actor=OPERATOR)
    account = replace(SENT_OPENLY, measures="Lähetystapa vaihdettiin.")
    breaches.assess_breach(breach=breach, risk=Risk.HIGH, account=account, actor=OPERATOR)
    breaches.close_breach(breach=breach, actor=OPERATOR)
    facts = LedgerRow.objects.filter(verb="organisation.note_breach_notice").values_list("facts", flat=True)
    assert all(each["in_time"] for each in facts)


def test_a_telling_after_the_hours_is_kept_as_late(breach: Breach) -> None:
    late = breaches.due_of(breach) + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        breaches.note_breach_notice(breach=breach, to=BreachNotice.AUTHORITY, told_at=late, actor=OPERATOR)
    assert LedgerRow.objects.get(verb="organisation.note_breach_notice").facts["in_time"] is False


def test_a_telling_before_it_was_known_is_refused(breach: Breach) -> None:
    with pytest.raises(NotInOrder):
        breaches.note_breach_notice(
            breach=breach, to=BreachNotice.AUTHORITY, told_at=NOW - timedelta(days=1), actor=OPERATOR
        )
    assert not BreachNotice.objects.exists()
