"""Every public page against WCAG 2.2 AA with axe, wide and narrow, light and dark, and nothing runs over its edge."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from luvalla.campaigns.models import Campaign
from luvalla.ledger.actors import SYSTEM
from luvalla.organisation.actions import record_controller
from luvalla.public.paths import LANGUAGES, path_of
from luvalla.register.models import Contact
from luvalla.register.sign_up import ask, confirmation_token
from luvalla.rights.links import make_link, token_of
from luvalla.rights.models import DataRequest, SecureLink
from luvalla.rules.address import normalise
from luvalla.rules.ports import barriers
from tests.browser.public.conftest import stop_path
from tests.support import browser as browsing

pytestmark = pytest.mark.needs_chromium
Customer = Callable[[str], Contact]
WINDOWS = [(1280, "light"), (390, "dark")]
IN_LANGUAGES = [(1280, "light", "sv"), (390, "dark", "fi"), (390, "light", "en")]
"""Each width, theme and language at least once, Finnish with its long words on the phone; pictures are taken of all."""
if os.environ.get("LUVALLA_TEST_SHOTS") == "1":
    WINDOWS += [(1280, "dark"), (390, "light")]
    IN_LANGUAGES = [(width, scheme, language) for width, scheme in WINDOWS for language in LANGUAGES]
LINES_OF_DOMAINS = """[...document.querySelectorAll("main wbr")].map(each => {
    const domain = document.createRange();
    domain.selectNodeContents(each.nextSibling);
    return domain.getClientRects().length;
})"""
PLAIN = ("front", "sign_up", "ask_stop", "request", "archive", "notice", "notice_versions", "cookies", "accessibility")


@pytest.fixture(params=WINDOWS, ids=[f"{width}-{scheme}" for width, scheme in WINDOWS])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Give a page in each window and each theme."""
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        yield patient_page(context)


