"""The desk of people in a real browser: held to the standard, and joining from the invitation to the first look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom import actions as mailroom
from luvalla.mailroom.service_messages import Draft
from luvalla.organisation.models import Processor
from luvalla.people.employers import record_employer
from luvalla.people.models import Employer, Undertaking, User
from luvalla.people.queries import Closed, accounts, why_closed
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium
PASSWORD = "lumi-sataa-hiljaa"  # of an invented person
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
PAGES = {
    "people": "/staff/people/",
    "appoint": "/staff/people/appoint/",
    "person": "/staff/people/{person}/",
    "leave": "/staff/people/{person}/leave/",
    "paper-undertaking": "/staff/people/{person}/paper/",
    "employers": "/staff/people/employers/",
    "employer": "/staff/people/employers/new/",
    "mailboxes": "/staff/people/mailboxes/",
    "mailbox": "/staff/people/mailboxes/new/",
    "review": "/staff/people/review/",
    "undertaking-text": "/staff/people/undertaking/",
    "reading": "/staff/reading/",
    "own-log": "/staff/account/log/",
    "sign-anew": "/accounts/undertaking/",
    "second-factor": "/accounts/2fa/",
    "passkey": "/accounts/2fa/webauthn/add/",
}


@pytest.mark.parametrize("window", [(1280, "light", "fi"), (390, "dark", "en")])
def test_the_desk_of_people_is_accessible(window: tuple[int, str, str], sign_in_as: SignIn, owner: User) -> None:
    width, scheme, language = window
    page: Page = sign_in_as(owner, width=width, scheme=scheme, language=language)
    for name, path in PAGES.items():
        page.goto(path.format(person=owner.ref))
        assert shortcomings(page, f"{name}-{language}") == []


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Draft]:
    """Give the service messages that are posted while the test runs, as they are written."""
    sent: list[Draft] = []
    compose = mailroom.compose
    monkeypatch.setattr(mailroom, "compose", lambda draft, **more: (sent.append(draft), compose(draft, **more))[1])
    return sent


def appoint(page: Page, role: str) -> None:
    """Appoint a person at the desk of an administrator, in Finnish."""
    page.goto("/staff/people/")
    page.get_by_role("link", name="Nimeä henkilö").click()
    page.get_by_label("Koko nimi").fill("Maija Malli")
    page.get_by_label("Käyttäjätunnus").fill("maija")
    page.get_by_label("Henkilön oma sähköpostiosoite työssä").fill("maija.malli@esimerkki.fi")
    page.locator(f"input[name=roles][value={role}]").check()
    page.get_by_label("Mihin työhön").fill("Rekisterin hoitaminen")
    page.get_by_role("button", name="Tee tunnus ja kutsu").click()
    expect(page.get_by_role("heading", name="Maija Malli")).to_be_visible()
    assert shortcomings(page, "person-appointed-fi") == []


def choose_password(page: Page, invitation: Draft) -> None:
    """Follow the link of the invitation, and choose a password."""
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", invitation.text)
    assert link is not None
    page.goto(link.group(1))
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    assert shortcomings(page, "password-chosen-fi") == []
    page.locator("main button[type=submit], main .lv-btn--main").first.click()
    page.wait_for_load_state("networkidle")


def sign_undertaking(page: Page) -> None:
    """Read the undertaking, and sign it with name and password."""
    page.get_by_role("link", name="Lue ja allekirjoita sitoumus").click()
    page.get_by_label("Olen lukenut sitoumuksen").check()
    page.get_by_label("Koko nimesi").fill("Maija Malli")
    page.get_by_label("Salasanasi uudelleen").fill(PASSWORD)
    page.get_by_role("button", name="Allekirjoita sitoumus").click()


def take_passkey(page: Page) -> None:
    """Take a passkey into use, for signing in by it alone."""
    page.get_by_role("link", name="Ota sen sijaan pääsyavain käyttöön").click()
    page.get_by_label("Nimi, josta tunnistat sen").fill("Puhelin")
    page.get_by_label("Kirjaudu pelkällä pääsyavaimella").check()
    assert shortcomings(page, "passkey-taken-fi") == []
    page.get_by_role("button", name="Ota käyttöön").click()
    expect(page.locator(".lv-codes li")).to_have_count(10)


@pytest.fixture
def newcomer(browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Page]:
    """Give a phone's browser that nobody has signed in with, and that can keep passkeys."""
    cache.clear()
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the test's server has no certificate
    context = browser.new_context(base_url=live_server.url, locale="fi-FI", viewport={"width": 390, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()


def test_joining_from_the_appointment_to_the_first_look_in_the_ledger(
    newcomer: Page, sign_in_as: SignIn, owner: User, posted: list[Draft]
) -> None:
    page = newcomer
    appoint(sign_in_as(owner), "clerk")
    maija = User.objects.get(username="maija")
    assert (maija.appointed_by, maija.appointed_for) == (owner.full_name, "Rekisterin hoitaminen")
    choose_password(page, posted[0])
    assert why_closed(accounts().get(username="maija")) is Closed.NO_UNDERTAKING
    page.goto("/staff/contacts/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    sign_in(page)
    assert shortcomings(page, "account-waits-for-signature-fi") == []
    sign_undertaking(page)
    expect(page).to_have_url(re.compile("/accounts/login/$"))
    assert why_closed(accounts().get(username="maija")) is None
    (copy,) = posted[1].attachments
    assert copy.data.startswith(b"%PDF-"), "the signer gets a copy of what was signed"
    sign_in(page)
    expect(page).to_have_url(re.compile("/accounts/2fa/"))

    take_passkey(page)
    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/staff/contacts/")
    assert shortcomings(page, "sign-in-with-passkey-fi") == []
    page.get_by_role("button", name="Kirjaudu pääsyavaimella").click()
    expect(page).to_have_url(re.compile("//[^/]+/staff/contacts/$"))
    assert not LedgerRow.objects.filter(verb="register.search").exists()
    page.locator("#id_sought").fill("kukaan@kotiposti.example")
    page.locator("#id_purpose").select_option("request")
    page.locator("main .lv-search button").click()
    page.wait_for_load_state("networkidle")
    assert LedgerRow.objects.get(verb="register.search").actor == f"person:{maija.ref}"
    told = LedgerRow.objects.filter(subject_ref=str(maija.ref)).order_by("pk").values_list("verb", "actor")
    assert list(told)[:2] == [("people.add_user", f"person:{owner.ref}"), ("people.invite", f"person:{owner.ref}")]
    assert ("people.record_undertaking", f"person:{maija.ref}") in told


def test_an_undertaking_that_runs_out_in_mid_session_shuts_the_open_page(sign_in_as: SignIn, owner: User) -> None:
    page = sign_in_as(owner)
    page.goto("/staff/contacts/")
    page.locator("#id_sought").fill("kukaan@kotiposti.example")
    page.locator("#id_purpose").select_option("request")
    Undertaking.objects.filter(pk=owner.undertaking_id).update(valid_until=timezone.now())
    page.locator("main .lv-search button").click()
    expect(page).to_have_url(re.compile("/accounts/inactive/$"))
    expect(page.get_by_text("Your undertaking of secrecy has run out.")).to_be_visible()
    assert not LedgerRow.objects.filter(verb="register.search").exists()
    assert shortcomings(page, "shut-in-mid-session-en") == []
    page.goto("/staff/contacts/")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_a_contract_of_a_processor_that_ends_shuts_its_people_out(
    sign_in_as: SignIn, owner: User, world: World
) -> None:
    today = timezone.localdate()
    processor = Processor.objects.create(
        name="Postitus Oy", role="mailing", country="FI", contract_reference="DPA-3",
        contract_from=today - timedelta(days=400), contract_until=today,
    )  # fmt: skip
    employer = record_employer(name="Postitus Oy", kind=Employer.PROCESSOR, processor=processor, actor=OPERATOR)
    User.objects.filter(pk=owner.pk).update(employer=employer)
    theirs, ours = sign_in_as(owner), sign_in_as(world.author)
    theirs.goto("/staff/contacts/")
    expect(theirs.locator("#id_sought")).to_be_visible()
    Processor.objects.filter(pk=processor.pk).update(contract_until=today - timedelta(days=1))
    theirs.reload()
    expect(theirs).to_have_url(re.compile("/accounts/inactive/$"))
    expect(theirs.get_by_text("Your employer's contract has ended")).to_be_visible()
    ours.goto("/staff/")
    expect(ours).to_have_url(re.compile("/staff/$"))
    Processor.objects.filter(pk=processor.pk).update(contract_until=today + timedelta(days=365))
    assert why_closed(accounts().get(pk=owner.pk)) is None


def sign_in(page: Page) -> None:
    """Sign in with name and password."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("maija")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form[action='/accounts/login/'] button").click()
