"""The desk of people: joining, paper, countersigning, employers, mailboxes, reviews, leaving; reading and releases."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.mailroom import actions as mailroom
from luvalla.people.models import AccessReview, Employer, Mailbox, ReadingAlarm, Release, User
from luvalla.people.queries import Closed, accounts, roles_of, why_closed
from luvalla.people.releases import ALONE_AT_MOST
from luvalla.people.versions import current_text
from luvalla.register.models import Audience, Contact
from tests.people.conftest import PASSWORD, MakePerson
from tests.staff.conftest import Browse

pytestmark = pytest.mark.django_db
LIST = "/staff/people/"


def closed(username: str) -> Closed | None:
    return why_closed(accounts().get(username=username))


def person_page(user: User, step: str = "") -> str:
    return f"{LIST}{user.ref}/{step}"


def join(client: Client, **given: object) -> Any:
    employer = Employer.objects.get(kind=Employer.CONTROLLER)
    details = {
        "full_name": "Mikael Lindqvist", "username": "mikael", "email": "mikael@esimerkki.fi", "language": "sv",
        "employer": employer.pk, "roles": ["communications"], "appointed_by": "Katariina Holm",
        "appointed_for": "Kirjeiden kirjoittaminen",
    }  # fmt: skip
    return client.post(f"{LIST}appoint/", {**details, **given})


def test_a_person_is_appointed_and_invited_by_a_link_and_comes_in(
    browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    sent: list[str] = []
    compose = mailroom.compose
    monkeypatch.setattr(mailroom, "compose", lambda draft, **more: (sent.append(draft.text), compose(draft, **more))[1])
    client = browse("administrator")
    assert "Appoint a person" in client.get(LIST).content.decode()
    assert join(client).url == person_page(User.objects.get(username="mikael"))
    mikael = User.objects.get(username="mikael")
    assert (mikael.appointed_by, mikael.appointed_for) == ("Katariina Holm", "Kirjeiden kirjoittaminen")
    assert closed("mikael") is Closed.NO_UNDERTAKING
    assert "Mikael Lindqvist" in client.get(LIST).content.decode()
    link = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", sent[0])
    assert link is not None
    newcomer = Client()
    form = newcomer.get(link.group(1), follow=True)
    chosen = "neljä-hiljaista-sanaa-vain"
    newcomer.post(form.redirect_chain[-1][0], {"password1": chosen, "password2": chosen})
    assert newcomer.get(link.group(1), follow=True).context["token_fail"]
    newcomer.post("/accounts/login/", {"login": "mikael", "password": chosen})
    signature = {"has_read": "on", "typed_name": "Mikael Lindqvist", "password": chosen}
    newcomer.post("/accounts/undertaking/", signature)
    newcomer.post("/accounts/login/", {"login": "mikael", "password": chosen})
    assert newcomer.get("/staff/").status_code == 200
    assert person_page(mikael, "countersign/") in client.get(person_page(mikael)).content.decode()
    client.post(person_page(mikael, "countersign/"))
    mikael.refresh_from_db()
    assert mikael.undertaking is not None
    assert mikael.undertaking.countersigned_by == "Aino Salmela"
    verbs = set(LedgerRow.objects.filter(subject_ref=str(mikael.ref)).values_list("verb", flat=True))
    assert {"people.add_user", "people.invite", "people.record_undertaking", "people.countersign"} <= verbs


def test_a_persons_page_leads_to_every_step_and_ones_own_to_none_against_oneself(
    browse: Browse, make_person: MakePerson
) -> None:
    client, other = browse("administrator"), make_person("Mikael Lindqvist")
    oneself = User.objects.get(full_name="Aino Salmela")
    for person, is_offered in ((other, True), (oneself, False)):
        page = client.get(person_page(person)).content.decode()
        assert [person_page(person, step) in page for step in ("leave/", "shut/")] == [is_offered] * 2


def test_an_office_gets_no_account_and_the_form_says_why(browse: Browse) -> None:
    client = browse("administrator")
    answer = join(client, username="asiakaspalvelu")
    assert "stands for an office" in answer.content.decode()
    assert User.objects.count() == 1


def test_paper_is_recorded_with_its_scan_and_looking_at_it_is_a_row(browse: Browse, make_person: MakePerson) -> None:
    client, maija = browse("administrator"), make_person("Maija Malli", "custodian", signed=False)
    given = {"typed_name": "Maija Malli", "signed_on": timezone.localdate().isoformat(), "language": "fi"}
    wrong = client.post(person_page(maija, "paper/"), {**given, "scan": SimpleUploadedFile("x.pdf", b"<script>")})
    assert "no scan" in wrong.content.decode()
    assert closed("maija") is Closed.NO_UNDERTAKING
    client.post(person_page(maija, "paper/"), {**given, "scan": SimpleUploadedFile("x.pdf", b"%PDF-1.7 Maija")})
    assert closed("maija") is None
    scan = client.get(person_page(maija, "undertaking/"))
    assert (scan.content, scan["Content-Type"]) == (b"%PDF-1.7 Maija", "application/pdf")
    assert "attachment" in scan["Content-Disposition"]
    assert LedgerRow.objects.filter(verb="people.open_scan").count() == 1


def test_an_appointment_is_changed_and_a_person_leaves(browse: Browse, make_person: MakePerson) -> None:
    client, maija = browse("administrator"), make_person("Maija Malli", "custodian")
    until = timezone.localdate() + timedelta(days=20)
    given = {"roles": ["clerk"], "appointed_by": "K. Holm", "appointed_for": "Rekisteri", "appointed_until": until}
    client.post(person_page(maija, "appointment/"), given)
    maija = User.objects.get(pk=maija.pk)
    assert (roles_of(maija)[0].value, maija.appointed_until) == ("clerk", until)
    page = client.get(LIST).content.decode()
    assert "20 days" in page
    client.post(person_page(maija, "leave/"), {"left_on": timezone.localdate(), "reason": "Toiseen työhön"})
    assert closed("maija") is Closed.LEFT
    assert "Left within a year" in client.get(LIST).content.decode()
    assert client.get(person_page(maija)).status_code == 200


def test_a_processors_contract_ends_and_its_people_are_out(browse: Browse, make_person: MakePerson) -> None:
    client = browse("administrator")
    given = {"name": "Posti Oy", "kind": "processor", "contract_reference": ""}
    assert "needs a name of its own and a contract" in client.post(f"{LIST}employers/new/", given).content.decode()
    client.post(f"{LIST}employers/new/", {**given, "contract_reference": "DPA-9"})
    employer = Employer.objects.get(name="Posti Oy")
    make_person("Maija Malli", "communications", employer=employer)
    theirs = Client()
    theirs.force_login(User.objects.get(username="maija"))
    assert theirs.get("/staff/").status_code == 200
    client.post(f"{LIST}employers/{employer.pk}/end/")
    assert theirs.get("/staff/").status_code == 302
    assert closed("maija") is Closed.CONTRACT_ENDED
    assert "Ended" in client.get(f"{LIST}employers/").content.decode()


def test_a_mailbox_has_named_users(browse: Browse, make_person: MakePerson) -> None:
    client, maija = browse("administrator"), make_person("Maija Malli", "handler")
    given = {"address": "uutiskirje@esimerkki.fi", "kind": "newsletter", "note": "", "users": [maija.pk]}
    client.post(f"{LIST}mailboxes/new/", given)
    assert "Maija Malli" in client.get(f"{LIST}mailboxes/").content.decode()
    box = Mailbox.objects.get()
    assert 'value="uutiskirje@esimerkki.fi"' in client.get(f"{LIST}mailboxes/{box.pk}/").content.decode()
    client.post(f"{LIST}mailboxes/{box.pk}/remove/")
    assert not Mailbox.objects.exists()


def test_a_review_goes_from_account_to_account_to_a_signature(browse: Browse, make_person: MakePerson) -> None:
    make_person("Maija Malli", "clerk")
    make_person("Matti Malli", "custodian")
    client, review = browse("register_owner"), f"{LIST}review/"
    client.post(review)
    for username, decision in (("maija", "confirmed"), ("matti", "closed")):
        assert "Still needed" in client.get(review).content.decode()
        client.post(review, {"user": User.objects.get(username=username).ref, "decision": decision})
    assert closed("matti") is Closed.LEFT
    signature = {"typed_name": "Aino Salmela", "password": "väärä-salasana"}
    assert "isn&#x27;t your password" in client.post(review, signature).content.decode()
    client.post(review, {**signature, "password": PASSWORD})
    signed = AccessReview.objects.get()
    assert signed.signed_at is not None
    page = client.get(review).content.decode()
    assert "The record is as it was signed." in page
    record = client.get(f"{review}{signed.ref}/record/")
    assert record.json()["name"] == "Aino Salmela"
    signed.lines.update(decision="closed")
    assert "changed since it was signed" in client.get(review).content.decode()


def test_a_new_text_of_the_undertaking_is_published(browse: Browse) -> None:
    client, path = browse("register_owner"), f"{LIST}undertaking/"
    assert current_text().text_fi.splitlines()[0] in client.get(path).content.decode()
    given = {"version": "2", "in_force_from": timezone.localdate(), "grace_days": 10}
    texts = {"text_fi": "Lupaan.", "text_sv": "Jag lovar.", "text_en": "I promise."}
    client.post(path, {**given, **texts})
    assert current_text().version == "2"
    assert browse("administrator", name="Jari Koskela").get(path).status_code == 403


def test_a_large_export_waits_for_a_second_person(
    browse: Browse, register_address: Callable[..., Contact], customers: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        register_address(f"asukas{number}@kotiposti.example")
    from luvalla.people import releases  # noqa: PLC0415  # beside its one use

    monkeypatch.setattr(releases, "ALONE_AT_MOST", 3)
    client, other = browse("register_owner"), browse("data_protection_officer", name="Katariina Holm")
    path = reverse("staff_contacts:export")
    given = {"audience": customers.pk, "purpose": "request", "reason": "Tilastokeskuksen pyyntö"}
    assert "A second person is asked" in client.post(path, given).content.decode()
    assert not LedgerRow.objects.filter(verb="register.export_contacts").exists()
    release = Release.objects.get()
    assert "Export of the audience Customers" in other.get("/staff/reading/").content.decode()
    assert "Release exports" in other.get("/staff/").content.decode()
    client.post(f"/staff/reading/releases/{release.ref}/", {"release": "yes"})
    release.refresh_from_db()
    assert not release.is_released
    other.post(f"/staff/reading/releases/{release.ref}/", {"release": "yes"})
    assert "Your export has been released" in client.get(path).content.decode()
    answer = client.post(path, given)
    assert b"".join(answer.streaming_content).count(b"@") == 4
    assert "A second person is asked" in client.post(path, given).content.decode()
    assert ALONE_AT_MOST == 100


def test_an_alarm_is_explained_by_somebody_else(browse: Browse, make_person: MakePerson) -> None:
    client = browse("data_protection_officer")
    own, maija = User.objects.get(), make_person("Maija Malli", "clerk")
    day = timezone.localdate()
    alarms = [ReadingAlarm.objects.create(user=each, day=day, seen=90, usual=4, limit=30) for each in (own, maija)]
    assert "Maija Malli saw 90 addresses" in client.get("/staff/").content.decode()
    assert "more than 30 addresses" in client.get("/staff/reading/").content.decode()
    for each in alarms:
        client.post(f"/staff/reading/alarms/{each.pk}/", {"explanation": "Vuosittainen tarkastus"})
    explained = ReadingAlarm.objects.exclude(explained_at=None).values_list("user__username", flat=True)
    assert list(explained) == ["maija"]
