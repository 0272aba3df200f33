"""The desk of programs: a token is made, shown once, works, and stops working when it is revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from luvalla.api.models import Token, Webhook
from luvalla.organisation.models import OutgoingHost, Processor
from luvalla.people.models import User
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings

pytestmark = pytest.mark.needs_chromium


def status_of(key: str) -> int:
    return Client().get("/api/v1/me", headers={"authorization": f"Bearer {key}"}).status_code


@pytest.mark.parametrize(("language", "width", "scheme"), [("fi", 1280, "light"), ("en", 390, "dark")])
def test_a_token_is_shown_once_and_revoked(
    sign_in_as: SignIn, owner: User, language: str, width: int, scheme: str
) -> None:
    Processor.objects.create(
        name="Järjestelmä Oy", role="crm", country="FI", contract_reference="DPA-7",
        contract_from=timezone.localdate() - timedelta(days=9),
    )  # fmt: skip
    OutgoingHost.objects.create(host="localhost", port=8443, country="FI", what_for="crm", is_inside=True)
    page = sign_in_as(owner, width=width, scheme=scheme, language=language)
    page.goto("/staff/programs/token/")
    page.locator("#id_name").fill("Asiakastietojärjestelmä")
    page.get_by_label("Järjestelmä Oy").check()
    page.locator("input[value='imports.bring']").check()
    page.locator("main .lv-form-acts button").click()
    assert shortcomings(page, f"programs-fault-{language}") == []
    page.locator("#id_source").select_option(index=1)
    page.locator("main .lv-form-acts button").click()
    key = page.locator("main .lv-opened").inner_text()
    assert shortcomings(page, f"programs-shown-{language}") == []
    assert status_of(key) == 200
    page.goto("/staff/programs/webhook/")
    page.locator("#id_url").fill("https://elsewhere.example/")
    page.locator("input[value='campaign.finished']").check()
    page.locator("main .lv-form-acts button").click()
    assert shortcomings(page, f"programs-webhook-{language}") == []
    page.locator("#id_url").fill("https://localhost:8443/luvalla")
    page.locator("main .lv-form-acts button").click()
    page.locator("main .lv-opened").wait_for()
    page.goto("/staff/programs/")
    expect(page.locator("main")).not_to_contain_text(key)
    assert shortcomings(page, f"programs-list-{language}") == []
    page.locator("main button[name=token]").click()
    page.locator("main .lv-state--shut").wait_for()
    assert status_of(key) == 401
    assert (Token.objects.count(), Webhook.objects.count()) == (1, 1)
