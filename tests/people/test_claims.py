"""Each check, on a system that is in order, and on one that was broken on purpose (the negative controls)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.backends import ModelBackend
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.notices.actions import check_claims
from luvalla.people import claims
from luvalla.people.actions import end_contract
from luvalla.people.employers import record_mailbox, set_mailbox_users
from luvalla.people.models import Employer, Undertaking, UndertakingText, User
from luvalla.people.queries import actor_of
from luvalla.rules import ports
from luvalla.rules.ports import Door, Finding, Verdict, closed_by
from tests.people.conftest import MakePerson
from tests.support.unconstrained import without_constraint

pytestmark = pytest.mark.django_db


def holds(finding: Finding) -> None:
    assert finding.verdict is Verdict.HOLDS, finding.figures


def broken(finding: Finding) -> Mapping[str, object]:
    """Give the breaches of a finding that must be broken."""
    assert finding.verdict is Verdict.BROKEN, finding.figures
    figures = {"accounts", "sessions", "hosts", "employers"}
    return {name: count for name, count in finding.figures.items() if count and name not in figures}


def unconstrained() -> AbstractContextManager[None]:
    """Let the database forget for a moment that no account opens without an undertaking."""
    return without_constraint(User, "people_open_only_with_undertaking")


def constrain_again() -> None:
    """Let the database remember it again."""
    if connection.vendor == "postgresql":
        (rule,) = [each for each in User._meta.constraints if each.name == "people_open_only_with_undertaking"]
        with connection.schema_editor() as editor:
            editor.add_constraint(User, rule)


class CarelessDoor(ModelBackend):
    """A backend that asks nothing but whether there is such an account."""

    def get_user(self, user_id: int) -> User | None:  # type: ignore[override]  # our accounts
        """Give the account, open or shut."""
        return User.objects.filter(pk=user_id).first()


@pytest.fixture
def careless(settings: Settings) -> None:
    """Let sessions be opened past the undertaking."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.{CarelessDoor.__name__}"]


def test_the_room_answers_for_its_claims() -> None:
    assert {each.id for each in claims.CLAIMS} == {"S23", "S24", "S25"}
    assert all(ports.claims.get(each.id) is each for each in claims.CLAIMS)


def test_every_check_holds_where_nobody_broke_anything(aino: User, make_person: MakePerson) -> None:
    make_person("Maija Malli", signed=False)
    for each in claims.CLAIMS:
        holds(each.check())


def test_a_door_that_forgets_ended_contracts_breaks_s23(make_person: MakePerson, settings: Settings) -> None:
    partner = Employer.objects.create(name="Viestintä Oy", kind=Employer.PARTNER)
    make_person("Maija Malli", "handler", employer=partner)
    end_contract(employer=partner, actor=OPERATOR)
    holds(claims.accounts_have_task_and_employer())
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.{CarelessDoor.__name__}"]
    assert broken(claims.accounts_have_task_and_employer()) == {"opened_though_shut": 1}


def test_an_account_without_an_employer_breaks_s23(aino: User) -> None:
    User.objects.filter(pk=aino.pk).update(employer=None)
    assert broken(claims.accounts_have_task_and_employer()) == {"without_employer": 1}


def test_a_partner_without_a_contract_breaks_s13(make_person: MakePerson) -> None:
    partner = Employer.objects.create(name="Viestintä Oy", kind=Employer.PARTNER, contract_reference="DPA-7")
    make_person("Maija Malli", "communications", employer=partner)
    holds(claims.recipients_are_named())
    Employer.objects.update(contract_reference="")
    assert broken(claims.recipients_are_named()) == {"without_contract": 1}


