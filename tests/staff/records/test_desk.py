"""The desk of records: who may see and change what, and a breach from its first hour to its end."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from luvalla.ledger.models import LedgerRow
from luvalla.organisation.breaches import account_of
from luvalla.organisation.models import BalancingTest, Breach, Processor, Transfer
from luvalla.people.models import User
from luvalla.staff.records.front import waiting
from tests.staff.conftest import Browse
from tests.support.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def owner(browse: Browse) -> Client:
    return browse("register_owner", name="Oona Omistaja")


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def test_every_record_opens_for_the_auditor_and_for_none_without_the_right(world: World, browse: Browse) -> None:
    auditor, writer = browse("auditor"), browse("communications", name="Kai Kirjoittaja")
    for key in ("processing", "balancing-tests", "processors", "disclosees", "transfers", "retention", "breaches"):
        page = reverse("staff_records:record", args=[key])
        assert auditor.get(page).status_code == 200
        assert writer.get(page).status_code == 403
    assert auditor.get(reverse("staff_records:record", args=["recipes"])).status_code == 404
    assert auditor.get(reverse("staff_records:add", args=["processors"])).status_code == 403


def test_records_are_cited_and_dated_as_the_reader_writes_them(world: World, browse: Browse) -> None:
    auditor = browse("auditor", language="sv")
    every = auditor.get(reverse("staff_records:all")).content.decode()
    assert all(cited in every for cited in ("6.1 f", "13.1 e", "44–49"))
    processing = auditor.get(reverse("staff_records:record", args=["processing"])).content.decode()
    assert "Kundinformation: 31.5.2028" in processing
    assert re.search(r"\d{4}-\d\d-\d\d", re.sub(r"<[^>]+>", "", processing)) is None


def test_authorities_stand_by_name_each_linked_to_its_own_page(world: World, browse: Browse) -> None:
    owner = browse("register_owner", language="sv")
    page = owner.get(reverse("staff_records:record", args=["authorities"])).content.decode()
    listed = re.findall(r'authorities/(\w\w)/">([^<]+)</a>', page)
    names = [name for _, name in listed]
    assert names == sorted(names)
    assert dict(listed)["DE"] == "Tyskland"
    assert "Fågelviksgränden 4, 00530 Helsingfors" in page


def test_a_rows_form_leads_back_to_its_record(world: World, browse: Browse) -> None:
    form = browse("register_owner").get(reverse("staff_records:add", args=["processors"])).content.decode()
    assert f'href="{reverse("staff_records:record", args=["processors"])}">Processors</a>' in form


def test_a_table_file_has_no_formulas_and_is_written_into_the_ledger(world: World, browse: Browse) -> None:
    Processor.objects.update(role='=HYPERLINK("x")')
    answer = browse("auditor").get(reverse("staff_records:csv", args=["processors"]))
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][0] == "Processor"
    assert rows[1][1].startswith("'=")
    assert "no-store" in answer["Cache-Control"]
    assert LedgerRow.objects.filter(verb="notices.export_record", subject_ref="processors").count() == 1


def test_linked_data_is_a_file_and_consents_ask_for_a_reason(world: World, browse: Browse) -> None:
    auditor = browse("auditor")
    linked = auditor.get(reverse("staff_records:linked"))
    assert linked["Content-Type"] == "application/ld+json"
    assert json.loads(linked.content)["@graph"]
    path = reverse("staff_records:consents")
    assert "Write the reason" in auditor.post(path).content.decode()
    assert json.loads(auditor.post(path, {"reason": "yearly audit"}).content)["@graph"]
    assert LedgerRow.objects.get(verb="notices.export_consents").reason == "yearly audit"


def test_a_processor_is_recorded_and_a_contract_that_ends_before_it_begins_is_not(world: World, browse: Browse) -> None:
    client, path = owner(browse), reverse("staff_records:add", args=["processors"])
    given = {
        "name": "Uusi Oy", "role": "Tulostus", "country": "se", "contract_reference": "D2",
        "contract_from": "2026-11-01", "contract_until": "2026-10-01",
    }  # fmt: skip
    assert "before the beginning" in client.post(path, given).content.decode()
    assert client.post(path, {**given, "contract_until": ""}).status_code == 302
    made = Processor.objects.get(name="Uusi Oy")
    assert (made.country, made.contract_until) == ("SE", None)
    change = reverse("staff_records:change", args=["processors", made.pk])
    client.post(change, {**given, "name": "Toinen Oy", "contract_until": "2027-12-31"})
    assert Processor.objects.get(pk=made.pk).contract_until is not None
    assert not Processor.objects.filter(name="Toinen Oy").exists()


def test_a_contract_says_which_points_it_lacks_until_they_are_ticked(world: World, browse: Browse) -> None:
    client, row = owner(browse), Processor.objects.get()
    page, change = (
        reverse("staff_records:record", args=["processors"]),
        reverse("staff_records:change", args=["processors", row.pk]),
    )
    given = {
        "name": row.name, "role": row.role, "country": "FI", "contract_reference": "D1", "contract_from": "2025-01-01",
        "terms": ["h", "a", "b"], "subprocessors": "Konesali Oy, FI\nVara Ab, SE", "audited_on": "2026-03-01",
    }  # fmt: skip
    client.post(change, given)
    told = client.get(page).content.decode()
    assert "deletion or return at the end (g)" in told
    assert "only on documented instructions (a)" not in told
    assert "Konesali Oy, FI; Vara Ab, SE" in told
    assert re.findall(r'name="terms" value="(.)"[^>]*checked', client.get(change).content.decode()) == ["a", "b", "h"]
    client.post(change, {**given, "terms": list("abcdefgh"), "contract_until": "2026-01-31"})
    told = client.get(page).content.decode()
    assert "deletion or return at the end (g)" not in told
    assert "not shown yet" in told
    client.post(change, {**given, "contract_until": "2026-01-31", "cleared_on": "2026-02-15"})
    assert "not shown yet" not in client.get(page).content.decode()


def test_a_transfer_needs_a_ground_that_exists(world: World, browse: Browse) -> None:
    client, path = owner(browse), reverse("staff_records:add", args=["transfers"])
    given = {
        "processor": str(Processor.objects.first().pk), "country": "IN", "ground": "adequacy", "reference": "x",  # type: ignore[union-attr]  # the world has one
        "checked_on": "2026-11-22",
    }  # fmt: skip
    assert "No adequacy decision" in client.post(path, given).content.decode()
    assert "Within the EEA" in client.post(path, {**given, "country": "SE"}).content.decode()
    assert not Transfer.objects.exists()
    assert client.post(path, {**given, "country": "GB"}).status_code == 302
    assert Transfer.objects.get().country == "GB"


def test_a_balancing_test_is_made_anew_and_the_old_one_stays(world: World, browse: Browse) -> None:
    client, path = owner(browse), reverse("staff_records:add", args=["balancing-tests"])
    before = BalancingTest.objects.count()
    given = {
        "purpose": str(world.marketing.pk), "interest": "Oma myynti.", "necessity": "Kirje riittää.",
        "balance": "Kielto on helppo.", "confirmed_by": "Katariina Holm",
        "expires_on": str(timezone.localdate() + timedelta(days=900)),
    }  # fmt: skip
    assert "two years" in client.post(path, given).content.decode()
    assert BalancingTest.objects.count() == before
    client.post(path, {**given, "expires_on": str(timezone.localdate() + timedelta(days=700)), "opinion": "Puollan."})
    assert BalancingTest.objects.latest("pk").opinion == "Puollan."
    assert BalancingTest.objects.count() == before + 1


def test_a_breach_is_written_down_judged_told_and_closed(world: World, browse: Browse) -> None:
    client, now = owner(browse), timezone.now()
    given = {
        "kind": "confidentiality", "detected_at": local(now - timedelta(hours=2)),
        "aware_at": local(now - timedelta(hours=5)), "what": "Liite lähti väärille.",
    }  # fmt: skip
    new = reverse("staff_records:new_breach")
    assert "Not before it was noticed" in client.post(new, given).content.decode()
    client.post(new, {**given, "aware_at": local(now - timedelta(hours=1))})
    breach = Breach.objects.get()
    page = reverse("staff_records:breach", args=[breach.ref])
    assert "Liite lähti väärille." in client.get(page).content.decode()
    assert LedgerRow.objects.filter(verb="organisation.open_breach", subject_ref=str(breach.ref)).exists()
    judged = {"act": "assess", "what": "Liite lähti väärille.", "measures": "Palautettiin.", "risk": "unlikely"}
    assert "Say why a risk is unlikely" in client.post(page, judged).content.decode()
    client.post(page, {**judged, "risk": "likely", "subjects": "12"})
    assert "Still to do" in client.post(page, {"act": "close"}).content.decode()
    told = {"act": "told", "to": "authority", "told_at": local(now), "reference": "TSV/1/2026"}
    client.post(page, told)
    client.post(page, {"act": "close"})
    breach.refresh_from_db()
    assert breach.closed_at is not None
    assert (breach.subjects, account_of(breach).measures) == (12, "Palautettiin.")


def test_a_breach_waits_at_the_front_of_those_who_deal_with_it(world: World, browse: Browse) -> None:
    client, now = owner(browse), timezone.now()
    given = {
        "kind": "availability", "detected_at": local(now - timedelta(hours=80)),
        "aware_at": local(now - timedelta(hours=79)), "what": "Levy rikkoutui.",
    }  # fmt: skip
    client.post(reverse("staff_records:new_breach"), given)
    person = User.objects.get(full_name="Oona Omistaja")
    with translation.override("en"):
        assert [each.do for each in waiting(person)] == ["Tell the authority of a breach"]
    page = client.get(reverse("staff_records:breach", args=[Breach.objects.get().ref])).content.decode()
    assert "The authority should have been told" in page
    assert waiting(world.author) == []
