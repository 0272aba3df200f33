"""A page whose session lies idle: it asks, it can be stayed in, and when it has ended nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from luvalla.people.models import Session, User
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings

pytestmark = pytest.mark.needs_chromium
FORM, TYPED = "/staff/people/employers/new/", "Mallikumppani Oy"
HALF_AN_HOUR = "30:00"


def run_down(page: Page, to: timedelta) -> None:
    """Let the session run down in the database and the page's own clock go on; the page then asks the server."""
    Session.objects.update(expire_date=timezone.now() + to)
    page.clock.fast_forward(HALF_AN_HOUR)


def opened(sign_in_as: SignIn, owner: User, *, width: int = 1280, language: str = "fi") -> Page:
    page = sign_in_as(owner, width=width, language=language)
    page.clock.install()
    page.goto(FORM)
    page.locator("#id_name").fill(TYPED)
    return page


@pytest.mark.parametrize(("language", "width"), [("fi", 1280), ("en", 390)])
def test_the_page_asks_before_the_end_and_escape_keeps_the_session(
    sign_in_as: SignIn, owner: User, language: str, width: int
) -> None:
    page = opened(sign_in_as, owner, width=width, language=language)
    run_down(page, timedelta(minutes=2))
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-lv-until]:visible")).not_to_be_empty()
    assert shortcomings(page, f"session-warning-{language}") == []
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=3)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=20)
    expect(page.locator("#id_name")).to_have_value(TYPED)


@pytest.mark.parametrize(("language", "width"), [("fi", 1280), ("en", 390)])
def test_an_ended_session_covers_the_page_which_opens_as_it_was_for_the_same_person(
    sign_in_as: SignIn, owner: User, language: str, width: int
) -> None:
    page = opened(sign_in_as, owner, width=width, language=language)
    run_down(page, timedelta(seconds=-1))
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("a")).to_be_visible()
    assert shortcomings(page, f"session-ended-{language}") == []
    backdrop = page.evaluate("getComputedStyle(document.querySelector('dialog'), '::backdrop').backgroundColor")
    assert backdrop.startswith("rgb("), "the cover lets nothing through"
    for _ in range(2):
        page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    sign_in_again(page, owner)
    dialog.locator("[data-lv-again]").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#id_name")).to_have_value(TYPED)
    page.locator("input[name=kind]").first.check()
    page.locator("main .lv-form-acts button").click()
    page.wait_for_url("**/employers/")
    expect(page.locator("main")).to_contain_text(TYPED)


def test_for_another_person_the_page_is_not_opened_as_it_was(sign_in_as: SignIn, owner: User) -> None:
    page = opened(sign_in_as, owner)
    run_down(page, timedelta(seconds=-1))
    expect(page.get_by_role("dialog")).to_be_visible()
    sign_in_again(page, User.objects.exclude(pk=owner.pk).filter(is_active=True).first())
    with page.expect_navigation():
        page.locator("[data-lv-again]").click()
    expect(page.locator("body")).not_to_contain_text(TYPED)


def sign_in_again(page: Page, user: User | None) -> None:
    """Sign a person in in this browser, as another tab would: forms' tokens change with it."""
    assert user is not None
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": page.url.partition("/staff/")[0]}]
    )