@pytest.fixture(params=IN_LANGUAGES, ids=["-".join(map(str, each)) for each in IN_LANGUAGES])
def page_and_language(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    """Give a page in each window, theme and language, and the language."""
    width, scheme, language = request.param
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        yield patient_page(context), language


def patient_page(context: BrowserContext) -> Page:
    """Give a page that waits for what it is to find."""
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    return opened


def name_of(page: Page, name: str) -> str:
    """Name a picture after its page, window and theme."""
    size = page.viewport_size
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    return f"public-{name}-{size['width'] if size else 0}{'-dark' if is_dark else ''}"


def shortcomings(page: Page, name: str) -> list[str]:
    """Give what keeps a page from the standard, in its window and theme, and each cookie it has set."""
    cookies = [f"{name} sets the cookie {each.get('name')}" for each in page.context.cookies()]
    return browsing.shortcomings(page, name_of(page, name)) + cookies


def test_the_plain_pages_are_accessible(site: str, page_and_language: tuple[Page, str], sent: Campaign) -> None:
    page, language = page_and_language
    for name in PLAIN:
        page.goto(site + path_of(name, language))
        assert shortcomings(page, f"{name}-{language}") == []
    page.goto(f"{site}/{language}/nowhere/")
    assert shortcomings(page, f"missing-{language}") == []
    page.goto(site + path_of("notice_version", language, number=1))
    assert shortcomings(page, f"notice_version-{language}") == []


def test_the_stop_pages_are_accessible(site: str, page_and_language: tuple[Page, str], customer: Customer) -> None:
    page, language = page_and_language
    for number in range(10):
        customer(f"n{number}@kotiposti.example")
    address = f"{site}{stop_path(customer('maija@kotiposti.example'))}?language={language}"
    page.goto(address)
    page.locator("summary").click()
    assert shortcomings(page, f"stop-{language}") == []
    page.locator("button[value=some]").click()
    assert shortcomings(page, f"stop-nothing-ticked-{language}") == []
    page.locator("input[value=direct_marketing]").check()
    page.locator("button[value=some]").click()
    assert shortcomings(page, f"stopped-some-{language}") == []
    page.goto(address)
    page.locator("button[value=all]").click()
    assert shortcomings(page, f"stopped-{language}") == []
    page.goto(address)
    assert shortcomings(page, f"stop-gone-{language}") == []
    page.goto(f"{site}/s/broken?language={language}")
    assert shortcomings(page, f"stop-unreadable-{language}") == []


def test_the_waiting_page_is_accessible_and_looks_again_by_itself(
    site: str, page: Page, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Held:
        is_free = False

        def wait(self, contact_ids: tuple[int, ...], *, at_most: timedelta) -> bool:
            del contact_ids, at_most
            return self.is_free

    monkeypatch.setattr(barriers, "_parts", {"held": Held()})
    contact = customer("maija@kotiposti.example")
    page.goto(f"{site}{stop_path(contact)}?language=fi")
    page.locator("button[value=all]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sinulle ei lähde enää uusia kirjeitä")
    assert shortcomings(page, "stopping-fi") == []
    Contact.objects.filter(pk=contact.pk).delete()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kirjeet on lopetettu")


def test_the_forms_with_faults_and_the_confirmation_are_accessible(
    site: str, page_and_language: tuple[Page, str]
) -> None:
    page, language = page_and_language
    page.goto(site + path_of("sign_up", language))
    page.locator("#email").fill("maija@")
    page.locator("main button").click()
    assert shortcomings(page, f"sign_up-faults-{language}") == []
    page.goto(site + path_of("ask_stop", language))
    page.locator("#email").fill("sari@laakso.example")
    page.locator("main button").click()
    assert shortcomings(page, f"ask_stop-sent-{language}") == []
    pending = ask(
        address=normalise("sari@laakso.example"),
        purposes=["direct_marketing", "opinion_research"],
        language="fi",
        wording="Esimerkki Energia saa lähettää minulle sähköpostiin rastittamani kirjeet. Voin perua luvan.",
        notice_version=1,
        actor=SYSTEM,
    )
    page.goto(site + path_of("confirm", language, token=confirmation_token(pending)))
    assert shortcomings(page, f"confirm-{language}") == []
    page.locator("main button").click()
    assert shortcomings(page, f"confirmed-{language}") == []
    page.goto(site + path_of("confirm", language, token="x"))
    assert shortcomings(page, f"confirm-gone-{language}") == []


def test_the_pages_of_a_request_and_its_links_are_accessible(site: str, page_and_language: tuple[Page, str]) -> None:
    page, language = page_and_language
    page.goto(site + path_of("request", language))
    for fold in page.locator("summary").all():
        fold.click()
    assert shortcomings(page, f"request-open-{language}") == []
    page.locator("#email").fill("sari@")
    page.locator("input[value=rectification]").check()
    page.locator("main button").click()
    assert shortcomings(page, f"request-faults-{language}") == []
    page.goto(site + path_of("request", language))
    page.locator("#email").fill("sari@laakso.example")
    page.locator("input[value=access]").check()
    page.locator("main button").click()
    assert shortcomings(page, f"request-sent-{language}") == []
    case = DataRequest.objects.get()
    for kind, way in ((SecureLink.Kind.PROVE, "p"), (SecureLink.Kind.DELIVER, "d")):
        with transaction.atomic():
            link = make_link(case, kind, content=b"PK", actor=SYSTEM)
        page.goto(f"{site}/r/{way}/{token_of(link)}")
        assert shortcomings(page, f"request-link-{way}-{language}") == []
    SecureLink.objects.update(expires_at=timezone.now())
    page.goto(f"{site}/r/d/{token_of(link)}")
    assert shortcomings(page, f"request-gone-{language}") == []
    page.goto(f"{site}/r/d/{token_of(link)}x")
    page.locator("#email").fill("sari@")
    page.locator("main button").click()
    assert shortcomings(page, f"request-gone-faults-{language}") == []
    page.locator("#email").fill("sari@laakso.example")
    page.locator("main button").click()
    assert shortcomings(page, f"request-again-{language}") == []


def test_a_letter_of_the_archive_is_accessible(site: str, page: Page, sent: Campaign) -> None:
    page.goto(site + path_of("letter", "fi", ref=sent.ref))
    assert shortcomings(page, "letter-fi") == []


def test_the_keyboard_reaches_the_content_and_the_button(site: str, page: Page, customer: Customer) -> None:
    page.goto(site + stop_path(customer("maija@kotiposti.example")))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("button[value=all]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kirjeet on lopetettu")


def test_every_control_is_large_enough_for_a_thumb(site: str, page: Page, customer: Customer) -> None:
    """44 CSS pixels for what is pressed in public; links inside sentences are as large as their words."""
    paths = [path_of("front", "fi"), path_of("sign_up", "fi"), stop_path(customer("maija@kotiposti.example"))]
    for path in paths:
        page.goto(site + path)
        sizes = page.evaluate(
            "[...document.querySelectorAll('button, .btn, .langs a, .foot a, summary, .field input')]"
            ".map(each => each.getBoundingClientRect()).filter(box => box.width).map(box => Math.round(box.height))"
        )
        assert sizes
        assert min(sizes) >= 44


def test_on_a_phone_addresses_break_after_their_at_sign_and_no_dot_stands_alone(site: str, browser: Browser) -> None:
    long = {"email": "asiakaspalvelu@pohjanmaanesimerkkienergiankirjeet.example"}
    record_controller(details=long, actor=SYSTEM)
    with browser.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(site + path_of("accessibility", "fi"))
        assert page.evaluate(LINES_OF_DOMAINS) == [1]
        assert page.locator(".sep:visible").count() == 0
        page.set_viewport_size({"width": 1280, "height": 800})
        assert page.locator("main .sep:visible").count() == 0
        assert page.locator(".foot .sep:visible").count() == 1


def test_what_falls_short_is_found(page: Page) -> None:
    wrong = '<input><p style="width:2000px">x</p>'
    page.set_content(f'<html lang="fi"><title>x</title><main><h1>x</h1>{wrong}</main></html>')
    found = shortcomings(page, "wrong")
    assert any("label" in each for each in found)
    assert any("runs over" in each for each in found)
