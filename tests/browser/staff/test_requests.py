"""A request in a real browser: from the form of the public site to the copy that was fetched and the closed case."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from uuid import uuid4
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from luvalla.ledger.actors import Actor
from luvalla.organisation.models import Controller
from luvalla.people.models import User
from luvalla.register.models import Contact
from luvalla.rights.actions.decisions import propose_extension
from luvalla.rights.actions.taking_in import keep_copy
from luvalla.rights.copies.portability import Portable, as_json
from luvalla.rights.models import DataRequest, ReceivingController
from luvalla.rules.case_states import Right
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.staff.conftest import add_totp
from tests.support.pdf import text_of
from tests.support.requests import (
    MAIJA,
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
    page.locator(".lv-form-acts button").click()


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
