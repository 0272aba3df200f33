"""A real browser for tests: one for the session, pages with and without scripts and cookies, and axe.

Only one Playwright can run in a thread, so every test that needs a browser takes it from here and is marked
needs_chromium.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.needs import chromium
from tests.support.pdf import drawn

SHOTS = Path(__file__).resolve().parents[1] / "browser" / "shots"
ARGUMENTS = ["--no-sandbox"]
DENY = 2
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    # What passed is thousands of elements: gathering them and handing them over takes longer than all the rules.
    "resultTypes": ["violations"],
    # Contrast takes longer than all other rules together, and no colour depends on the database: one half looks at it.
    "rules": {"color-contrast": {"enabled": not os.environ.get("LUVALLA_TEST_DATABASE_URL")}},
}
FOUND = "axe.run(%s).then(({violations}) => violations.map(({id, nodes}) => ({id, at: nodes.map(n => n.target)})))"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Give the one Playwright of the session."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Give Chromium."""
    with playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS) as started:
        yield started


@pytest.fixture
def bare_page(playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """Give a page of a browser that runs no scripts and keeps no cookies."""
    settings = {"profile": {"default_content_setting_values": {"cookies": DENY}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings), encoding="utf-8")
    context: BrowserContext = playwright.chromium.launch_persistent_context(
        str(tmp_path),
        executable_path=chromium(),
        args=ARGUMENTS,
        java_script_enabled=False,
        viewport={"width": 390, "height": 800},
    )
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    """Give what axe finds against WCAG 2.2 AA on the page: the rule and where."""
    page.evaluate(Axe().axe_script)
    found = page.evaluate(FOUND % json.dumps(RULES))
    return [f"{each['id']}: {', '.join(str(target) for target in each['at'])}" for each in found]


def runs_over(page: Page) -> int:
    """Give by how many CSS pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def shortcomings(page: Page, name: str) -> list[str]:
    """Give what keeps a page from the standard, each with the page's name, and take its picture where that is asked."""
    page.wait_for_load_state()
    shoot(page, name)
    over = runs_over(page)
    found = violations(page) + ([f"runs over its window by {over} px"] if over > 0 else [])
    return [f"{name}: {each}" for each in found]


def shoot(page: Page, name: str) -> None:
    """Take a picture of the whole page into tests/browser/shots, where LUVALLA_TEST_SHOTS=1 asks for pictures."""
    if os.environ.get("LUVALLA_TEST_SHOTS") == "1":
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def shoot_document(raw: bytes, name: str) -> None:
    """Take a picture of the first page of a PDF document, where pictures are asked for."""
    if os.environ.get("LUVALLA_TEST_SHOTS") == "1":
        SHOTS.mkdir(parents=True, exist_ok=True)
        drawn(raw).save(SHOTS / f"staff-{name}.png")
