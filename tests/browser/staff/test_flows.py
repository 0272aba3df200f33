"""What people do at the desks, in a real browser: signing in, a look at an address, the language, the menu."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.people.actions import revoke_undertaking, set_password
from luvalla.people.models import User
from luvalla.register.models import Contact
from luvalla.staff.contacts import steps
from tests.browser.staff.conftest import SignIn
from tests.support import browser as browsing
from tests.support.browser import shoot, violations
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium
PASSWORD = "lumi-sataa-hiljaa"  # of an invented person
MAIJA = "maija.malli@kotiposti.example"


def code_of(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return f"{hotp_value(secret, counters[len(counters) // 2]):06}"


@pytest.mark.parametrize("window", [(1280, "light", "fi"), (390, "dark", "sv")])
def test_joining_with_a_password_and_one_time_codes(
    browser: Browser, live_server: LiveServer, world: World, window: tuple[int, str, str]
) -> None:
    width, scheme, language = window
    cache.clear()
    User.objects.filter(pk=world.approver.pk).update(language=language)
    world.approver.refresh_from_db()
    set_password(user=world.approver, password=PASSWORD, actor=SYSTEM)
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 900}, locale=f"{language}-FI",
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto("/staff/contacts/")
    assert shortcomings(page, f"sign-in-{language}-{width}") == []
    page.locator("#id_login").fill("approver")
    page.locator("#id_password").fill("väärä-salasana-1")
    page.locator("main button.lv-btn--main").click()
    assert shortcomings(page, f"sign-in-fault-{language}-{width}") == []
    page.locator("#id_login").fill("approver")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button.lv-btn--main").click()
    expect(page).to_have_url(f"{live_server.url}{reverse('mfa_activate_totp')}")
    assert shortcomings(page, f"second-factor-{language}-{width}") == []
    secret = page.locator(".lv-secret").inner_text()
    page.locator("#id_code").fill(code_of(secret))
    page.locator("main button.lv-btn--main").click()
    expect(page.locator(".lv-codes li")).to_have_count(10)
    assert shortcomings(page, f"recovery-codes-{language}-{width}") == []
    page.locator("main .lv-btn--main").click()
    expect(page.locator("h1")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/staff/")
    assert LedgerRow.objects.filter(verb="people.sign_in").count() == 1
    revoke_undertaking(user=world.approver, reason="x", actor=SYSTEM)
    page.reload()
    expect(page).to_have_url(f"{live_server.url}{reverse('account_login')}?ended=yes&next=%2Fstaff%2F")
    context.close()


def shortcomings(page: Page, name: str) -> list[str]:
    page.wait_for_load_state("networkidle")
    return browsing.shortcomings(page, f"staff-{name}")


def test_an_address_is_shown_in_its_place_with_its_row(
    sign_in_as: SignIn, owner: User, customer: Callable[[str], Contact]
) -> None:
    contact = customer(MAIJA)
    page = sign_in_as(owner)
    show(page, contact)
    expect(page.locator("[data-lv-opened='30']")).to_have_text(MAIJA)
    row = LedgerRow.objects.get(verb="register.uncover_address")
    expect(page.locator("[data-lv-look]")).to_contain_text(f"Kirjattu lokiin: rivi {row.pk:,}".replace(",", "\u00a0"))
    shoot(page, "staff-uncovered-fi-1280")
    assert violations(page) == []


def test_an_address_is_covered_again_by_itself(
    sign_in_as: SignIn, owner: User, customer: Callable[[str], Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "SHOWN_SECONDS", 3)
    contact = customer(MAIJA)
    page = sign_in_as(owner)
    show(page, contact)
    expect(page.get_by_text(MAIJA)).to_have_count(1)
    expect(page.get_by_text(MAIJA)).to_have_count(0)
    expect(page.locator("[data-lv-uncover]")).to_be_focused()
    assert LedgerRow.objects.filter(verb="register.uncover_address").count() == 1


def show(page: Page, contact: Contact) -> None:
    """Look at a contact's address in its place."""
    page.goto(f"/staff/contacts/{contact.pk}/")
    page.locator("[data-lv-uncover]").click()
    page.get_by_label("Rekisteröidyn pyyntöön").check()
    page.get_by_role("button", name="Näytä 30 sekuntia").click()


def test_an_address_is_shown_without_scripts_on_a_page_of_its_own(
    sign_in_as: SignIn, owner: User, customer: Callable[[str], Contact]
) -> None:
    contact = customer(MAIJA)
    page = sign_in_as(owner, scripts=False)
    page.goto(f"/staff/contacts/{contact.pk}/")
    page.locator("[data-lv-uncover]").click()
    page.get_by_role("button", name="Näytä 30 sekuntia").click()
    expect(page.locator(".lv-error")).to_be_visible()
    page.get_by_label("Rekisteröidyn pyyntöön").check()
    page.get_by_role("button", name="Näytä 30 sekuntia").click()
    expect(page.locator(".lv-opened")).to_have_text(MAIJA)
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == f"30;url=/staff/contacts/{contact.pk}/"


def test_a_look_can_be_covered_at_once(sign_in_as: SignIn, owner: User, customer: Callable[[str], Contact]) -> None:
    contact = customer(MAIJA)
    page = sign_in_as(owner)
    page.goto(f"/staff/contacts/{contact.pk}/")
    page.locator("[data-lv-uncover]").click()
    page.get_by_role("link", name="Jätä peittoon").click()
    expect(page.locator("[data-lv-uncover]")).to_be_focused()
    assert not LedgerRow.objects.filter(verb="register.uncover_address").exists()


def test_the_language_is_changed_from_any_page_and_stays(sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner)
    page.goto("/staff/ledger/")
    expect(page.locator("h1")).to_have_text("Loki")
    page.get_by_role("button", name="Svenska").click()
    expect(page.locator("h1")).to_have_text("Logg")
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    page.goto("/staff/")
    expect(page.locator("nav.lv-crumbs")).to_have_text("Startsida")


def test_the_menu_opens_on_a_phone_and_leads_to_the_desks(sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner, width=390)
    page.goto("/staff/")
    page.locator(".sidebar-nav-toggle").click()
    page.locator("#wagtail-sidebar").get_by_role("link", name="Yhteystiedot").click()
    expect(page.locator("h1")).to_have_text("Yhteystiedot")


def test_wagtails_own_places_are_not_in_the_menu(sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner)
    page.goto("/staff/")
    entries = page.locator("#wagtail-sidebar nav a").all_inner_texts()
    names = [each.strip() for each in entries]
    assert {"Yhteystiedot", "Väitteet ja näyttö", "Loki", "Asetukset"} <= set(names)
    assert not {"Sivut", "Raportit", "Dokumentit", "Ohje", "Katkelmat", "Kuvat"} & set(names)
    assert page.locator("#wagtail-sidebar input[type=search], #wagtail-sidebar input[name=q]").count() == 0
