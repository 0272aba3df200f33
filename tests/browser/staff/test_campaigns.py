"""The desk of newsletters, its editor and its previews in a real browser, in Finnish and English."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from wagtail.models import Collection

from luvalla.campaigns import actions
from luvalla.campaigns.models import Campaign
from luvalla.campaigns.previews import Mode
from luvalla.ledger.actors import SYSTEM
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.campaigns.letters import BLOCKS
from tests.campaigns.making import approved, draft, photograph, submitted
from tests.staff.conftest import add_totp
from tests.support.browser import runs_over, shoot, violations
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium
EDITOR = "/staff/campaigns/editor"
# What axe finds in Wagtail's own editor whatever is edited: the names of its rich text fields, sections called alike
# when a kind of block comes twice, a title of the second level, and the small button of its map of the page.
WAGTAILS_OWN = frozenset({"aria-input-field-name", "landmark-unique", "page-has-heading-one", "target-size"})
# A mail is no page of a site: it is an article, without the landmarks of pages.
OF_PAGES_ONLY = frozenset({"landmark-one-main", "region"})


@pytest.fixture
def letters(world: World) -> dict[str, Campaign]:
    """Make a newsletter in each state a page looks different in."""
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    picture = actions.add_picture(content=photograph((1200, 500)), title="Talo", by=world.author, actor=SYSTEM)
    shown = {
        "picture": {"image": picture.pk, "alt_text": "Punainen talo", "decorative": False},
        "width": "wide",
        "link": "",
    }
    made = {
        "draft": draft(world, ("picture", shown), *BLOCKS),
        "submitted": submitted(world, ("text", "<p>Kysy: maija.malli@yritys.example</p>"), subject="Kysely lämmöstä"),
        "returned": submitted(world, *BLOCKS, subject="Aurinkosähköä omalta katolta"),
        "scheduled": approved(world, ("picture", shown), *BLOCKS, subject="Laskutuspäivä siirtyy"),
        "cancelled": approved(world, *BLOCKS, subject="Verkon huoltotyöt"),
    }
    actions.return_campaign(campaign=made["returned"], note="Otsikko on liian pitkä.", actor=actor_of(world.approver))
    at = timezone.now() + timedelta(days=1)
    actions.schedule_campaign(campaign=made["scheduled"], send_at=at, actor=actor_of(world.approver))
    actions.cancel_campaign(campaign=made["cancelled"], reason="Väärä kohderyhmä", actor=actor_of(world.approver))
    return made


def test_the_desk_is_accessible(
    staff_page_and_language: tuple[Page, str], owner: User, letters: dict[str, Campaign]
) -> None:
    staff_page, language = staff_page_and_language
    staff_page.goto("/staff/campaigns/")
    assert shortcomings(staff_page, f"campaigns-{language}") == []
    for state, campaign in letters.items():
        staff_page.goto(f"/staff/campaigns/{campaign.pk}/")
        assert shortcomings(staff_page, f"campaign-{state}-{language}") == []
    steps = {
        "submit": "draft",
        "approve": "submitted",
        "return": "submitted",
        "send": "scheduled",
        "schedule": "scheduled",
    }
    for step, state in steps.items():
        staff_page.goto(f"/staff/campaigns/{letters[state].pk}/{step}/")
        assert shortcomings(staff_page, f"campaign-{step}-{language}") == []


def test_the_letter_itself_is_accessible(staff_page: Page, letters: dict[str, Campaign]) -> None:
    for mode in Mode:
        staff_page.goto(f"/staff/campaigns/{letters['scheduled'].pk}/as/{mode}/")
        staff_page.wait_for_load_state("networkidle")
        shoot(staff_page, f"letter-{mode}-{staff_page.viewport_size['width']}")  # type: ignore[index]  # it has one
        allowed = OF_PAGES_ONLY if mode in {Mode.MAIL, Mode.PHONE, Mode.DARK} else frozenset()
        assert [each for each in violations(staff_page) if each.partition(":")[0] not in allowed] == [], mode
        assert runs_over(staff_page) <= 0, mode


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (390, "fi")])
def test_the_editor_follows_what_is_written(
    width: int, language: str, sign_in_as: SignIn, world: World, letters: dict[str, Campaign]
) -> None:
    add_totp(world.author)
    page = sign_in_as(world.author, width=width, language=language)
    page.goto(f"{EDITOR}/edit/{letters['draft'].pk}/")
    page.wait_for_load_state("networkidle")
    found = [each for each in violations(page) if each.partition(":")[0] not in WAGTAILS_OWN]
    assert found == []
    if width == 390:
        shoot(page, f"editor-{width}-{language}")
        return
    page.locator("[data-side-panel-toggle=preview]").click()
    frame = page.frame_locator("#w-preview-iframe, iframe[id^=w-preview], [data-w-preview-target=iframe]").first
    expect(frame.locator("body")).to_contain_text("Talven sähkökatkot")
    page.locator("input[name$=words]").first.fill("Uusi otsikko juuri nyt")
    expect(frame.locator("body")).to_contain_text("Uusi otsikko juuri nyt")
    shoot(page, f"editor-{width}-{language}")
