"""Stop, sign-up, archive and notice in a browser that runs no scripts and keeps no cookies."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from luvalla.campaigns.models import Campaign
from luvalla.register.models import Contact, Prohibition
from luvalla.register.queries import find_contact, is_suppressed, live_permissions
from luvalla.rights.models import DataRequest
from luvalla.rules.address import normalise
from tests.browser.public.conftest import Posted, stop_path
from tests.support.browser import violations

pytestmark = pytest.mark.needs_chromium
Customer = Callable[[str], Contact]
MAIJA = "maija@kotiposti.example"


def test_the_browser_really_keeps_no_cookies(site: str, bare_page: Page, browser: Browser) -> None:
    """The control of all tests here: a page that sets a cookie sets it elsewhere and not here."""
    login = f"{site}/accounts/login/"
    bare_page.goto(login)
    assert bare_page.context.cookies() == []
    with browser.new_context() as ordinary:
        ordinary.new_page().goto(login)
        assert [each["name"] for each in ordinary.cookies()] == ["csrftoken"]


def test_one_press_stops_the_letters(site: str, bare_page: Page, customer: Customer) -> None:
    bare_page.goto(site + stop_path(customer(MAIJA)))
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Lopetetaanko kirjeet?")
    bare_page.reload()
    assert find_contact(normalise(MAIJA)) is not None
    bare_page.get_by_role("button", name="Lopeta kirjeet").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Kirjeet on lopetettu")
    assert is_suppressed(normalise(MAIJA))
    assert not Contact.objects.exists()
    bare_page.goto(site + bare_page.url.removeprefix(site))
    expect(bare_page.get_by_text("ei ole uutiskirjerekisterissä")).to_be_visible()


def test_a_part_can_be_stopped_and_then_the_rest(site: str, bare_page: Page, customer: Customer) -> None:
    bare_page.goto(site + stop_path(customer(MAIJA)))
    bare_page.get_by_text("Lopeta vain osa").click()
    bare_page.get_by_role("button", name="Lopeta valitut").click()
    expect(bare_page.get_by_text("Rastita ainakin yksi kirjelaji.")).to_be_visible()
    bare_page.get_by_label("Mielipidetutkimus").check()
    bare_page.get_by_role("button", name="Lopeta valitut").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Valitut kirjeet on lopetettu")
    assert Prohibition.objects.count() == 1
    bare_page.get_by_role("button", name="Lopeta kirjeet").click()
    assert not Contact.objects.exists()


def test_the_language_can_be_changed_before_stopping(site: str, bare_page: Page, customer: Customer) -> None:
    bare_page.goto(site + stop_path(customer(MAIJA)))
    bare_page.get_by_role("link", name="Svenska").click()
    bare_page.get_by_role("button", name="Stoppa breven").first.click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Breven är stoppade")


def test_a_subscription_is_asked_for_confirmed_and_taken_back(site: str, bare_page: Page, posted: list[Posted]) -> None:
    bare_page.goto(f"{site}/sv/")
    bare_page.get_by_role("link", name="Prenumerera på breven").click()
    bare_page.get_by_label("E-postadress").fill("sari@laakso.example")
    bare_page.get_by_label("Direktmarknadsföring").check()
    bare_page.get_by_role("button", name="Prenumerera").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Titta i din e-post")
    link = re.search(r"http://127\.0\.0\.1:8000(/sv/bekrafta/\S+)", posted[0].text)
    assert link
    bare_page.goto(site + link[1])
    assert not live_permissions().exists()
    bare_page.get_by_role("button", name="Bekräfta").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Prenumerationen är bekräftad")
    assert live_permissions().get().purposes == "direct_marketing"
    bare_page.get_by_role("link", name="Ta tillbaka tillståndet").click()
    bare_page.get_by_role("button", name="Stoppa breven").first.click()
    assert not live_permissions().exists()


def test_a_fault_is_told_beside_its_field_and_nothing_typed_is_lost(site: str, bare_page: Page) -> None:
    bare_page.goto(f"{site}/en/subscribe/")
    bare_page.get_by_label("E-mail address").fill("maija@")
    bare_page.get_by_label("Opinion research").check()
    bare_page.get_by_role("button", name="Subscribe").click()
    field = bare_page.get_by_label("E-mail address")
    expect(field).to_have_value("maija@")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(bare_page.get_by_text("The address has no domain after the @ sign.")).to_be_visible()
    expect(bare_page.get_by_label("Opinion research")).to_be_checked()


def test_a_stop_link_comes_by_mail(site: str, bare_page: Page, customer: Customer, posted: list[Posted]) -> None:
    customer(MAIJA)
    bare_page.goto(f"{site}/en/")
    bare_page.get_by_role("main").get_by_role("link", name="Stop the letters").click()
    bare_page.get_by_label("E-mail address").fill(MAIJA.upper())
    bare_page.get_by_role("button", name="Send me the link").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Look in your mailbox")
    link = re.search(r"http://127\.0\.0\.1:8000(/s/\S+)", posted[0].text)
    assert link
    bare_page.goto(site + link[1])
    bare_page.get_by_role("button", name="Stop the letters").first.click()
    assert not Contact.objects.exists()


def test_letters_are_read_in_the_archive(site: str, bare_page: Page, sent: Campaign) -> None:
    bare_page.goto(f"{site}/fi/arkisto/")
    bare_page.get_by_role("link", name=sent.subject).click()
    expect(bare_page.get_by_text("Hei.")).to_be_visible()
    assert bare_page.context.cookies() == []


def test_the_notice_opens_to_what_the_checks_saw(site: str, bare_page: Page) -> None:
    bare_page.goto(f"{site}/fi/tietosuojaseloste/")
    proof = bare_page.locator("section", has=bare_page.locator("#this-notice")).locator("details")
    expect(proof.locator("ol")).not_to_be_visible()
    proof.locator("summary").click()
    expect(proof.get_by_text("Julkaistu seloste on tavulleen se")).to_be_visible()
    bare_page.get_by_role("link", name="Lopeta kirjeet").first.click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Lopeta kirjeet")


def test_the_stop_page_leads_to_a_form_that_asks_for_no_address(
    site: str, bare_page: Page, browser: Browser, customer: Customer
) -> None:
    path = stop_path(customer(MAIJA))
    bare_page.goto(site + path)
    bare_page.get_by_role("link", name="Tee muu pyyntö omista tiedoistasi").click()
    expect(bare_page.locator("#email")).to_have_count(0)
    with browser.new_context() as ordinary:  # axe itself is a script
        examined = ordinary.new_page()
        examined.goto(bare_page.url)
        assert violations(examined) == []
    bare_page.get_by_label("Haluan nähdä, mitä tietoja minusta on").check()
    bare_page.get_by_role("button", name="Lähetä pyyntö").click()
    expect(bare_page.get_by_role("heading", level=1)).to_have_text("Pyyntösi on saapunut")
    assert DataRequest.objects.get().channel == "stop_link"
