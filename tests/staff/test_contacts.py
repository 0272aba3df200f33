"""The desk of contacts: masked listings, searches and looks with their rows, stops, exports with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.reads import who_looked
from luvalla.ledger.vault import sealer
from luvalla.people import releases
from luvalla.people.models import Release, User
from luvalla.register import stop
from luvalla.register.models import Audience, Contact, Disclosure, Prohibition, Source, SourceNotice
from luvalla.rules.address import normalise
from luvalla.rules.ports import holdings
from luvalla.rules.purposes import PermissionKind, Prohibited
from luvalla.staff.contacts import listing, steps
from luvalla.staff.contacts.listing import Filters, listed_ids
from tests.staff.conftest import Browse
from tests.support.requests import add_disclosee

pytestmark = pytest.mark.django_db
Bring = Callable[..., Contact]
LIST = "/staff/contacts/"
MAIJA = "maija.malli@esimerkki.fi"


def page_of(client: Client, path: str = LIST, **query: object) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def verbs() -> list[str]:
    """Give the verbs of the ledger about the register, oldest first."""
    rows = LedgerRow.objects.filter(verb__startswith="register.").order_by("pk").values_list("verb", flat=True)
    return [each for each in rows if each != "register.add_permission"]


def test_the_listing_shows_masked_addresses_and_leaves_no_trace_of_the_whole(
    browse: Browse, register_address: Bring
) -> None:
    for number in range(10):
        register_address(f"asukas{number}@suuri.example")
    register_address("matti@pieni.example")
    page = page_of(browse())
    assert "a•••••@suuri.example" in page
    assert "m•••••@•••••" in page
    assert "asukas1@" not in page
    assert "pieni.example" not in page
    assert "11 contacts" in page


@pytest.mark.parametrize("role", ["communications", "approver", "administrator", "auditor", "custodian"])
def test_roles_that_need_no_contacts_see_none(browse: Browse, register_address: Bring, role: str) -> None:
    contact = register_address(MAIJA)
    client = browse(role)
    paths = [LIST, *(reverse(f"staff_contacts:{name}", args=[contact.pk]) for name in ("contact", "uncover", "stop"))]
    for path in paths:
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
    assert Contact.objects.exists()


def test_the_filters_narrow_by_kind_audience_source_and_domain(
    register_address: Bring, crm: Source, sign_up: Source, customers: Audience
) -> None:
    maija, matti = register_address(MAIJA), register_address("matti@toinen.example", PermissionKind.CONSENT, sign_up)
    names = {f"name_{language}": "Prospects" for language in ("fi", "sv", "en")}
    prospects = Audience.objects.create(key="prospects", **names)
    token = sealer().domain_token("toinen.example")
    assert listed_ids(Filters()) == [matti.pk, maija.pk]
    assert listed_ids(Filters(kind="customer")) == [maija.pk]
    assert listed_ids(Filters(kind="consent")) == [matti.pk]
    assert listed_ids(Filters(kind="consent", source=crm.pk)) == []
    assert listed_ids(Filters(kind="consent", source=sign_up.pk, audience=customers.pk)) == [matti.pk]
    assert listed_ids(Filters(kind="legal_entity")) == []
    assert listed_ids(Filters(source=crm.pk)) == [maija.pk]
    assert listed_ids(Filters(audience=customers.pk)) == [matti.pk, maija.pk]
    assert listed_ids(Filters(audience=prospects.pk)) == []
    assert listed_ids(Filters(domain=token)) == [matti.pk]
    assert listed_ids(Filters(domain=token, kind="customer")) == []


def test_a_contact_with_two_permissions_is_listed_once(register_address: Bring, sign_up: Source) -> None:
    register_address(MAIJA)
    register_address(MAIJA, PermissionKind.CONSENT, sign_up)
    assert len(listed_ids(Filters())) == 1


def test_nonsense_in_the_query_narrows_nothing(browse: Browse, register_address: Bring) -> None:
    register_address(MAIJA)
    page = page_of(browse(), kind="emperor", audience="x", source="-1", domain="zz", p="999")
    assert "1 contact<" in page


def test_a_restricted_contact_is_left_out_of_the_listing(browse: Browse, register_address: Bring) -> None:
    maija = register_address(MAIJA)
    stop.restrict(contact_id=maija.pk, reason="accuracy", channel="phone", actor=SYSTEM)
    assert listed_ids(Filters()) == []
    clerk = browse("clerk")
    assert clerk.get(reverse("staff_contacts:contact", args=[maija.pk])).status_code == 404
    assert "Not in the register" in clerk.post(LIST, {"sought": MAIJA, "purpose": "request"}).content.decode()
    handler = browse("handler", name="Jari Koskela")
    assert "Processing restricted" in page_of(handler, reverse("staff_contacts:contact", args=[maija.pk]))


def test_the_listing_is_cut_and_says_so(
    browse: Browse, register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        register_address(f"a{number}@esimerkki.fi")
    monkeypatch.setattr(listing, "MOST", 3)
    monkeypatch.setattr("luvalla.staff.contacts.views.MOST", 3)
    page = page_of(browse())
    assert "over 3, the newest first" in page
    assert page.count("Contact ") == 3


def test_a_search_by_the_whole_address_leads_to_the_contact_with_its_row(
    browse: Browse, register_address: Bring
) -> None:
    maija = register_address(MAIJA)
    answer = browse().post(LIST, {"sought": " Maija.Malli@ESIMERKKI.fi ", "purpose": "request"})
    assert answer.url == reverse("staff_contacts:contact", args=[maija.pk])
    row = LedgerRow.objects.get(verb="register.search")
    assert (row.subject_ref, row.facts) == (str(maija.ref), {"by": "address", "found": 1})


def test_a_search_that_finds_nothing_says_so_and_leaves_its_row(browse: Browse) -> None:
    answer = browse().post(LIST, {"sought": MAIJA, "purpose": "request"}).content.decode()
    assert "Not in the register" in answer
    row = LedgerRow.objects.get(verb="register.search")
    assert (row.subject_ref, row.facts) == ("", {"by": "address", "found": 0})
    assert "maija" not in str(LedgerRow.objects.values_list("facts", "reason", "purpose"))


def test_a_search_for_a_stopped_mailbox_says_that_it_was_stopped(browse: Browse, register_address: Bring) -> None:
    register_address(MAIJA)
    stop.withdraw(address=normalise(MAIJA), channel="web", actor=SYSTEM)
    assert "has stopped the letters" in browse().post(LIST, {"sought": MAIJA, "purpose": "request"}).content.decode()


def test_a_search_by_domain_narrows_the_listing_without_the_domain_in_the_address(
    browse: Browse, register_address: Bring
) -> None:
    register_address(MAIJA)
    register_address("matti@toinen.example")
    client = browse()
    answer = client.post(LIST, {"sought": "@Toinen.example", "purpose": "request"})
    assert "toinen" not in answer.url
    assert "1 contact<" in client.get(answer.url).content.decode()
    assert (
        "Not in the register" in client.post(LIST, {"sought": "kolmas.example", "purpose": "request"}).content.decode()
    )


@pytest.mark.parametrize(("sought", "sentence"), [
    ("maija.malli@", "has no domain after the @ sign"),
    ("maija malli@esimerkki.fi", "The part before the @ sign"),
    ("=1+1", "domain of the address"),
])  # fmt: skip
def test_what_is_no_address_is_refused_with_its_reason(browse: Browse, sought: str, sentence: str) -> None:
    answer = browse().post(LIST, {"sought": sought, "purpose": "request"})
    assert sentence in answer.content.decode()
    assert verbs() == []


def test_looking_at_an_address_asks_why_and_names_its_row(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    path = reverse("staff_contacts:uncover", args=[maija.pk])
    assert MAIJA not in page_of(client, path)
    assert MAIJA not in client.post(path).content.decode()
    assert verbs() == []
    answer = client.post(path, {"purpose": "request"})
    row = LedgerRow.objects.get(verb="register.uncover_address")
    page = answer.content.decode()
    assert MAIJA in page
    assert f"row {row.pk}" in page.replace(",", "")
    assert f'content="30;url={reverse("staff_contacts:contact", args=[maija.pk])}"' in page
    assert "no-store" in answer["Cache-Control"]
    assert (row.subject_ref, row.purpose) == (str(maija.ref), "request")
    assert row.actor == f"person:{User.objects.get().ref}"


def test_a_script_gets_only_the_part_for_its_place(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    path = reverse("staff_contacts:uncover", args=[maija.pk])
    part = client.post(path, {"purpose": "request"}, headers={"X-Luvalla-Part": "1"}).content.decode()
    assert "<html" not in part
    assert MAIJA in part
    assert verbs() == ["register.uncover_address"]


def test_no_page_of_the_desk_shows_an_address_without_its_row(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse()
    names = ("contact", "uncover", "stop", "restrict", "prohibit")
    paths = [LIST, reverse("staff_contacts:export"), reverse("staff_contacts:notices")]
    paths += [reverse(f"staff_contacts:{name}", args=[maija.pk]) for name in names]
    for path in paths:
        assert MAIJA not in page_of(client, path)
    assert verbs() == ["register.show_contact"]


def looks_at(contact: Contact) -> list[tuple[str, str]]:
    return [(each.verb, each.purpose) for each in who_looked("contact", str(contact.ref))]


def test_a_contacts_page_is_a_look_that_its_person_can_be_told_of(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse()
    path = reverse("staff_contacts:contact", args=[maija.pk])
    page_of(client, path)
    page_of(client, path)
    assert looks_at(maija) == [("register.show_contact", "upkeep")]
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert "page was looked at" not in page_of(client, path)
    assert looks_at(maija) == [("register.show_contact", "upkeep")] * 2
    page_of(browse("handler", name="Ville Esimerkki"), path)
    assert len(looks_at(maija)) == 3


def test_a_page_that_a_search_has_led_to_is_the_searchs_look_and_a_later_one_says_the_same_purpose(
    browse: Browse, register_address: Bring
) -> None:
    maija, client = register_address(MAIJA), browse()
    found = client.post(LIST, {"sought": MAIJA, "purpose": "request"})
    page_of(client, found["Location"])
    assert looks_at(maija) == [("register.search", "request")]
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        page_of(client, found["Location"])
    assert looks_at(maija) == [("register.show_contact", "request"), ("register.search", "request")]


def test_a_page_of_nobody_leaves_no_look(browse: Browse) -> None:
    assert browse().get(reverse("staff_contacts:contact", args=[999])).status_code == 404
    assert verbs() == []


def test_a_contacts_page_shows_its_permissions_with_their_evidence(
    browse: Browse, register_address: Bring, sign_up: Source
) -> None:
    maija = register_address(MAIJA)
    register_address(MAIJA, PermissionKind.CONSENT, sign_up)
    page = page_of(browse("handler"), reverse("staff_contacts:contact", args=[maija.pk]))
    assert "Contracts are kept there." in page
    assert "Yes, I want letters." in page
    assert "Customer information system" in page
    assert "A permission was recorded." in page


def test_a_contacts_page_shows_its_letters_through_the_holding(
    browse: Browse, register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    maija = register_address(MAIJA)
    seen: list[Any] = []

    class Found:
        content = {"subject": "Talven katkot", "state": "accepted", "code": "250"}  # of a test
        at = maija.created_at

    monkeypatch.setattr(holdings.get("deliveries"), "find", lambda person: seen.append(person) or [Found])
    page = page_of(browse("handler"), reverse("staff_contacts:contact", args=[maija.pk]))
    assert "Talven katkot" in page
    assert "Accepted" in page
    assert seen[0].contact_ids == (maija.pk,)
    assert seen[0].address is None


def test_stopping_the_letters_erases_the_contact_and_says_so(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    path = reverse("staff_contacts:stop", args=[maija.pk])
    assert "This field is required" in client.post(path).content.decode()
    assert "The letters have stopped" in client.post(path, {"channel": "phone"}).content.decode()
    assert not Contact.objects.exists()
    assert verbs() == ["register.stop", "register.answer_stop"]
    assert LedgerRow.objects.get(verb="register.stop").actor == f"person:{User.objects.get().ref}"


def test_restricting_leaves_the_contact_and_stops_its_letters(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    path = reverse("staff_contacts:restrict", args=[maija.pk])
    answer = client.post(path, {"channel": "letter", "reason": "accuracy"})
    assert "The processing is restricted" in answer.content.decode()
    maija.refresh_from_db()
    assert maija.restricted_at is not None


def test_prohibitions_are_recorded_kind_by_kind(browse: Browse, register_address: Bring) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    path = reverse("staff_contacts:prohibit", args=[maija.pk])
    assert "This field is required" in client.post(path, {"channel": "phone"}).content.decode()
    kinds = [int(Prohibited.RESEARCH), int(Prohibited.DISCLOSURE)]
    assert "in force" in client.post(path, {"channel": "phone", "kinds": kinds}).content.decode()
    assert Prohibition.objects.get().kinds == sum(kinds)
    page = page_of(client, reverse("staff_contacts:contact", args=[maija.pk]))
    assert "Market and opinion research" in page


def test_a_stop_that_is_not_finished_yet_says_what_is_left(
    browse: Browse, register_address: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    maija, client = register_address(MAIJA), browse("handler")
    answer = stop.StopAnswer("withdrawal", was_known=True, finished=False, ref="x")
    monkeypatch.setattr(steps.stop, "withdraw", lambda **_: answer)
    page = client.post(reverse("staff_contacts:stop", args=[maija.pk]), {"channel": "phone"}).content.decode()
    assert "finished within a minute" in page


def test_an_export_needs_a_reason_and_gives_defused_cells(
    browse: Browse, register_address: Bring, customers: Audience
) -> None:
    register_address("=malli@esimerkki.fi")
    register_address(MAIJA)
    client, path = browse(), reverse("staff_contacts:export")
    given = {"audience": customers.pk, "purpose": "request"}
    assert "This field is required" in client.post(path, given).content.decode()
    assert "Say it in a few words" in client.post(path, {**given, "reason": "siksi"}).content.decode()
    assert verbs() == []
    answer = client.post(path, {**given, "reason": "Painotalo tarvitsee osoitteet."})
    assert re.fullmatch(r'attachment; filename="customers-[\d-]+\.csv"', answer["Content-Disposition"])
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 3
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    row = LedgerRow.objects.get(verb="register.export_contacts")
    assert (row.reason, row.facts) == ("Painotalo tarvitsee osoitteet.", {"contacts": 2})


def test_an_export_for_a_disclosee_is_written_down_as_a_disclosure(
    browse: Browse, register_address: Bring, customers: Audience
) -> None:
    register_address(MAIJA)
    to, ended = add_disclosee("Vertailu Oy"), add_disclosee("Loppunut Oy", ends=date(2025, 1, 1))
    client, path = browse(), reverse("staff_contacts:export")
    page = client.get(path).content.decode()
    assert "Vertailu Oy" in page
    assert "Loppunut Oy" not in page
    given = {"audience": customers.pk, "purpose": "request", "reason": "Sopimuksen mukainen luovutus."}
    assert "Select a valid choice" in client.post(path, {**given, "to": ended.pk}).content.decode()
    assert not Disclosure.objects.exists()
    assert client.post(path, {**given, "to": to.pk}).status_code == 200
    disclosure = Disclosure.objects.get()
    assert (disclosure.to, disclosure.audience, disclosure.contacts) == (to, customers, 1)


@pytest.mark.parametrize("role", ["clerk", "handler", "data_protection_officer"])
def test_only_the_register_owner_exports(browse: Browse, role: str) -> None:
    assert browse(role).get(reverse("staff_contacts:export")).status_code == 403


def test_a_query_string_exports_nothing(browse: Browse, register_address: Bring) -> None:
    register_address(MAIJA)
    client = browse()
    for value in ("csv", "xlsx"):
        answer = client.get(LIST, {"export": value})
        assert answer["Content-Type"].startswith("text/html")
        assert MAIJA not in answer.content.decode()


def test_notices_are_fetched_as_a_file_and_marked_as_handled(
    browse: Browse, register_address: Bring, crm: Source
) -> None:
    register_address(MAIJA)
    stop.withdraw(address=normalise(MAIJA), channel="web", actor=SYSTEM)
    client, path = browse("clerk"), reverse("staff_contacts:notices")
    page = page_of(client, path)
    assert "Permission withdrawn" in page
    assert "Not fetched" in page
    assert "Mark the chosen" not in page
    fetch = reverse("staff_contacts:fetch_notices", args=[crm.key])
    asked = page_of(client, fetch)
    assert "Why do the addresses leave the system?" in asked
    assert MAIJA not in client.post(fetch, {"reason": ""}).content.decode()
    assert "Leave people out" in client.post(fetch, {"reason": "Maija Malli asked for it"}).content.decode()
    assert verbs()[-1] != "register.fetch_notices"
    file = client.post(fetch, {"reason": "Into the customer system"})
    assert MAIJA in b"".join(file.streaming_content).decode()
    row = LedgerRow.objects.get(verb="register.fetch_notices")
    assert (row.purpose, row.reason) == ("source", "Into the customer system")
    assert "Fetched" in page_of(client, path)
    refs = [str(SourceNotice.objects.get().ref), "nonsense"]
    client.post(reverse("staff_contacts:handle_notices", args=[crm.key]), {"ref": refs})
    assert "Nothing waits for this source" in page_of(client, path)
    assert bytes(SourceNotice.objects.get().sealed) == b""
    assert verbs()[-2:] == ["register.fetch_notices", "register.handle_notices"]


def test_many_notices_leave_as_a_file_only_when_a_second_person_has_released_them(
    browse: Browse, register_address: Bring, crm: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "ALONE_AT_MOST", 1)
    for address in (MAIJA, "matti@esimerkki.fi"):
        register_address(address)
        stop.withdraw(address=normalise(address), channel="web", actor=SYSTEM)
    client, other = browse("clerk"), browse("data_protection_officer", name="Katariina Holm")
    path, given = reverse("staff_contacts:fetch_notices", args=[crm.key]), {"reason": "Into the customer system"}
    assert "A second person is asked" in client.post(path, given).content.decode()
    assert "register.fetch_notices" not in verbs()
    desk = page_of(other, "/staff/reading/")
    assert "Notices as a file for the source Customer information system" in desk
    assert "Into the customer system" in desk, "the second person reads what the first one typed"
    release = Release.objects.get()
    assert b"customer system" not in bytes(release.reason_sealed)
    assert not LedgerRow.objects.filter(reason__contains="customer system").exists()
    other.post(f"/staff/reading/releases/{release.ref}/", {"release": "yes"})
    assert b"".join(client.post(path, given).streaming_content).count(b"@") == 2
    assert "A second person is asked" in client.post(path, given).content.decode()


def test_a_released_export_goes_to_whom_it_was_released_for_and_to_nobody_else(
    browse: Browse, register_address: Bring, customers: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "ALONE_AT_MOST", 1)
    for address in (MAIJA, "matti@esimerkki.fi"):
        register_address(address)
    to, another = add_disclosee("Vertailu Oy"), add_disclosee("Toinen Oy")
    client, other = browse(), browse("data_protection_officer", name="Katariina Holm")
    path = reverse("staff_contacts:export")
    given = {"audience": customers.pk, "purpose": "request", "reason": "Sopimuksen mukainen luovutus."}
    for asked in ({**given, "to": to.pk}, given):
        assert "A second person is asked" in client.post(path, asked).content.decode()
    desk = page_of(other, "/staff/reading/")
    assert "Vertailu Oy" in desk
    assert "Nobody else: it stays in the organisation" in desk
    release = Release.objects.get(to=to)
    other.post(f"/staff/reading/releases/{release.ref}/", {"release": "yes"})
    assert "It goes to Vertailu Oy and to nobody else." in page_of(client, path)

    for elsewhere in ({**given, "to": another.pk}, given, {**given, "to": to.pk, "purpose": "upkeep"}):
        assert "A second person is asked" in client.post(path, elsewhere).content.decode()
    assert not Disclosure.objects.exists()

    assert b"".join(client.post(path, {**given, "to": to.pk}).streaming_content).count(b"@") == 2
    assert Disclosure.objects.get().to == to
    rows = {each.verb: each for each in LedgerRow.objects.filter(facts__disclosee=to.pk)}
    assert rows.keys() == {"people.ask_for_release", "people.release", "register.export_contacts"}
    assert rows["register.export_contacts"].facts["release"] == str(release.ref)
    assert "A second person is asked" in client.post(path, {**given, "to": to.pk}).content.decode()


def test_a_search_without_a_purpose_finds_nothing_and_the_next_one_begins_with_the_last(
    browse: Browse, register_address: Bring
) -> None:
    register_address(MAIJA)
    client = browse()
    assert "This field is required." in client.post(LIST, {"sought": MAIJA}).content.decode()
    assert "register.search" not in verbs()
    client.post(LIST, {"sought": MAIJA, "purpose": "upkeep"})
    assert LedgerRow.objects.get(verb="register.search").purpose == "upkeep"
    assert '<option value="upkeep" selected>' in page_of(client)


def test_the_sidebar_counts_the_notices_for_those_who_handle_them(browse: Browse, register_address: Bring) -> None:
    register_address(MAIJA)
    stop.withdraw(address=normalise(MAIJA), channel="web", actor=SYSTEM)
    assert "Contacts: 1 waiting" in page_of(browse("clerk"))
    assert "Contacts: " not in page_of(browse("data_protection_officer", name="Eero Mattila"))
