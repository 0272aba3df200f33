"""The evidence that ships with a release: axe over every public page, and what the pages left in the browser.

It is bound to the templates it was made from.

    LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/browser/public/test_evidence.py

writes src/luvalla/public/data/accessibility.json anew. Without it the shipped file has to belong to the templates.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

import luvalla
from luvalla.campaigns.actions import begin_sending
from luvalla.ledger.actors import SYSTEM, person
from luvalla.notices.actions import check_claims, give_opinion, keep_earlier_notice, publish_notice
from luvalla.notices.queries import next_draft
from luvalla.organisation.models import BalancingTest
from luvalla.public import archive
from luvalla.public.accessibility import faults, shapes, shipped_evidence, sources_digest
from luvalla.public.paths import every_plain_path
from luvalla.register.models import Audience
from tests.campaigns.making import approved
from tests.support.browser import RULES, violations
from tests.support.world import World, make_world

pytestmark = pytest.mark.needs_chromium
PLACE = Path(luvalla.__file__).parent / "public" / "data" / "accessibility.json"
IS_TO_WRITE = os.environ.get("LUVALLA_TEST_EVIDENCE") == "write"
COMMAND = "LUVALLA_TEST_EVIDENCE=write ./luvalla test tests/browser/public/test_evidence.py"
PARTS = {"of", "made_on", "axe", "rules", "violations", "stored", "pages", "shapes"}
KEPT = """async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await caches.keys()),
  ...(await indexedDB.databases()).map(each => each.name),
  ...(await navigator.serviceWorker.getRegistrations()).map(each => each.scope)]"""


def paths_shown() -> dict[str, str]:
    """Give every public page that is one: its path and its source."""
    visitor = Client(SERVER_NAME="127.0.0.1")
    sources = {path: visitor.get(path).content.decode() for path in every_plain_path()}
    return {path: text for path, text in sources.items() if text.lstrip().startswith("<!")}


class Seen(NamedTuple):
    """What was seen so far: on which pages, the shapes of their elements, the violations, what the browser keeps."""

    pages: set[str]
    shapes: set[str]
    violations: list[str]
    stored: set[str]


def kept_by(page: Page) -> set[str]:
    """Name everything that a page has left in the browser: cookies, stores, caches and workers."""
    return {str(each.get("name")) for each in page.context.cookies()} | set(page.evaluate(KEPT))


def crawl(page: Page, site: str, seen: Seen) -> None:
    """Go with axe, wide and narrow, through every page that shows something that was not seen yet."""
    texts = paths_shown()
    new = [path for path, text in texts.items() if shapes(text) - seen.shapes or path not in seen.pages]
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in new:
            page.goto(site + path)
            seen.violations.extend(violations(page))
            seen.stored.update(kept_by(page))
    seen.pages.update(new)
    seen.shapes.update(*(shapes(texts[path]) for path in new))


def states(world: World) -> Iterator[None]:
    """Bring the site from one state to the next: new, in use, in use for long, with a broken promise and no sign-up.

    What a page shows depends on them, and a page in a state that was never examined proves nothing.
    """
    yield
    begin_sending(campaign=approved(world, ("text", "<p>Hei.</p>")), actor=SYSTEM)
    check_claims(["S1", "S2", "S46"], actor=SYSTEM)
    yield
    begin_sending(campaign=approved(world, ("text", "<p>Hei taas.</p>")), actor=SYSTEM)
    _publish_again()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "LETTERS_A_PAGE", 1)
        yield
    BalancingTest.objects.update(expires_at=timezone.now())
    Audience.objects.update(open_for_sign_up=False)
    check_claims(["S8"], actor=SYSTEM)
    yield


def _publish_again() -> None:
    """Publish a second version on an opinion, with the notice the organisation had before beside it."""
    give_opinion(is_for=True, text="Hyvä.", draft=next_draft().digest, actor=person("officer"))
    publish_notice(published_on=timezone.localdate(), actor=person("owner"))
    sentence = {"text": "Ei käytössä.", "claims": ["S36"], "weak_points": ["W11"]}
    keep_earlier_notice(details={"language": "fi", "digest": "0" * 64, "sentence": [sentence]}, actor=SYSTEM)


def write(seen: Seen, version: str) -> None:
    """Write what was found."""
    evidence = {
        "of": sources_digest(),
        "made_on": datetime.now(UTC).date().isoformat(),
        "axe": version,
        "rules": RULES["runOnly"]["values"],
        "violations": len(seen.violations),
        "stored": sorted(seen.stored),
        "pages": len(seen.pages),
        "shapes": sorted(seen.shapes),
    }
    assert seen.violations == []
    assert seen.stored == set()
    PLACE.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")
    shipped_evidence.cache_clear()


def examine(world: World, site: str, browser: Browser) -> None:
    """Crawl the site in each of its states and write the evidence."""
    seen = Seen(set(), set(), [], set())
    with browser.new_context() as context:
        page = context.new_page()
        for _ in states(world):
            crawl(page, site, seen)
        write(seen, Axe().run(page, options=RULES).response["testEngine"]["version"])


def assert_examined() -> None:
    """See that the evidence is of these templates and knows every shape of the pages as they stand now."""
    shown = paths_shown()
    unseen = [path for path, text in shown.items() if shapes(text) - set(shipped_evidence()["shapes"])]
    assert unseen == [], f"never examined: {COMMAND}"
    assert not any(faults(text) for text in shown.values())


def test_the_evidence_belongs_to_the_pages(transactional_db: None, live_server: LiveServer, browser: Browser) -> None:
    if IS_TO_WRITE:
        examine(make_world(), str(live_server.url), browser)
    evidence = shipped_evidence()
    assert set(evidence) == PARTS
    assert evidence["violations"] == 0
    assert evidence["stored"] == []
    assert evidence["of"] == sources_digest(), f"the pages have changed since they were examined: {COMMAND}"


@pytest.mark.django_db
def test_the_pages_were_examined_in_every_state() -> None:
    for _ in states(make_world()):
        assert_examined()
