"""The desk of the notice against WCAG 2.2 AA, before and after the opinion."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Page

from luvalla.ledger.actors import SYSTEM, person
from luvalla.notices.actions import give_opinion
from luvalla.notices.queries import next_draft
from luvalla.organisation.actions import record_controller
from tests.browser.staff.test_accessible import shortcomings
from tests.notices.adoption.notices import WATER

pytestmark = pytest.mark.needs_chromium


def test_the_desk_of_the_notice_is_accessible(staff_page: Page) -> None:
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    staff_page.goto("/staff/notice/")
    assert shortcomings(staff_page, "notice-fi") == []
    staff_page.goto("/staff/notice/draft/")
    assert shortcomings(staff_page, "notice-draft-fi") == []
    text = "Katuosoitteessa ei oteta vastaan postia."
    give_opinion(is_for=False, text=text, draft=next_draft().digest, actor=person(uuid4()))
    staff_page.goto("/staff/notice/")
    staff_page.locator("form[action$='publish/'] button").click()
    assert shortcomings(staff_page, "notice-refused-fi") == []


def test_adopting_a_notice_is_accessible_before_and_after_it_is_read(staff_page: Page) -> None:
    staff_page.goto("/staff/notice/adopt/")
    assert shortcomings(staff_page, "adopt-fi") == []
    notice = {"name": "seloste.txt", "mimeType": "text/plain", "buffer": WATER.encode()}
    staff_page.locator("input[type=file]").set_input_files(notice)
    staff_page.locator("main form button.lv-btn--main").click()
    staff_page.locator("#h-sentences").wait_for()
    assert shortcomings(staff_page, "adopted-fi") == []
    staff_page.locator("button[value=keep]").click()
    staff_page.locator("#h-sentences").wait_for()
    assert shortcomings(staff_page, "adopted-kept-fi") == []
