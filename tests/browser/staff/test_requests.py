"""A request in a real browser: from the form of the public site to the copy that was fetched and the closed case."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from luvalla.ledger.actors import SUBJECT, Actor
from luvalla.organisation.models import Controller
from luvalla.paper.actions import enter_item
from luvalla.paper.changes import ask_change
from luvalla.paper.models import PaperItem, PaperSearch
from luvalla.paper.searches import answer_search
from luvalla.people.models import User
from luvalla.register.disclosee_notices import find_disclosees
from luvalla.register.models import Contact, SingleDisclosure
from luvalla.register.rectification import rectify
from luvalla.register.restriction import restrict
from luvalla.register.single_disclosures import note_disclosure
from luvalla.register.stop import withdraw
from luvalla.rights.actions.decisions import grant, propose_extension
from luvalla.rights.actions.restrictions import announce_lifting
from luvalla.rights.actions.steps import collect, triage
from luvalla.rights.actions.taking_in import keep_copy
from luvalla.rights.copies.portability import Portable, as_json
from luvalla.rights.letters.forms import as_html
from luvalla.rights.letters.writing import Kind, write
from luvalla.rights.models import DataRequest, ReceivingController
from luvalla.rights.tasks import follow_up
from luvalla.rights.telling import show_letter
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right
from luvalla.rules.purposes import LegalBasis
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.staff.conftest import add_totp
from tests.support.browser import shoot_document
from tests.support.pdf import text_of
from tests.support.requests import (
    MAIJA,
    add_disclosee,
    answer_paper,
    ask,
    let_arrive,
    mails,
    make_desk,
    work,
)
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium
Customer = Callable[[str], Contact]


def take(page: Page, request: DataRequest, step: str) -> None:
    """Take a step of a case."""
    page.goto(f"/staff/requests/{request.ref}/")
    page.locator(f"a[href$='/{step}/']").click()
    page.locator(".lv-form-acts button").first.click()


def person(actor: Actor) -> User:
    """Give somebody of the desk, who has one-time codes."""
    user = User.objects.get(ref=actor.ref)
    add_totp(user)
    return user


def link_in(kind: str) -> str:
    """Give the path of the newest link of a kind in the mails that wait."""
    return re.findall(rf"/r/{kind}/\S+", "\n".join(mails()))[-1]


def test_a_request_from_the_form_to_the_fetched_copy_and_the_closed_case(
    browser: Browser, live_server: LiveServer, world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    Controller.objects.update(base_url=live_server.url)
    customer(MAIJA)
    desk = make_desk()
    visitor = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="fi-FI").new_page()
    visitor.goto("/fi/omat-tiedot/")
    visitor.locator("#email").fill(MAIJA)
    visitor.locator("input[value=access]").check()
    visitor.locator("summary").first.click()
    visitor.locator("input[value=portability]").check()
    visitor.locator("#text").fill("Mitä tietoja minusta on?")
    visitor.locator("main button").click()
    expect(visitor.locator("h1")).to_have_text("Pyyntösi on saapunut")
    visitor.goto(link_in("p"))
    visitor.locator("main button").click()
    expect(visitor.locator("h1")).to_contain_text("Kiitos")

    request = DataRequest.objects.get()
    clerk = sign_in_as(person(desk.clerk))
    take(clerk, request, "triage")
    expect(clerk.locator("[aria-current=step]")).to_have_text("Luokiteltu")
    handler = sign_in_as(person(desk.handler))
    handler.goto(f"/staff/requests/{request.ref}/")
    assert shortcomings(handler, "request-sorted-fi") == []
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    handler.reload()
    assert shortcomings(handler, "request-draft-fi") == []
    take(handler, request, "grant")
    work()
    handler.reload()
    expect(handler.locator("[aria-current=step]")).to_have_text("Vastattu")
    path = link_in("d")
    let_arrive()
    handler.reload()
    assert shortcomings(handler, "request-closed-fi") == []
    request.refresh_from_db()
    assert request.state == "closed"

    visitor.goto(path)
    with visitor.expect_download() as fetched:
        visitor.locator("main button").click()
    content = fetched.value.path().read_bytes()
    with ZipFile(io.BytesIO(content)) as opened:
        names = set(opened.namelist())
        said = text_of(opened.read(f"{request.number}.pdf"))
    assert names == {f"{request.number}.pdf", f"{request.number}.json", "portable.json", "portable.csv"}
    assert MAIJA in said
    visitor.goto(path)
    expect(visitor.locator("h1")).to_contain_text("ei enää toimi")


@pytest.mark.parametrize("window", [(1280, "light", "fi"), (390, "dark", "en")])
def test_the_requests_desk_is_accessible(
    window: tuple[int, str, str], world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    width, scheme, language = window
    customer(MAIJA)
    desk = make_desk()
    first = ask(Right.ACCESS, text="Mitä tietoja minusta on?")
    ask(Right.RECTIFICATION, address="toinen@esimerkki.fi", new_address="uusi@esimerkki.fi", proved=False)
    ask(Right.ERASURE, Right.PORTABILITY, address="kolmas@esimerkki.fi", language="sv")
    propose_extension(request=first, reasons="Paljon kirjeitä.", actor=desk.handler)
    document = as_json(Portable("Sen Oy", "2026-11-29T12:00:00+00:00", MAIJA, language))
    copy = keep_copy(document=document, sender="Toinen Energia", number=uuid4(), actor=Actor("program", "x"))
    ReceivingController.objects.create(name="Toinen Energia", url="https://uutiset.toinen.example", added_by="x")
    page = sign_in_as(person(desk.owner), width=width, scheme=scheme, language=language)
    for name, path in {
        "list": "",
        "new": "new/",
        "figures": "figures/",
        "case": f"{first.ref}/",
        "triage": f"{first.ref}/triage/",
        "take-in": "take-in/",
        "incoming": f"incoming/{copy.ref}/",
        "receivers": "receivers/",
        "add-receiver": "receivers/new/",
    }.items():
        page.goto(f"/staff/requests/{path}")
        assert shortcomings(page, f"request-{name}-{language}") == []
    page.goto("/staff/requests/new/")
    page.locator(".lv-form-acts button").click()
    assert shortcomings(page, f"request-new-fault-{language}") == []


def printed(page: Page, link: str) -> str:
    """Print what a link of a case leads to, and give the words on the paper; the page is back at the case then."""
    page.get_by_role("link", name=link).first.click()
    page.locator("textarea, input[name=reason]").first.fill("Pyytäjällä ei ole sähköpostia.")
    with page.expect_download() as fetched:
        page.locator(".lv-form-acts button").click()
    words = text_of(fetched.value.path().read_bytes())
    page.locator(".lv-form-acts a").last.click()
    return words


def test_g8_a_visit_without_any_address_is_acknowledged_and_answered_on_paper_to_its_end(
    world: World, sign_in_as: SignIn
) -> None:
    desk = make_desk()
    clerk = sign_in_as(person(desk.clerk))
    clerk.goto("/staff/requests/new/")
    clerk.locator("input[name=channel][value=visit]").check()
    clerk.locator("input[name=arrived]").fill(timezone.localdate().isoformat())
    clerk.locator("input[name=rights][value=access]").check()
    clerk.locator("input[name=name]").fill("Veikko Vanha")
    clerk.locator(".lv-form-acts button").click()
    request = DataRequest.objects.get()
    take(clerk, request, "triage")
    handler = sign_in_as(person(desk.handler))
    case = f"/staff/requests/{request.ref}/"
    handler.goto(case)
    assert shortcomings(handler, "request-paper-only-fi") == []
    assert "Saimme pyyntösi" in printed(handler, "Tulosta Tulosta ja postita tai luovuta: Vahvistus")
    handler.get_by_role("link", name="Tulosta ja postita tai luovuta: Vahvistus", exact=True).click()
    handler.locator("input[name=result][value=done]").check()
    handler.locator("input[name=prints]").check()
    assert shortcomings(handler, "request-post-fi") == []
    handler.locator(".lv-form-acts button").first.click()

    handler.goto(f"{case}identity/")
    handler.locator("input[name=level][value='2']").check()
    handler.locator("textarea[name=how]").fill("Asiakasnumero ja sopimuksen tiedot")
    handler.locator(".lv-form-acts button").click()
    take(handler, request, "collect")
    work()
    answer_paper(request, desk.custodian)
    take(handler, request, "no-data")
    handler.goto(f"{case}grant/")
    handler.locator("button[value=mail]").click()
    expect(handler.locator(".lv-letter")).to_contain_text("Sähköisissä järjestelmissämme ei ole tietoja sinusta")
    assert shortcomings(handler, "request-preview-fi") == []
    handler.locator(".lv-form-acts button").first.click()
    work()
    handler.goto(case)
    assert "Meillä ei ole tietojasi" in printed(handler, "Tulosta Tulosta ja postita tai luovuta: Vastaus: ei tietoja")
    handler.get_by_role("link", name="Tulosta ja postita tai luovuta: Vastaus: ei tietoja", exact=True).click()
    handler.locator("input[name=result][value=done]").check()
    handler.locator("input[name=prints]").check()
    handler.locator(".lv-form-acts button").first.click()
    follow_up()
    request.refresh_from_db()
    assert request.state == "closed"
    assert PaperItem.objects.filter(posted_at=None).count() == 0
    handler.goto(case)
    assert shortcomings(handler, "request-paper-only-closed-fi") == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_letter_with_its_link_fits_a_phone(browser: Browser, world: World, language: str) -> None:
    request = ask(Right.ACCESS, language=language)
    link = f"https://uutiset.esimerkki.fi/r/d/{'A' * 39}"
    values = {"link": link, "link_expires": "7.12.2026"}
    text = write(Kind.REPLY, request, paragraphs=["…"], extra=values, more_parts=["link"])
    page = browser.new_context(viewport={"width": 320, "height": 700}).new_page()
    page.set_content(as_html(text))
    assert page.locator("a").first.get_attribute("href") == link
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.context.close()


@pytest.mark.parametrize("window", [(1280, "light", "fi"), (390, "dark", "en")])
def test_copies_by_post_previews_and_complaints_are_accessible(
    window: tuple[int, str, str], world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    width, scheme, language = window
    customer(MAIJA)
    desk = make_desk()
    request = ask(Right.ACCESS, name="Maija Malli", postal="Mallikuja 1")
    DataRequest.objects.update(by_post=True)
    triage(request=DataRequest.objects.get(), rights=[Right.ACCESS], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(request, desk.custodian)
    page = sign_in_as(person(desk.owner), width=width, scheme=scheme, language=language)
    case = f"/staff/requests/{request.ref}/"
    page.goto(f"{case}propose/")
    page.locator("input[name=outcome][value=ruled]").check()
    page.locator("input[name=ruling_access][value=partial]").check()
    page.locator("select[name=ground_access]").select_option("others_rights")
    page.locator("textarea[name=facts]").fill("Kirjeessä on toisen henkilön tietoja.")
    page.locator("textarea[name=reasons]").fill("Jäljennös loukkaisi hänen oikeuksiaan.")
    page.locator("button[value=mail]").click()
    expect(page.locator(".lv-letter")).to_contain_text("Todistus osittaisesta epäämisestä")
    assert shortcomings(page, f"request-preview-partial-{language}") == []
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    page.goto(case)
    assert shortcomings(page, f"request-by-post-{language}") == []
    page.goto(f"/staff/paper/print/copy/{request.ref}/")
    assert shortcomings(page, f"print-copy-{language}") == []
    page.goto(f"{case}complaint/")
    page.locator("input[name=reference]").fill("TSV/12/2026")
    page.locator("input[name=received_on]").fill(timezone.localdate().isoformat())
    page.locator("input[name=answer_by]").fill((timezone.localdate() + timedelta(days=8)).isoformat())
    assert shortcomings(page, f"complaint-{language}") == []
    page.locator(".lv-form-acts button").click()
    page.goto(f"{case}authority-pack/")
    page.locator(".lv-form-acts button").click()
    assert shortcomings(page, f"request-complaint-{language}") == []
    page.locator("#h-complaints").scroll_into_view_if_needed()
    assert shortcomings(page, f"request-complaints-{language}") == []
    for step in ("answer-complaint", "authority-deadline", "end-complaint"):
        page.goto(f"{case}{step}/")
        assert shortcomings(page, f"{step}-{language}") == []
    page.goto("/staff/requests/")
    assert shortcomings(page, f"request-list-complaint-{language}") == []


@pytest.mark.parametrize("language", ["fi", "en"])
def test_a_refusal_a_task_of_paper_and_an_export_for_a_disclosee_are_within_reach(
    language: str, live_server: LiveServer, world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    customer(MAIJA)
    add_disclosee("Vertailu Oy")
    desk = make_desk()
    found = enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE, origin=PaperItem.Origin.RECEIVED, description="Kirje", folded=b"",
        actor=desk.custodian,
    )  # fmt: skip
    both = [Right.ACCESS, Right.RESTRICTION]
    first = ask(*both)
    triage(request=first, rights=both, actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    answer_paper(first, desk.custodian)
    second = ask(Right.ERASURE, name="Maija")
    triage(request=second, rights=[Right.ERASURE], actor=desk.clerk)
    collect(request=DataRequest.objects.get(pk=second.pk), actor=desk.handler)
    work()
    search = PaperSearch.objects.get(case_ref=str(second.ref), answered_at=None)
    answer_search(search=search, found=[found], actor=desk.custodian)
    follow_up()
    grant(request=DataRequest.objects.get(pk=second.pk), actor=desk.handler)
    work()
    owner = sign_in_as(person(desk.owner), language=language)
    pages = {
        "propose": f"/staff/requests/{first.ref}/propose/",
        "case": f"/staff/requests/{second.ref}/",
        "destruction": f"/staff/requests/{second.ref}/tasks/{second.tasks.get(kind='destruction').ref}/",
        "export": "/staff/contacts/export/",
    }
    for width in (1280, 390):
        owner.set_viewport_size({"width": width, "height": 900})
        for name, place in pages.items():
            owner.goto(place)
            assert shortcomings(owner, f"desk-{name}-{language}") == []
    owner.goto(pages["propose"])
    right = first.chosen[0]
    owner.locator(f"[name=ruling_{right}][value=refuse]").check()
    for name in ("facts", "reasons"):
        owner.locator(f"[name={name}]").fill("Syy.")
    owner.locator("[name=outcome][value=ruled]").check()
    owner.locator(".lv-form-acts button.lv-btn--main").click()
    expect(owner.locator("main")).to_contain_text("Choose the ground" if language == "en" else "Valitse peruste")
    assert not first.decisions.exists()


@pytest.mark.parametrize("window", [(1280, "light", "fi"), (390, "light", "en")])
def test_what_a_custodian_sees_and_what_is_to_be_lifted_meet_the_standard(
    window: tuple[int, str, str], world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    width, scheme, language = window
    customer(MAIJA)
    desk = make_desk()
    found = enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE, origin=PaperItem.Origin.RECEIVED, description="Kirje Kuusitieltä",
        actor=desk.custodian,
    )  # fmt: skip
    request = ask(Right.ERASURE)
    triage(request=request, rights=[Right.ERASURE], actor=desk.clerk)
    collect(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    custodian = sign_in_as(person(desk.custodian), width=width, scheme=scheme, language=language)
    custodian.goto(f"/staff/requests/{request.ref}/paper/")
    assert shortcomings(custodian, f"request-custody-search-{language}") == []
    search = PaperSearch.objects.get()
    answer_search(search=search, found=[found], actor=desk.custodian)
    follow_up()
    grant(request=DataRequest.objects.get(), actor=desk.handler)
    work()
    custodian.goto(f"/staff/requests/{request.ref}/paper/")
    assert shortcomings(custodian, f"request-custody-destroy-{language}") == []
    custodian.locator("a[href*='/paper/'][href$='/']", has_text=re.compile("hävittää|destroyed")).last.click()
    assert shortcomings(custodian, f"request-custody-task-{language}") == []
    custodian.goto("/staff/")
    assert shortcomings(custodian, f"request-custody-front-{language}") == []

    other = "toinen@esimerkki.fi"
    customer(other)
    restricted = ask(Right.RESTRICTION, address=other)
    restrict(address=normalise(other), reason="accuracy", channel="desk", actor=desk.handler)
    day = timezone.localdate() + timedelta(days=3)
    announce_lifting(request=restricted, lift_on=day, actor=desk.handler)
    handler = sign_in_as(person(desk.handler), width=width, scheme=scheme, language=language)
    handler.goto("/staff/requests/")
    expect(handler.locator("#h-liftings")).to_be_visible()
    assert shortcomings(handler, f"request-list-liftings-{language}") == []


@pytest.mark.parametrize("language", ["fi", "en"])
def test_who_was_given_data_and_paper_that_is_to_be_corrected_are_within_reach(
    language: str, live_server: LiveServer, world: World, customer: Customer, sign_in_as: SignIn
) -> None:
    Controller.objects.update(default_language=language)
    for address in (MAIJA, "matti.malli@esimerkki.fi"):
        customer(address)
    to = add_disclosee("Vertailu Oy")
    desk = make_desk()
    for address, rectified in ((MAIJA, "maija.uusi@esimerkki.fi"), ("matti.malli@esimerkki.fi", "")):
        if rectified:
            rectify(address=normalise(address), to=normalise(rectified), channel="source", actor=desk.handler)
        else:
            withdraw(address=normalise(address), channel="page", actor=SUBJECT)
    find_disclosees()
    noted = note_disclosure(
        address=normalise(MAIJA), to=to, given_on=timezone.localdate(), way=SingleDisclosure.Way.PHONE,
        basis=LegalBasis.LEGAL_OBLIGATION, what="Osoite", provision="PolL 4:3", actor=desk.handler,
    )  # fmt: skip
    shoot_document(show_letter(to=to, actor=desk.handler), f"disclosee-letter-{language}")
    item = enter_item(
        kind=PaperItem.Kind.CORRESPONDENCE, origin=PaperItem.Origin.RECEIVED, description="Kirje", actor=desk.custodian
    )
    change = ask_change(
        case_ref="c", item=item, what="corrected", wanted=f"{MAIJA}\n→ maija.uusi@esimerkki.fi",
        due_on=timezone.localdate() + timedelta(days=9), folded=b"", actor=desk.handler,
    )  # fmt: skip
    pages = {
        "disclosees": "/staff/requests/disclosees/",
        "note-disclosure": "/staff/requests/disclosees/note/",
        "disclosure": f"/staff/requests/disclosees/noted/{noted.ref}/",
        "disclosee-posted": f"/staff/requests/disclosees/{to.pk}/posted/",
        "paper-change": f"/staff/paper/changes/{change.ref}/",
        "requests": "/staff/requests/",
    }
    page = sign_in_as(person(desk.handler), language=language)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for name, place in pages.items():
            page.goto(place)
            assert shortcomings(page, f"desk-{name}-{language}-{width}") == []
    page.goto(pages["paper-change"])
    page.locator("button[value=show]").click()
    expect(page.locator("main")).to_contain_text("→ maija.uusi@esimerkki.fi")
    assert shortcomings(page, f"desk-paper-change-shown-{language}") == []
