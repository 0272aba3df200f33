from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.people.models import Role, User
from luvalla.register.models import Batch, Source
from luvalla.staff.imports.front import imports_waiting, waiting
from tests.staff.conftest import Browse
from tests.staff.imports.conftest import BRING, bring, compare, people, table, upload

pytestmark = pytest.mark.django_db(transaction=True)
OWNER, CLERK, OFFICER = Role.REGISTER_OWNER.value, Role.CLERK.value, Role.DATA_PROTECTION_OFFICER.value


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_gets_as_far_as_its_capabilities(browse: Browse, crm: Source, role: str) -> None:
    batch = bring(browse(OWNER, name="Olli Omistaja"), table(*people(3)))
    client = browse(role)
    sees, brings, decides = role in {OWNER, CLERK, OFFICER}, role in {OWNER, CLERK}, role == OWNER
    home = f"/staff/imports/{batch.pk}/"
    for place in ("/staff/imports/", home, f"{home}rows/new/", f"{home}lines/refused/", f"{home}lines/refused/file/"):
        assert client.get(place).status_code == (200 if sees else 403), place
    assert client.get(BRING).status_code == (200 if brings else 403)
    assert upload(client, table("a@esimerkki.fi")).status_code == (302 if brings else 403)
    assert client.post(f"{home}release/").status_code == (409 if role in {OWNER, OFFICER} else 403)
    if not decides:
        assert client.post(f"{home}discard/").status_code == 403
    assert client.post(f"{home}apply/").status_code == (302 if decides else 403)
    batch.refresh_from_db()
    assert (batch.state == Batch.State.APPLIED) == decides


def test_strangers_are_sent_to_sign_in_before_anything_is_read(crm: Source) -> None:
    answer = upload(Client(), table("a@esimerkki.fi"))
    assert answer.status_code == 302
    assert "login" in answer.url


def test_who_brought_an_import_may_let_it_go(browse: Browse, crm: Source) -> None:
    clerk = browse(CLERK)
    batch = bring(clerk, table(*people(3)))
    assert clerk.post(f"/staff/imports/{batch.pk}/discard/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == Batch.State.DISCARDED


def test_an_undecided_import_is_counted_for_those_who_can_do_something(browse: Browse, crm: Source) -> None:
    batch = bring(browse(CLERK, name="Kaisa Niemi"), table(*people(3)))
    browse(OWNER)
    owner, clerk = User.objects.get(username="aino"), User.objects.get(username="kaisa")
    assert imports_waiting(owner) == 1
    assert imports_waiting(clerk) == 0
    (told,) = waiting(owner)
    assert told.url == f"/staff/imports/{batch.pk}/"
    Batch.objects.update(state=Batch.State.AWAITING_RELEASE, brought_by=f"person:{owner.ref}")
    assert imports_waiting(owner) == 0


def test_pages_say_it_in_each_state_and_language(browse: Browse, crm: Source) -> None:
    batch = bring(browse(OWNER), table(*people(3), "virhe"))
    for language in ("fi", "sv", "en"):
        client = browse(OWNER, name=f"Aino{language} Salmela", language=language)
        for state in Batch.State:
            lease = timezone.now() + timedelta(seconds=20)
            Batch.objects.filter(pk=batch.pk).update(state=state, fault="web_page", lease_until=lease)
            answer = client.get(f"/staff/imports/{batch.pk}/")
            assert answer.status_code == 200
            assert "asiakkaat.csv" in answer.content.decode()
            assert answer.has_header("Refresh") == (state == Batch.State.READING)
        assert client.get("/staff/imports/").status_code == 200


def test_a_dead_reading_is_said_to_be_dead_and_one_in_the_queue_to_wait(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    upload(client, table(*people(3)))
    home = compare(client).url
    assert "waits for its turn" in client.get(home).content.decode()
    assert not client.get(f"{home}?still").has_header("Refresh")
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert "The reading has stopped" in client.get(home).content.decode()


def test_a_consent_needs_its_purposes_and_an_unknown_import_is_not_found(browse: Browse, crm: Source) -> None:
    client = browse(OWNER)
    shown = upload(client, table(*people(3)), permission="consent").content.decode()
    assert "A consent is given for something" in shown
    assert client.get("/staff/imports/999/").status_code == 404
