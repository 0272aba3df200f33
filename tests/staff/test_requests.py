"""The requests desk without a browser: who may open what, each step, and that no page shows what was said."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from luvalla.ledger.actors import OPERATOR, Actor
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.actions import declare_host
from luvalla.organisation.authorities import authority
from luvalla.organisation.egress import Answer
from luvalla.paper.models import PaperItem
from luvalla.people.models import Release, User
from luvalla.people.releases import decide_release
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import propose
from luvalla.rights.actions.intake import Arrival, receive_request
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.taking_in import keep_copy
from luvalla.rights.cases import Said
from luvalla.rights.cases import said as said_of
from luvalla.rights.copies.portability import Portable, as_json
from luvalla.rights.errors import FeeUnfounded
from luvalla.rights.files import check_file, keep_file
from luvalla.rights.models import DataRequest, Decision, ReceivingController
from luvalla.rights.statistics import figures
from luvalla.rights.tasks import follow_up
from luvalla.rules.case_states import Right
from luvalla.staff.paper import many
from tests.staff.conftest import add_totp
from tests.support.pdf import text_of
from tests.support.requests import MAIJA, Desk, add_customer, answer_paper, ask, let_arrive, make_desk, work
from tests.support.world import World, make_world

SCAN = b"%PDF-1.7\nscan"
WHY = {"reason": "Postiin, kun pyytäjä ei lue sähköpostia."}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk(world: World) -> Desk:
    return make_desk()


@pytest.fixture
def maija(world: World) -> Contact:
    return add_customer(world, MAIJA)


def browser_of(actor: Actor, language: str = "en") -> Client:
    """Give the browser of somebody of the desk, signed in with a second factor."""
    user = User.objects.get(ref=actor.ref)
    add_totp(user)
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    return client


def take(client: Client, request: DataRequest, step: str, **given: object) -> int:
    """Take a step and give the answer's status: 302 where it was taken, 409 where it was refused."""
    return client.post(f"/staff/requests/{request.ref}/{step}/", given).status_code


