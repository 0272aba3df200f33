"""The page of acknowledgements that wait, in a real browser, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from luvalla.rights.models import DataRequest
from tests.browser.staff.test_accessible import shortcomings
from tests.staff.test_held import PAGE, brought
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium


def test_held_acknowledgements_meet_the_standard_and_are_let_go_at_once(
    staff_page_and_language: tuple[Page, str], world: World, settings: Settings
) -> None:
    page, language = staff_page_and_language
    settings.LUVALLA_ACKNOWLEDGEMENTS_AN_HOUR = 2
    cases = [brought(world, number) for number in range(5)]
    page.goto("/staff/")
    assert shortcomings(page, f"held-front-{language}") == []
    page.locator(f"main a[href='{PAGE}']").click()
    expect(page.locator("main tbody tr")).to_have_count(3)
    assert shortcomings(page, f"held-{language}") == []
    page.locator("button[value=go]").click()
    page.wait_for_url("**/staff/requests/")
    assert shortcomings(page, f"held-settled-{language}") == []
    settled = DataRequest.objects.filter(pk__in=[each.pk for each in cases[2:]])
    assert set(settled.values_list("acknowledgement", flat=True)) == {"free"}
    page.goto(PAGE)
    assert shortcomings(page, f"held-none-{language}") == []
