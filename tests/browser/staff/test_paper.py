"""A piece of paper from printing to destruction, in the browser of a custodian: a desk's, then a phone's."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from luvalla.campaigns.models import Lifecycle
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import add_place
from luvalla.paper.labels import label_of
from luvalla.paper.models import PaperItem
from luvalla.paper.printing import label_pdf
from luvalla.paper.queries import searches_of_case
from luvalla.paper.searches import ask_custodian
from luvalla.people.actions import add_user, record_undertaking
from luvalla.people.models import Role, User
from luvalla.people.queries import actor_of
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.staff.conftest import add_totp
from tests.support.browser import shoot_document
from tests.support.campaigns import approved_campaign
from tests.support.world import World

CASE = "0d2a6c6e-7a7b-4e6e-9a59-1f6b6f1f3c11"
pytestmark = pytest.mark.needs_chromium


def custodian_named(name: str, username: str) -> User:
    """Make a custodian's account that stands open."""
    user = add_user(
        username=username, email=f"{username}@esimerkki.fi", full_name=name, roles=[Role.CUSTODIAN], actor=SYSTEM
    )
    record_undertaking(user=user, typed_name=name, language="fi", actor=SYSTEM)
    add_totp(user)
    return user


@pytest.fixture
def custodian(world: World) -> User:
    """Give a custodian, a colleague of hers, a letter that was sent and a cabinet."""
    Lifecycle.objects.filter(campaign=approved_campaign(world)).update(
        state=Lifecycle.State.FINISHED, started_at=timezone.now()
    )
    custodian_named("Onni Kallio", "onni.kallio")
    liisa = custodian_named("Liisa Aalto", "liisa.aalto")
    for cabinet, is_locked in (("kaappi B2", True), ("kaappi B3", True), ("avohylly", False)):
        add_place(site="Toimisto", room="arkisto", cabinet=cabinet, is_locked=is_locked, actor=actor_of(liisa))
    return liisa


def print_letter(page: Page, language: str) -> PaperItem:
    """Print the letter at the desk; give the item whose label is on the page."""
    page.goto("/staff/paper/print/")
    assert shortcomings(page, f"paper-print-{language}") == []
    page.locator("#id_reason").fill("Ilmoitustaululle.")
    with page.expect_download() as coming:
        page.locator("main button[name=letter]").click()
    item, raw = PaperItem.objects.get(), Path(coming.value.path()).read_bytes()
    assert f"P {item.pk}" in PdfReader(BytesIO(raw)).pages[0].extract_text()
    shoot_document(raw, f"paper-printed-{language}")
    return item


def path_of_label(item: PaperItem) -> str:
    """Give the path that a phone reads from the label."""
    return "/" + label_of(item).url.split("/", 3)[3]


@pytest.mark.parametrize("language", ["fi", "en"])
def test_paper_goes_from_printing_to_destruction(sign_in_as: SignIn, custodian: User, language: str) -> None:
    item = print_letter(sign_in_as(custodian, language=language), language)
    phone = sign_in_as(custodian, width=390, language=language)
    phone.goto(path_of_label(item))
    assert shortcomings(phone, f"paper-in-hand-{language}") == []
    shoot_document(label_pdf(item), f"paper-label-{language}")
    phone.locator("main button[name=place]").first.click()
    assert shortcomings(phone, f"paper-locked-away-{language}") == []
    phone.locator("main .lv-btn--big").click()
    expect(phone.locator("main button[name=place]")).to_have_count(2)
    phone.locator("main button[name=place]").last.click()
    phone.goto(f"/staff/paper/{item.ref}/describe/")
    assert shortcomings(phone, f"paper-describe-{language}") == []
    phone.goto(f"/staff/paper/{item.ref}/destroy/")
    phone.locator("main .lv-form-acts button.lv-btn").click()
    assert shortcomings(phone, f"paper-destroy-fault-{language}") == []
    phone.locator("input[value=shredded]").check()
    phone.locator("select").select_option(label="Onni Kallio")
    phone.locator("main .lv-form-acts button.lv-btn").click()
    assert shortcomings(phone, f"paper-awaits-witness-{language}") == []
    item.refresh_from_db()
    assert item.destroyed_at is None
    theirs = sign_in_as(User.objects.get(full_name="Onni Kallio"), width=390, language=language)
    theirs.goto("/staff/paper/")
    assert shortcomings(theirs, f"paper-to-witness-{language}") == []
    theirs.goto(f"/staff/paper/destroyed/{item.destruction.ref}/")
    assert shortcomings(theirs, f"paper-witness-{language}") == []
    theirs.locator("main button[value=yes]").click()
    phone.goto(path_of_label(item))
    assert shortcomings(phone, f"paper-destroyed-{language}") == []
    item.refresh_from_db()
    assert item.destroyed_at is not None
    verbs = LedgerRow.objects.filter(subject_ref=str(item.ref)).order_by("pk").values_list("verb", flat=True)
    assert [each.removeprefix("paper.") for each in verbs] == [
        "record_print", "lock_away", "check_out", "lock_away", "begin_destruction", "destroy_item",
    ]  # fmt: skip


@pytest.mark.parametrize(("language", "width", "scheme"), [("fi", 1280, "dark"), ("en", 390, "light")])
def test_paper_comes_in_is_counted_and_searched(
    sign_in_as: SignIn, custodian: User, language: str, width: int, scheme: str
) -> None:
    page = sign_in_as(custodian, width=width, scheme=scheme, language=language)
    page.goto("/staff/paper/enter/")
    assert shortcomings(page, f"paper-enter-{language}") == []
    page.locator("input[value=received]").check()
    page.locator("#id_description").fill("Kirje: Aili Aaltonen")
    page.locator("main .lv-form-acts button.lv-btn").click()
    page.locator("main .lv-timeline").wait_for()
    item = PaperItem.objects.get()
    page.locator("main button[name=place]").first.click()
    page.goto("/staff/paper/stock-take/")
    page.locator("main button[value=start]").click()
    assert shortcomings(page, f"paper-stock-{language}") == []
    page.goto(path_of_label(item))
    assert shortcomings(page, f"paper-counting-{language}") == []
    page.locator("main button[name=place]").last.click()
    page.goto("/staff/paper/stock-take/")
    page.locator("main button[value=finish]").click()
    assert shortcomings(page, f"paper-stock-ended-{language}") == []
    due = timezone.localdate() + timedelta(days=5)
    search = ask_custodian(case_ref=CASE, sought="Aili Aaltonen, Kuusitie 3", due_on=due, actor=SYSTEM)
    PaperItem.objects.update(lock_by=timezone.localdate() - timedelta(days=2))
    page.goto("/staff/paper/places/")
    page.locator("main tr:last-child button[value=unlock]").click()
    assert shortcomings(page, f"paper-places-{language}") == []
    page.goto("/staff/paper/")
    assert shortcomings(page, f"paper-list-{language}") == []
    page.goto("/staff/")
    assert shortcomings(page, f"paper-front-{language}") == []
    page.goto(f"/staff/paper/searches/{search.ref}/")
    page.locator("main button[value=show]").click()
    expect(page.locator("main .lv-quote")).to_have_text("Aili Aaltonen, Kuusitie 3")
    assert shortcomings(page, f"paper-search-{language}") == []
    page.locator("#id_numbers").fill(str(item))
    page.locator("main button[value=found]").click()
    assert shortcomings(page, f"paper-answered-{language}") == []
    assert list(searches_of_case(CASE).get().found.all()) == [item]
