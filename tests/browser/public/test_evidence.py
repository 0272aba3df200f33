"""The evidence that ships with a release: axe over every public page, bound to the templates it was made from.

    LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/browser/public/test_evidence.py

writes src/luvalla/public/data/accessibility.json anew. Without it the shipped file has to belong to the templates.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

import luvalla
from luvalla.campaigns.actions import begin_sending
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.public.accessibility import faults, shapes, shipped_evidence, sources_digest
from luvalla.public.paths import every_plain_path
from tests.campaigns.making import approved
from tests.support.browser import RULES, violations
from tests.support.world import make_world

pytestmark = pytest.mark.needs_chromium
PLACE = Path(luvalla.__file__).parent / "public" / "data" / "accessibility.json"
IS_TO_WRITE = os.environ.get("LUVALLA_TEST_EVIDENCE") == "write"
COMMAND = "LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/browser/public/test_evidence.py"
PARTS = {"of", "made_on", "axe", "rules", "violations", "pages", "shapes"}


def paths_shown() -> dict[str, str]:
    """Give every public page that is one: its path and its source."""
    visitor = Client(SERVER_NAME="127.0.0.1")
    sources = {path: visitor.get(path).content.decode() for path in every_plain_path()}
    return {path: text for path, text in sources.items() if text.lstrip().startswith("<!")}


def write(page: Page, site: str, before: dict[str, str]) -> None:
    """Crawl with axe, wide and narrow, and write what was found."""
    after = paths_shown()
    found = {each for text in (*before.values(), *after.values()) for each in shapes(text)}
    broken = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in after:
            page.goto(site + path)
            broken += violations(page)
    evidence = {
        "of": sources_digest(),
        "made_on": datetime.now(UTC).date().isoformat(),
        "axe": Axe().run(page, options=RULES).response["testEngine"]["version"],
        "rules": RULES["runOnly"]["values"],
        "violations": len(broken),
        "pages": len(after),
        "shapes": sorted(found),
    }
    assert broken == []
    PLACE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")
    shipped_evidence.cache_clear()


def test_the_evidence_belongs_to_the_pages(transactional_db: None, live_server: LiveServer, browser: Browser) -> None:
    world = make_world()
    before = paths_shown()
    if IS_TO_WRITE:
        begin_sending(campaign=approved(world, ("text", "<p>Hei.</p>")), actor=SYSTEM)
        check_claims(["S1", "S2", "S46"], actor=SYSTEM)
        with browser.new_context() as context:
            write(context.new_page(), str(live_server.url), before)
    evidence = shipped_evidence()
    assert set(evidence) == PARTS
    assert evidence["violations"] == 0
    assert evidence["of"] == sources_digest(), f"the pages have changed since they were examined: {COMMAND}"
    unseen = [path for path, text in before.items() if shapes(text) - set(evidence["shapes"])]
    assert unseen == [], f"never examined: {COMMAND}"
    assert not any(faults(text) for text in before.values())