def page(client: Client, request: DataRequest, what: str = "") -> str:
    """Give a page of a case."""
    answer = client.get(f"/staff/requests/{request.ref}/{what}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_case_page_shows_clocks_tasks_and_the_way_on_and_no_address(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, text="Mitä tietoja minusta on?")
    shown = page(browser_of(desk.handler), request)
    for words in ("2026-0001", "The first clock never stands still", "Sort", "level L1"):
        assert words in shown
    assert MAIJA not in shown
    assert "Mitä tietoja minusta on?" not in shown


def test_the_case_itself_is_the_first_heading_of_its_page(desk: Desk, maija: Contact) -> None:
    levels = re.findall(r"<h([1-6])\b", page(browser_of(desk.handler), ask(Right.ACCESS)).partition("<main")[2])
    assert levels[0] == "1"
    assert levels.count("1") == 1


def test_reading_what_was_said_is_a_row_in_the_ledger(desk: Desk) -> None:
    request = ask(Right.ACCESS, text="Mitä tietoja minusta on?")
    assert "Mitä tietoja minusta on?" in page(browser_of(desk.handler), request, "said/")
    row = LedgerRow.objects.get(verb="rights.show_request")
    assert (row.subject_ref, row.actor, row.purpose) == (str(request.ref), str(desk.handler), "request")


def test_a_request_is_granted_step_by_step(desk: Desk, maija: Contact) -> None:
    request, clerk, handler = ask(Right.ACCESS), browser_of(desk.clerk), browser_of(desk.handler)
    assert take(clerk, request, "triage", rights=["access"]) == 302
    assert take(clerk, request, "collect") == 404
    assert take(handler, request, "collect") == 302
    work()
    assert take(handler, request, "grant") == 409
    answer_paper(request, desk.custodian)
    assert take(handler, request, "letter", paragraphs="Hei Maija.\n\nTässä tietosi.") == 302
    assert take(handler, request, "grant") == 302
    work()
    let_arrive()
    request.refresh_from_db()
    assert request.state == "closed"
    letter = request.letters.get(kind="reply")
    pdf = handler.get(reverse("staff_requests:letter", args=[request.ref, letter.ref]))
    assert pdf.content.startswith(b"%PDF-")
    path = reverse("staff_paper:print_case_letter", args=[letter.ref])
    assert handler.post(path, {"reason": ""}).status_code == 200
    assert not PaperItem.objects.exists()
    item = printed_item(handler.post(path, WHY))
    assert (item.about_ref, item.kind) == (str(request.ref), "case")
    row = LedgerRow.objects.get(verb="paper.record_print")
    assert (row.purpose, row.reason, row.actor) == ("request", WHY["reason"], str(desk.handler))
    assert clerk.post(path, WHY).status_code == 403
    print_above_the_limit(desk, handler, path)


def printed_item(answer: Any) -> PaperItem:
    """Give the item whose number stands on the first page of the file that came."""
    item = PaperItem.objects.latest("pk")
    assert str(item) in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    return item


def test_a_case_is_printed_as_its_pages_show_it(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, text="Mitä tietoja minusta on?")
    handler = browser_of(desk.handler, "fi")
    path = reverse("staff_paper:print_case", args=[request.ref])
    assert "Miksi tarvitset sen paperilla?" in handler.get(path).content.decode()
    answer = handler.post(path, WHY)
    item = printed_item(answer)
    said = text_of(answer.content)
    for words in (request.number, MAIJA, "Mitä tietoja minusta on?", "Tapahtumat", "Tarkastus"):
        assert words in said, words
    assert (item.kind, item.about_ref, bytes(item.folded)) == ("case", str(request.ref), bytes(request.folded))
    verbs = LedgerRow.objects.filter(actor=str(desk.handler)).order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["rights.show_request", "paper.record_print"]


def test_a_scan_that_came_with_a_case_is_printed_and_what_cannot_be_leaves_no_paper(desk: Desk) -> None:
    request, handler = ask(Right.ACCESS), browser_of(desk.handler)
    whole = BytesIO()
    Image.new("L", (300, 400), "white").save(whole, "PNG")
    scan = keep_file(request, check_file("Maija-Malli.png", whole.getvalue()), actor=desk.handler)
    broken = keep_file(request, check_file("letter.pdf", SCAN), actor=desk.handler)
    shown = page(handler, request)
    assert reverse("staff_paper:print_case_file", args=[scan.ref]) in shown
    item = printed_item(handler.post(reverse("staff_paper:print_case_file", args=[scan.ref]), WHY))
    assert (item.kind, item.about_kind, item.about_ref) == ("attachment", "request", str(request.ref))
    looks = LedgerRow.objects.filter(verb="rights.show_file").count()
    refused = handler.post(reverse("staff_paper:print_case_file", args=[broken.ref]), WHY)
    assert refused.status_code == 409
    assert "print it with its own program, and enter the paper" in html.unescape(refused.content.decode())
    assert (PaperItem.objects.count(), LedgerRow.objects.filter(verb="rights.show_file").count()) == (1, looks)
    assert browser_of(desk.clerk).post(refused.wsgi_request.path, WHY).status_code == 403


def print_above_the_limit(desk: Desk, handler: Client, path: str) -> None:
    """Print again where one print a day is the limit: another person releases each further one."""
    with patch.object(many, "ALONE_AT_MOST", 1):
        for prints in (1, 2):
            refused = handler.post(path, WHY)
            assert (refused.status_code, PaperItem.objects.count()) == (409, prints)
            assert handler.post(path, WHY).status_code == 409
            waiting = Release.objects.get(decided_at=None)
            decide_release(release=waiting, is_released=True, by=User.objects.get(ref=desk.owner.ref))
            assert handler.post(path, WHY).status_code == 200
    assert PaperItem.objects.count() == 3


def test_a_refusal_needs_three_people(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    handler, officer, owner = browser_of(desk.handler), browser_of(desk.officer), browser_of(desk.owner)
    take(browser_of(desk.clerk), request, "triage", rights=["access"])
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    why = {
        "outcome": "ruled", "ruling_access": "refuse", "ground_access": "excessive", "facts": "Sata pyyntöä.",
        "reasons": "Tarkoitus on haitata.",
    }  # fmt: skip
    assert take(handler, request, "propose", **{**why, "ground_access": ""}) == 200
    assert take(handler, request, "propose", **{**why, "ground_access": "accurate"}) == 200
    assert take(handler, request, "propose", **{**why, "ruling_access": "grant"}) == 200
    assert take(handler, request, "propose", **{**why, "reasons": ""}) == 200
    assert take(handler, request, "propose", **why) == 302
    assert take(owner, request, "decide") == 404
    assert take(officer, request, "decide") == 404
    assert take(officer, request, "opinion", opinion="En puolla.") == 302
    assert take(officer, request, "decide") == 404
    assert take(handler, request, "decide") == 404
    assert take(owner, request, "decide") == 302
    assert Decision.objects.get().decided_by == str(desk.owner)
    work()
    assert request.letters.filter(kind="certificate", state="issued").exists()


def test_a_letter_is_written_down_with_its_scan(desk: Desk) -> None:
    clerk = browser_of(desk.clerk)
    given = {
        "channel": "letter", "arrived": "2026-11-20", "language": "fi", "rights": ["access"], "name": "Veikko Vanha",
        "postal": "Mallikuja 3", "text": "Hetuni on 010190-123A.",
        "scan": SimpleUploadedFile("Veikko.pdf", SCAN),
    }  # fmt: skip
    assert clerk.post("/staff/requests/new/", {**given, "postal": "", "name": ""}).status_code == 200
    answer = clerk.post("/staff/requests/new/", {**given, "scan": SimpleUploadedFile("Veikko.pdf", SCAN)})
    request = DataRequest.objects.get()
    assert answer.headers["Location"] == f"/staff/requests/{request.ref}/"
    assert (request.by_post, request.receipt_date.isoformat()) == (True, "2026-11-20")
    assert "010190-123A" not in page(browser_of(desk.handler), request, "said/")
    program = clerk.post("/staff/requests/new/", {**given, "scan": SimpleUploadedFile("lasku.pdf", b"MZ\x90")})
    assert b"A file was not kept" in program.content


def test_a_scan_comes_back_under_a_name_that_says_nothing(desk: Desk) -> None:
    clerk = browser_of(desk.clerk)
    clerk.post("/staff/requests/new/", {
        "channel": "visit", "arrived": "2026-11-20", "language": "fi", "rights": ["erasure"], "email": MAIJA,
        "scan": SimpleUploadedFile("Maija Malli.pdf", SCAN),
    })  # fmt: skip
    request = DataRequest.objects.get()
    kept = request.attachments.get()
    url = reverse("staff_requests:file", args=[request.ref, kept.ref])
    assert clerk.get(url).status_code == 403
    answer = browser_of(desk.handler).get(url)
    assert answer.content == SCAN
    assert "Maija" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_was_found_is_looked_through_and_left_out(desk: Desk, maija: Contact) -> None:
    request, handler = ask(Right.ACCESS), browser_of(desk.handler)
    take(handler, request, "triage", rights=["access"])
    take(handler, request, "collect")
    work()
    search = request.searches.get(store="register")
    assert MAIJA in page(handler, request, f"found/{search.pk}/")
    assert take(handler, request, f"found/{search.pk}/0", note="") == 200
    assert take(handler, request, f"found/{search.pk}/0", note="Kertoo toisesta") == 302
    search.refresh_from_db()
    assert search.withheld == 1


@pytest.mark.parametrize("path", ["", "new/", "figures/"])
def test_the_desk_is_for_its_people_only(desk: Desk, path: str) -> None:
    assert browser_of(desk.custodian).get(f"/staff/requests/{path}").status_code == 403
    assert browser_of(desk.owner).get(f"/staff/requests/{path}").status_code == 200


def test_the_front_page_tells_each_what_waits_for_them(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS)
    assert "Sort a request" in browser_of(desk.clerk).get("/staff/").content.decode()


def test_the_years_report_is_a_pdf(desk: Desk, maija: Contact) -> None:
    ask(Right.ACCESS)
    answer = browser_of(desk.officer).get("/staff/requests/figures/2026.pdf")
    assert answer.content.startswith(b"%PDF-")


def test_a_copy_of_another_service_is_taken_in_after_asking_and_nothing_else_is(desk: Desk, maija: Contact) -> None:
    handler = browser_of(desk.handler)
    request = ask(Right.PORTABILITY, transmit_to="Toinen Energia")
    take(handler, request, "triage", rights=["portability"])
    take(handler, request, "collect")
    work()
    document = handler.get(f"/staff/requests/{request.ref}/portable.json").content
    good = handler.post("/staff/requests/take-in/", {"document": SimpleUploadedFile("a.json", document)})
    assert b"The person is being asked" in good.content
    bad = handler.post("/staff/requests/take-in/", {"document": SimpleUploadedFile("a.json", b"{}")})
    assert b"Nothing was taken in" in bad.content
    take(handler, request, "grant")
    work()
    let_arrive()
    task = request.tasks.get(kind="transmission")
    place = f"/staff/requests/{request.ref}/tasks/{task.ref}/"
    assert b'value="nothing"' not in handler.get(place).content
    handler.post(place, {"result": "done", "note": ""})
    task.refresh_from_db()
    assert task.done_at is None, "nobody has said how it was transmitted"
    handler.post(place, {"result": "done", "note": "Toimitettiin muistitikulla."})
    task.refresh_from_db()
    assert (task.result, bool(task.sealed)) == ("done", True)


def test_a_fee_is_proposed_with_its_reasons_heard_decided_and_printed(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS)
    handler, officer, owner = browser_of(desk.handler), browser_of(desk.officer), browser_of(desk.owner, "fi")
    take(browser_of(desk.clerk), request, "triage", rights=["access"])
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    why = {
        "outcome": "fee", "fee": "35.50", "facts": "Sata pyyntöä viikossa.",
        "reasons": "Tarkoitus on haitata.", "payment": "Tili FI12, viite 117.",
    }  # fmt: skip
    for wrong in (
        {"payment": ""},
        {"fee": ""},
        {"fee": "-1"},
        {"outcome": "ruled", "ruling_access": "refuse", "ground_access": "excessive"},
        {"keep_reasons": "on"},
        {"reasons": ""},
    ):
        assert take(handler, request, "propose", **{**why, **wrong}) == 200, wrong
    assert take(handler, request, "propose", **why) == 302
    shown = page(officer, request)
    assert "35.50 euros" in shown
    assert "Sata pyyntöä viikossa." not in shown
    assert "Sata pyyntöä viikossa." in page(officer, request, "said/")
    assert take(owner, request, "decide") == 404
    assert take(officer, request, "opinion", opinion="Puollan.") == 302
    assert "35,50 euroa" in page(owner, request)
    assert take(owner, request, "decide") == 302
    work()
    letter = request.letters.get(kind="partial")
    assert not request.links.filter(kind="deliver").exists()
    task = request.tasks.get(kind="fee", done_at=None)
    handler.post(f"/staff/requests/{request.ref}/tasks/{task.ref}/", {"result": "done"})
    assert request.tasks.filter(kind="fee", done_at=None).exists()
    assert "35.50 euros, not paid" in page(handler, request)
    assert take(handler, request, "fee-paid", paid_on="2999-01-01") == 200
    assert take(handler, request, "fee-paid", paid_on="2026-01-02") == 302
    assert take(handler, request, "fee-paid", paid_on="2026-01-02") == 404
    work()
    assert "35.50 euros, paid on" in page(handler, request)
    words = " ".join(text_of(pdf_of(letter)).split())
    for said in (
        "Päätös maksusta",
        "35,50 euroa",
        "Sata pyyntöä viikossa.",
        "Tarkoitus on haitata.",
        "5 kohdan a",
        "77 artikla",
        "Tili FI12, viite 117.",
        "perua pyynnön",
    ):
        assert said in words
    assert "maksutta" not in words
    reply = " ".join(text_of(pdf_of(request.letters.get(kind="reply"))).split())
    assert "Maksu 35,50 euroa on suoritettu 2.1.2026" in reply
    assert "maksutta" not in reply
    assert request.links.filter(kind="deliver").exists()
    assert [each.refused for each in figures(date(2000, 1, 1), date(2100, 1, 1))][-1] == 0


@pytest.mark.parametrize(
    ("outcome", "ground", "fee"),
    [("refuse", "excessive", 5), ("partial", "others_rights", 5), ("partial", "excessive", 0)],
)
def test_no_fee_without_its_ground(desk: Desk, outcome: str, ground: str, fee: int) -> None:
    request = ask(Right.ACCESS)
    with pytest.raises(FeeUnfounded):
        propose(
            request=request, outcome=Decision.Outcome(outcome), ground=ground, facts="x", reasons="x",
            fee=Decimal(fee), actor=desk.handler,
        )  # fmt: skip
    assert not Decision.objects.exists()


def test_a_copy_goes_to_another_controller_that_the_owner_recorded(desk: Desk, maija: Contact) -> None:
    owner, handler = browser_of(desk.owner), browser_of(desk.handler)
    given = {"name": "Toinen Energia", "url": "https://localhost", "country": "FI", "key": "luv_x"}
    assert b"The register owner records them" in handler.get("/staff/requests/receivers/new/").content
    assert handler.post("/staff/requests/receivers/new/", given).status_code == 403
    assert b"into an inner network" in owner.post("/staff/requests/receivers/new/", given).content
    declare_host(host="localhost", country="FI", what_for="tests", is_inside=True, actor=OPERATOR)
    assert owner.post("/staff/requests/receivers/new/", given).status_code == 302
    shown = handler.get("/staff/requests/receivers/").content.decode()
    assert "Toinen Energia" in shown
    assert "luv_x" not in shown

    request = ask(Right.PORTABILITY, transmit_to="Toinen Energia")
    take(handler, request, "triage", rights=["portability"])
    take(handler, request, "collect")
    work()
    take(handler, request, "grant")
    work()
    let_arrive()
    receiver = ReceivingController.objects.get()
    assert take(handler, request, "transmit", to="") == 200
    with patch("luvalla.rights.transmitting.reach", return_value=Answer(201, {}, b'{"ref": "abc"}')):
        assert take(handler, request, "transmit", to=str(receiver.pk)) == 302
        work()
    assert "The other controller has it" in page(handler, request)
    assert take(handler, request, "transmit", to=str(receiver.pk)) == 404

    assert handler.post("/staff/requests/receivers/", {"receiver": str(receiver.ref)}).status_code == 403
    assert owner.post("/staff/requests/receivers/", {"receiver": str(receiver.ref)}).status_code == 302
    assert "Toinen Energia" not in owner.get("/staff/requests/receivers/").content.decode()


@pytest.mark.parametrize("answer", [{"accept": "1"}, {"refuse": "1", "reason": "Ei asiakas."}])
def test_a_copy_from_another_controller_is_read_and_decided_on(
    desk: Desk, world: World, answer: dict[str, str]
) -> None:
    handler = browser_of(desk.handler)
    document = as_json(Portable("Sen Oy", "2026-11-29T12:00:00+00:00", MAIJA, "fi"))
    copy = keep_copy(document=document, sender="Toinen Energia", number=uuid4(), actor=Actor("program", "x"))
    listed = handler.get("/staff/requests/take-in/").content.decode()
    assert "Toinen Energia" in listed
    assert MAIJA not in listed
    place = f"/staff/requests/incoming/{copy.ref}/"
    assert MAIJA in handler.get(place).content.decode()
    assert LedgerRow.objects.filter(verb="rights.show_copy").count() == 1
    assert handler.post(place, {"refuse": "1", "reason": ""}).status_code == 200
    assert handler.post(place, answer).status_code == 302
    assert Contact.objects.exists() is ("accept" in answer)
    assert handler.get(place).status_code == 404


def test_the_copy_is_printed_with_its_label_and_posting_it_closes_the_case(desk: Desk, maija: Contact) -> None:
    request = ask(Right.ACCESS, name="Maija Malli", postal="Mallikuja 1")
    DataRequest.objects.update(by_post=True)
    handler, clerk = browser_of(desk.handler), browser_of(desk.clerk)
    take(clerk, request, "triage", rights=["access"])
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    take(handler, request, "grant")
    work()
    copy_task, letter_task = request.tasks.get(about="copy"), request.tasks.get(about="reply")
    path = reverse("staff_paper:print_case_copy", args=[request.ref])
    shown = page(handler, request)
    assert path in shown
    assert "Print the copy, and post it or hand it over" in shown
    assert clerk.get(path).status_code == 403
    answer = handler.post(path, WHY)
    item = printed_item(answer)
    assert MAIJA in text_of(answer.content)
    assert str(item) in text_of(answer.content)
    verbs = LedgerRow.objects.filter(actor=str(desk.handler)).order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["rights.show_copy_made", "paper.record_print"]

    tasks = f"/staff/requests/{request.ref}/tasks/"
    given = {"result": "done", "posted_on": "2999-01-01", "prints": [item.pk]}
    assert "This day has not been yet." in handler.post(f"{tasks}{copy_task.ref}/", given).content.decode()
    today = timezone.localdate().isoformat()
    assert handler.post(f"{tasks}{copy_task.ref}/", {**given, "posted_on": today}).status_code == 302
    assert handler.post(f"{tasks}{letter_task.ref}/", {"result": "done", "posted_on": today}).status_code == 302
    follow_up()
    request.refresh_from_db()
    item.refresh_from_db()
    assert (request.state, item.posted_at is not None, item.holder) == ("closed", True, None)
    assert "Posted" in handler.get(reverse("staff_paper:item", args=[item.ref])).content.decode()


def test_a_print_in_somebody_else_s_hands_is_not_posted(desk: Desk, maija: Contact) -> None:
    request = receive_request(
        arrival=Arrival(DataRequest.Channel.VISIT, "fi", Said(name="Veikko Vanha")), address=None, actor=desk.clerk
    )
    letter = request.letters.get()
    item = printed_item(browser_of(desk.owner).post(reverse("staff_paper:print_case_letter", args=[letter.ref]), WHY))
    task = request.tasks.get(about="acknowledgement")
    given = {"result": "done", "posted_on": timezone.localdate().isoformat(), "prints": [item.pk]}
    refused = browser_of(desk.handler).post(f"/staff/requests/{request.ref}/tasks/{task.ref}/", given)
    task.refresh_from_db()
    assert (refused.status_code, task.done_at) == (409, None)


def test_a_visit_without_any_address_is_written_down_and_asks_for_a_name_at_least(desk: Desk) -> None:
    clerk = browser_of(desk.clerk)
    given = {"channel": "visit", "arrived": timezone.localdate().isoformat(), "language": "fi", "rights": ["access"]}
    assert "Write a name, or an address" in clerk.post("/staff/requests/new/", given).content.decode()
    assert clerk.post("/staff/requests/new/", {**given, "name": "Veikko Vanha"}).status_code == 302
    request = DataRequest.objects.get()
    assert (request.by_post, bytes(request.folded), said_of(request).name) == (True, b"", "Veikko Vanha")
    assert request.tasks.get().about == "acknowledgement"


def test_the_authority_s_steps_clock_and_documents_are_on_the_case_page(desk: Desk, maija: Contact) -> None:
    request, owner = ask(Right.ACCESS), browser_of(desk.owner)
    handler = browser_of(desk.handler)
    given = {"country": "SE", "reference": "IMY-1", "received_on": timezone.localdate().isoformat()}
    by = timezone.localdate() + timedelta(days=9)
    assert take(handler, request, "complaint", **given) == 404
    assert (
        "This day has not been yet."
        in owner.post(
            f"/staff/requests/{request.ref}/complaint/", {**given, "received_on": "2999-01-01"}
        ).content.decode()
    )
    assert take(owner, request, "complaint", **given, answer_by=by.isoformat()) == 302
    shown = page(owner, request)
    for words in ("Swedish Authority for Privacy Protection", "IMY-1", "9 days", "imy@imy.se"):
        assert words in shown, words
    assert request.number in browser_of(desk.officer).get("/staff/").content.decode()
    assert take(owner, request, "authority-pack") == 302
    path = reverse("staff_requests:authority_pack", args=[request.ref, request.complaints.get().pk])
    assert path in page(owner, request)
    answer = owner.get(path)
    assert (answer.headers["Content-Type"], answer.content[:2]) == ("application/zip", b"PK")
    assert handler.get(path).status_code == 200
    assert take(owner, request, "answer-complaint", answered_on=timezone.localdate().isoformat()) == 302
    assert take(owner, request, "authority-deadline", answer_by=by.isoformat()) == 302
    assert take(owner, request, "end-complaint", note="No measures.") == 302
    assert "Decided" in page(owner, request)
    assert take(owner, request, "authority-pack") == 404


def test_a_letter_is_looked_at_before_it_leaves_as_mail_and_as_pdf(desk: Desk, maija: Contact) -> None:
    request, handler = ask(Right.ACCESS), browser_of(desk.handler)
    take(browser_of(desk.clerk), request, "triage", rights=["access"])
    path = f"/staff/requests/{request.ref}/identity-question/"
    given = {"doubt": "Eri nimi.", "question": "Mistä osoitteesta tilasit?"}
    letters = request.letters.count()
    seen = handler.post(path, {**given, "preview": "mail"}).content.decode()
    for words in ("nothing has left yet", "Mistä osoitteesta tilasit?", "Yksi kysymys pyynnöstäsi", 'lang="fi"'):
        assert words in seen, words
    pdf = handler.post(path, {**given, "preview": "pdf"})
    assert "Mistä osoitteesta tilasit?" in text_of(pdf.content)
    assert "no-store" in pdf.headers["Cache-Control"]
    request.refresh_from_db()
    assert (request.state, request.letters.count()) == ("triaged", letters)
    assert handler.post(path, {"preview": "mail"}).content.decode().count("lv-letter") == 0


def test_a_lifting_names_a_day_at_least_a_week_away(desk: Desk, maija: Contact) -> None:
    request, handler = ask(Right.RECTIFICATION, new_address="maija.uusi@esimerkki.fi"), browser_of(desk.handler)
    take(browser_of(desk.clerk), request, "triage", rights=["rectification"])
    path = f"/staff/requests/{request.ref}/announce-lifting/"
    fortnight = timezone.localdate() + timedelta(days=14)
    assert f'value="{fortnight.isoformat()}"' in handler.get(path).content.decode()
    soon = {"lift_on": (timezone.localdate() + timedelta(days=6)).isoformat(), "paragraphs": "Osoite on oikein."}
    assert "at least a week away" in handler.post(path, soon).content.decode()
    assert handler.post(path, {**soon, "lift_on": fortnight.isoformat()}).status_code == 302
    assert "was told" in page(handler, request)
    assert handler.get(f"/staff/requests/{request.ref}/lift/").status_code == 404


def test_a_complaint_written_down_by_staff_names_the_authority_the_person_would_turn_to(desk: Desk) -> None:
    clerk = browser_of(desk.clerk)
    entry = clerk.get("/staff/requests/new/").content.decode()
    assert "to the authority of which state" in entry
    assert "Where they live or work, or where they say it happened (GDPR 77)." in entry
    given = {
        "channel": "phone", "arrived": timezone.localdate().isoformat(), "language": "sv", "email": MAIJA,
        "rights": ["complaint"], "authority": "SE",
    }  # fmt: skip
    assert clerk.post("/staff/requests/new/", {**given, "authority": "US"}).status_code == 200
    assert clerk.post("/staff/requests/new/", given).status_code == 302
    request = DataRequest.objects.get()
    assert said_of(request).authority == "SE"
    acknowledgement = " ".join(text_of(pdf_of(request.letters.get())).split())
    assert "Integritetsskyddsmyndigheten" in acknowledgement
    assert authority("SE").names["en"] in page(clerk, request, "said/")


def test_an_authority_is_kept_of_a_complaint_only(desk: Desk) -> None:
    given = {
        "channel": "phone", "arrived": timezone.localdate().isoformat(), "language": "sv", "email": MAIJA,
        "rights": ["access"], "authority": "SE",
    }  # fmt: skip
    assert browser_of(desk.clerk).post("/staff/requests/new/", given).status_code == 302
    assert said_of(DataRequest.objects.get()).authority == ""


def test_a_complaint_that_came_in_plain_words_gets_its_authority_when_it_is_sorted(desk: Desk) -> None:
    request, clerk = ask(text="Minä valitan teistä."), browser_of(desk.clerk)
    assert "to the authority of which state" in page(clerk, request, "triage/")
    assert take(clerk, request, "triage", rights=["complaint"], authority="EE") == 302
    request.refresh_from_db()
    assert said_of(request).authority == "EE"
    assert LedgerRow.objects.get(verb="rights.note_authority").facts == {"authority": "EE"}


def test_the_list_shows_restrictions_to_be_lifted_with_their_day_and_whose_work_they_are(
    desk: Desk, maija: Contact
) -> None:
    request, handler = ask(Right.RESTRICTION), browser_of(desk.handler)
    take(browser_of(desk.clerk), request, "triage", rights=["restriction"])
    take(handler, request, "take")
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    take(handler, request, "grant")
    work()
    let_arrive()
    assert "Restrictions to lift" not in handler.get("/staff/requests/").content.decode()
    day = timezone.localdate() + timedelta(days=9)
    given = {"lift_on": day.isoformat(), "paragraphs": "Tiedot on tarkistettu."}
    assert take(handler, request, "announce-lifting", **given) == 302
    shown = handler.get("/staff/requests/").content.decode()
    assert shown.count("Restrictions to lift") == 2
    assert f"{day.day} {day:%b}" in shown
    front = "Lift a restriction, or leave it where the person has disagreed"
    assert front not in handler.get("/staff/").content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=9), tick=False):
        handler.force_login(User.objects.get(ref=desk.handler.ref))
        assert front in handler.get("/staff/").content.decode()
