"""One person, one account: who can have one, what a role may do, and what the ledger says of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.people.actions import add_user, set_language, set_password, set_roles
from luvalla.people.errors import AccountExists, SharedName, UnknownRole, WeakPassword
from luvalla.people.models import Employer, Role, User
from luvalla.people.queries import accounts, actor_of, may, may_see_addresses, roles_of, user_named, user_of_ref
from luvalla.people.roles import GRANTS, SEES_ADDRESSES, Capability
from luvalla.people.shared_names import SHARED, is_shared_name
from tests.people.conftest import PASSWORD, MakePerson
from tests.support.passwords import IN_LIFE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name", ["info", "Admin", "asiakaspalvelu", "office", "INFO-2", "kundtjänst", "ylläpito", "tuki.3"]
)
def test_a_name_of_an_office_gets_no_account(name: str) -> None:
    with pytest.raises(SharedName):
        add_user(username=name, email="maija.malli@esimerkki.fi", full_name="Maija Malli", actor=OPERATOR)
    with pytest.raises(SharedName):
        add_user(username="maija", email=f"{name}@esimerkki.fi", full_name="Maija Malli", actor=OPERATOR)
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["author", "approver", "aino", "aino.salmela", "mikael", "infante", "tukiainen"])
def test_a_name_of_a_person_may_have_an_account(name: str) -> None:
    assert not is_shared_name(name)


@given(st.sampled_from(sorted(SHARED)), st.text("0123456789-_. ", max_size=4), st.sampled_from([str.upper, str.title]))
def test_digits_case_and_punctuation_make_no_person_of_an_office(
    name: str, more: str, case: Callable[[str], str]
) -> None:
    assert is_shared_name(case(name) + more)


def test_a_second_account_for_one_mailbox_or_name_is_refused(aino: User) -> None:
    with pytest.raises(AccountExists):
        add_user(username="toinen", email="AINO.salmela@esimerkki.fi", full_name="Toinen", actor=OPERATOR)
    with pytest.raises(AccountExists):
        add_user(username="AINO", email="toinen@esimerkki.fi", full_name="Toinen", actor=OPERATOR)


def test_the_database_itself_refuses_a_second_account_for_one_name(aino: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="Aino", email="toinen@esimerkki.fi", full_name="Toinen")


def test_the_database_itself_refuses_an_open_account_without_an_undertaking() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="maija", email="maija@esimerkki.fi", full_name="Maija Malli", is_active=True)


def test_the_database_itself_refuses_an_account_that_may_do_everything(aino: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=aino.pk).update(is_superuser=True)


def test_a_password_that_can_be_guessed_is_refused_with_its_reasons() -> None:
    with pytest.raises(WeakPassword) as refused:
        add_user(username="maija", email="m@esimerkki.fi", full_name="Maija Malli", password="salasana", actor=OPERATOR)
    assert refused.value.reasons
    assert not User.objects.exists()


def test_passwords_are_kept_with_argon2id(aino: User) -> None:
    assert aino.password.startswith("argon2$argon2id$")
    assert aino.check_password(PASSWORD)


def test_a_guess_at_a_password_costs_at_least_what_owasp_asks_for() -> None:
    least = {"kibibytes": 19 * 1024, "time": 2, "lanes": 1}
    assert all(IN_LIFE[name] >= value for name, value in least.items())


def test_an_unknown_role_is_refused(aino: User) -> None:
    with pytest.raises(UnknownRole):
        set_roles(user=aino, roles=["emperor"], actor=OPERATOR)
    assert roles_of(aino) == (Role.REGISTER_OWNER,)


def test_a_person_without_an_employer_works_for_the_controller(aino: User) -> None:
    assert aino.employer is not None
    assert aino.employer.kind == Employer.CONTROLLER
    assert aino.employer.name == "Esimerkki Energia Oy"


def test_every_write_about_people_has_its_row_in_the_ledger(aino: User) -> None:
    set_roles(user=aino, roles=["auditor"], actor=actor_of(aino))
    set_language(user=aino, language="sv", actor=actor_of(aino))
    set_password(user=aino, password="kevät-tulee-kohisten", actor=actor_of(aino))
    rows = LedgerRow.objects.filter(subject_ref=str(aino.ref)).order_by("pk")
    assert [row.verb for row in rows] == [
        "people.add_user",
        "people.record_undertaking",
        "people.set_roles",
        "people.set_language",
        "people.set_password",
    ]
    assert rows[2].facts == {"roles": ["auditor"]}
    assert "esimerkki.fi" not in str(list(rows.values()))


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_exactly_what_it_is_granted(make_person: MakePerson, role: Role) -> None:
    person = make_person("Liisa Aalto", role.value)
    assert {each for each in Capability if may(person, each)} == set(GRANTS[role])


def test_the_administrator_sees_no_address(make_person: MakePerson) -> None:
    assert not may_see_addresses(make_person("Liisa Aalto", "administrator"))
    assert not GRANTS[Role.ADMINISTRATOR] & SEES_ADDRESSES
    assert may_see_addresses(make_person("Jari Koskela", "handler"))


def test_nobody_writes_and_approves_by_one_role() -> None:
    for granted in GRANTS.values():
        assert not {Capability.WRITE_CAMPAIGN, Capability.APPROVE_CAMPAIGN} <= granted


def test_the_groups_of_wagtails_page_tree_are_gone(aino: User) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}


def test_people_are_found_by_name_and_by_the_ledgers_reference(aino: User) -> None:
    assert user_named("AINO") == aino
    assert user_named("nobody") is None
    assert user_of_ref(str(aino.ref)) == aino
    assert list(accounts()) == [aino]


@pytest.mark.django_db(transaction=True)
def test_the_roles_are_there_again_after_the_database_was_emptied(make_person: MakePerson) -> None:
    call_command("flush", interactive=False, verbosity=0)
    person = make_person("Liisa Aalto", "communications")
    assert may(person, "write_campaign")
    assert person.has_perm("campaigns.change_campaign")
    assert person.has_perm("wagtailadmin.access_admin")


def test_an_account_without_a_role_may_only_enter(aino: User) -> None:
    set_roles(user=aino, roles=[], actor=OPERATOR)
    fresh = User.objects.get(pk=aino.pk)
    assert fresh.get_all_permissions() == {"wagtailadmin.access_admin"}