def test_a_request_past_the_list_of_hosts_breaks_s13(
    aino: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sharing.py").write_text("from http import client\n", encoding="utf-8")
    monkeypatch.setattr(claims, "PACKAGE", tmp_path)
    with transaction.atomic():
        record("organisation.reach", actor=OPERATOR, subject=Subject("host", "999"))
    assert broken(claims.recipients_are_named()) == {"unknown_ways_out": 1, "undeclared_hosts": 1}


def test_an_account_that_nobody_appointed_breaks_s23(aino: User) -> None:
    User.objects.filter(pk=aino.pk).update(appointed_by="")
    assert broken(claims.accounts_have_task_and_employer()) == {"without_appointment": 1}


def test_a_mailbox_read_by_somebody_without_an_undertaking_breaks_s23(aino: User) -> None:
    mailbox = record_mailbox(address="uutiskirje@esimerkki.fi", kind="newsletter", note="", actor=OPERATOR)
    set_mailbox_users(mailbox=mailbox, users=[aino], actor=OPERATOR)
    holds(claims.accounts_have_task_and_employer())
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert broken(claims.accounts_have_task_and_employer()) == {"mailboxes_of_others": 1}


def test_an_account_without_a_task_breaks_s23(aino: User) -> None:
    aino.groups.clear()
    assert broken(claims.accounts_have_task_and_employer()) == {"without_task": 1}


def test_an_account_of_an_office_breaks_s24(aino: User) -> None:
    holds(claims.accounts_are_personal())
    User.objects.filter(pk=aino.pk).update(username="asiakaspalvelu")
    assert broken(claims.accounts_are_personal()) == {"shared_names": 1}


def test_an_account_in_the_database_breaks_s24(aino: User) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no accounts")
    holds(claims.accounts_are_personal())
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE luvalla_somebody LOGIN")
        holds(claims.accounts_are_personal())
        cursor.execute("GRANT SELECT ON people_user TO luvalla_somebody")
    assert broken(claims.accounts_are_personal()) == {"accounts_in_the_database": 1}


def test_a_badly_kept_password_breaks_s24(aino: User) -> None:
    User.objects.filter(pk=aino.pk).update(password="pbkdf2_sha256$1000$x$y")
    assert broken(claims.accounts_are_personal()) == {"weakly_kept": 1}


def test_a_look_without_a_purpose_breaks_s23(aino: User) -> None:
    holds(claims.accounts_have_task_and_employer())
    with without_constraint(LedgerRow, "ledger_looks_have_a_purpose"):
        LedgerRow.objects.create(verb="register.uncover_address", actor=str(actor_of(aino)))
    found = broken(claims.accounts_have_task_and_employer())
    assert found["looks_without_purpose"] == 1


def test_a_ledger_that_would_take_in_an_aimless_look_breaks_s23(aino: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_constraints", lambda _model: set())
    assert broken(claims.accounts_have_task_and_employer()) == {"missing_constraints": 1}


def test_a_missing_constraint_breaks_s24_and_s25(aino: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_constraints", lambda _model: {"people_nobody_may_do_everything"})
    assert broken(claims.accounts_are_personal()) == {"missing_constraints": 1}
    assert broken(claims.accounts_have_undertakings()) == {"missing_constraints": 1}


def test_an_undertaking_whose_text_was_changed_breaks_s25(aino: User) -> None:
    holds(claims.accounts_have_undertakings())
    UndertakingText.objects.update(text_fi="Lupaan vähemmän.")
    assert broken(claims.accounts_have_undertakings()) == {"text_changed": 1}


def test_an_account_without_an_undertaking_breaks_s25(make_person: MakePerson) -> None:
    maija = make_person("Maija Malli", signed=False)
    with unconstrained():
        User.objects.filter(pk=maija.pk).update(is_active=True)
    found = broken(claims.accounts_have_undertakings())
    assert found["without"] == 1
    check_claims(["S25"], actor=OPERATOR)
    assert closed_by(Door.SIGN_IN) == ("S25",)
    User.objects.filter(pk=maija.pk).update(is_active=False)


def test_an_undertaking_of_somebody_else_breaks_s25(aino: User, make_person: MakePerson) -> None:
    maija = make_person("Maija Malli")
    Undertaking.objects.filter(user=maija).update(user=aino)
    assert broken(claims.accounts_have_undertakings()) == {"of_another": 1}


def test_a_door_that_forgets_expired_undertakings_breaks_s25(aino: User, careless: None) -> None:
    holds(claims.accounts_have_undertakings())
    Undertaking.objects.update(valid_until=timezone.now() - timedelta(seconds=1))
    assert broken(claims.accounts_have_undertakings()) == {"opened_though_shut": 1}
