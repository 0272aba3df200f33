"""The desks of settings, accounts and claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from luvalla.ledger.chain import seal_rows
from luvalla.ledger.models import LedgerRow
from luvalla.notices.audit.verifying import verify_pack
from luvalla.notices.models import ClaimVerdict
from luvalla.organisation.models import BalancingTest
from luvalla.people.models import Session, User
from luvalla.people.queries import Closed, why_closed
from luvalla.rules.ports import Verdict
from tests.people.conftest import MakePerson
from tests.staff.conftest import Browse, add_totp
from tests.support.world import make_world

pytestmark = pytest.mark.django_db


def test_the_settings_show_what_the_organisation_declared() -> None:
    client, person = Client(), make_world().approver
    User.objects.filter(pk=person.pk).update(language="en")
    add_totp(person)
    client.force_login(person)
    page = client.get("/staff/settings/").content.decode()
    for said in (
        "1234567-1",
        "Customer information",
        "Legitimate interest",
        "until 31 May 2028",
        "Pohjolan Postipalvelu Oy",
    ):
        assert said in page
    BalancingTest.objects.all().delete()
    assert "Run out: the gate is shut" in client.get("/staff/settings/").content.decode()


def test_accounts_are_listed_with_why_they_are_shut(browse: Browse, make_person: MakePerson) -> None:
    client = browse("administrator")
    make_person("Maija Malli", signed=False)
    page = client.get("/staff/people/").content.decode()
    assert "no undertaking yet" in page
    assert "On the way in" in page


def test_an_account_is_shut_with_a_reason_and_its_sessions_end(browse: Browse, make_person: MakePerson) -> None:
    client, maija = browse("administrator"), make_person("Maija Malli", "handler")
    other = browse("handler", name="Jari Koskela")
    path = reverse("staff_people:shut", args=[maija.ref])
    assert "can&#x27;t be empty" in client.post(path, {"reason": "  "}).content.decode()
    assert other.post(path, {"reason": "x"}).status_code == 403
    assert why_closed(User.objects.get(pk=maija.pk)) is None
    client.post(path, {"reason": "työ päättyi"})
    assert why_closed(User.objects.get(pk=maija.pk)) is Closed.UNDERTAKING_REVOKED
    assert not Session.objects.filter(user=maija).exists()
    assert LedgerRow.objects.get(verb="people.revoke_undertaking").reason == "työ päättyi"
    client.post(path, {"reason": "uudelleen"})
    assert LedgerRow.objects.filter(verb="people.revoke_undertaking").count() == 1


def test_the_claims_are_checked_and_narrowed(browse: Browse) -> None:
    client = browse("auditor")
    page = client.get("/staff/claims/").content.decode()
    assert "0 of 54 claims hold" in page
    assert "Not checked yet" in page
    client.post("/staff/claims/")
    assert ClaimVerdict.objects.exists()
    assert LedgerRow.objects.get(verb="notices.check_claims").actor.startswith("person:")
    ClaimVerdict.objects.filter(claim="S24").update(verdict=Verdict.BROKEN)
    page = client.get("/staff/claims/", {"verdict": "broken"}).content.decode()
    assert 'id="S24"' in page
    assert 'id="S25"' not in page
    assert "Accounts with the name of an office" in page
    assert "The administrator shuts the shared account" in page
    assert "An account is named &quot;customer service&quot;." in page
    assert "test_an_account_of_an_office_breaks_s24" in page


def test_the_auditor_takes_the_pack_along(browse: Browse, tmp_path: Path, settings: Settings) -> None:
    settings.LUVALLA_HOME = tmp_path
    auditor, handler = browse("auditor"), browse("clerk", name="Jari Koskela")
    page = auditor.get("/staff/claims/pack/").content.decode()
    answer = auditor.post("/staff/claims/pack/")
    assert answer["Content-Type"] == "application/zip"
    place = tmp_path / "pack.zip"
    place.write_bytes(answer.content)
    report = verify_pack(place)
    assert report.faults == ()
    assert report.fingerprint in page
    assert LedgerRow.objects.get(verb="notices.make_audit_pack").actor.startswith("person:")
    assert handler.post("/staff/claims/pack/").status_code == 403
    seal_rows(everything=True)
    LedgerRow.objects.filter(verb="notices.make_audit_pack").update(actor="nobody")
    assert "nothing was signed" in auditor.post("/staff/claims/pack/").content.decode()


def test_a_person_without_the_right_role_is_told_so_in_a_page(browse: Browse) -> None:
    answer = browse("communications").get("/staff/settings/")
    assert answer.status_code == 403
    assert "not for your role" in answer.content.decode()
    assert "Nothing was shown" in answer.content.decode()
