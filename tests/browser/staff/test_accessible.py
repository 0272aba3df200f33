"""Every page of the desks against WCAG 2.2 AA with axe, wide and narrow, light and dark, in Finnish and English."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.notices.actions import check_claims
from luvalla.people.models import User
from luvalla.register import stop
from luvalla.register.models import Contact, SourceNotice
from luvalla.rules.address import normalise
from luvalla.rules.ports import barriers
from tests.browser.staff.conftest import SignIn
from tests.support import browser as browsing

pytestmark = pytest.mark.needs_chromium
Customer = Callable[[str], Contact]
PAGES = {
    "dashboard": "/staff/",
    "contacts": "/staff/contacts/",
    "contact": "/staff/contacts/{contact}/",
    "uncover": "/staff/contacts/{contact}/uncover/",
    "stop": "/staff/contacts/{contact}/stop/",
    "restrict": "/staff/contacts/{contact}/restrict/",
    "prohibit": "/staff/contacts/{contact}/prohibit/",
    "export": "/staff/contacts/export/",
    "notices": "/staff/contacts/notices/",
    "notices-file": "/staff/contacts/notices/{source}/fetch/",
    "reading": "/staff/reading/",
    "own-looks": "/staff/account/log/?reading=1",
    "ledger": "/staff/ledger/?verify=1",
    "claims": "/staff/claims/",
    "audit-pack": "/staff/claims/pack/",
    "settings": "/staff/settings/",
    "account": "/staff/account/",
}


def shortcomings(page: Page, name: str) -> list[str]:
    """Give what keeps a page of the desks from the standard, in its window and theme."""
    page.wait_for_load_state("networkidle")
    size = page.viewport_size
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return browsing.shortcomings(page, f"staff-{name}-{size['width'] if size else 0}{'-dark' if is_dark else ''}")


@pytest.fixture
def contact(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> Contact:
    """Fill the register and the ledger a little, and give a contact."""
    monkeypatch.setattr(barriers, "_parts", {})
    for number in range(60):
        customer(f"asukas{number}@kotiposti.example")
    customer("lopettaja@kotiposti.example")
    stop.withdraw(address=normalise("lopettaja@kotiposti.example"), channel="web", actor=SYSTEM)
    check_claims(actor=SYSTEM)
    seal_rows(everything=True)
    return Contact.objects.earliest("pk")


def test_the_desks_are_accessible(staff_page_and_language: tuple[Page, str], contact: Contact, owner: User) -> None:
    staff_page, language = staff_page_and_language
    for name, path in PAGES.items():
        staff_page.goto(path.format(contact=contact.pk, person=owner.ref, source=SourceNotice.objects.get().source.key))
        assert shortcomings(staff_page, f"{name}-{language}") == []


def test_what_a_person_meets_on_the_way_is_accessible(staff_page: Page, contact: Contact) -> None:
    staff_page.goto("/staff/contacts/")
    staff_page.locator("#id_sought").fill("maija@")
    staff_page.locator("main .lv-search button").click()
    assert shortcomings(staff_page, "contacts-fault-fi") == []
    staff_page.locator("#id_sought").fill("kukaan@kotiposti.example")
    staff_page.locator("#id_purpose").select_option("request")
    staff_page.locator("main .lv-search button").click()
    assert shortcomings(staff_page, "contacts-missing-fi") == []
    staff_page.goto(f"/staff/contacts/{contact.pk}/stop/")
    staff_page.locator("main form[method=post] button.lv-btn").click()
    assert shortcomings(staff_page, "stop-fault-fi") == []
    staff_page.locator("input[value=phone]").check()
    staff_page.locator("main form button.lv-btn--stop").click()
    assert shortcomings(staff_page, "stopped-fi") == []
    staff_page.goto("/staff/nowhere/")
    assert shortcomings(staff_page, "missing-fi") == []


def test_a_page_that_is_not_for_ones_role_is_accessible(sign_in_as: SignIn, owner: User) -> None:
    owner.groups.set(owner.groups.filter(name="custodian"))
    page = sign_in_as(owner)
    page.goto("/staff/ledger/")
    assert shortcomings(page, "refused-fi") == []


@pytest.mark.parametrize("path", ["/staff/", "/staff/contacts/", "/staff/ledger/"])
def test_the_keyboard_reaches_the_content_and_the_menu(path: str, sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('skiplink')")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_without_scripts_the_desks_have_a_plain_menu(sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner, scripts=False)
    page.goto("/staff/")
    menu = page.locator("noscript nav")
    assert menu.locator("a[href='/staff/contacts/']").is_visible()
    assert menu.locator("a[href='/accounts/logout/']").is_visible()


def test_every_component_is_accessible(staff_page: Page, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.staff.gallery"
    staff_page.goto("/staff/gallery/")
    assert shortcomings(staff_page, "components-fi") == []
