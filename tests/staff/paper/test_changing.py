"""Paper that the rights desk wants corrected or marked, as its custodian sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.paper.actions import enter_item
from luvalla.paper.changes import ask_change
from luvalla.paper.models import PaperChange, PaperItem
from luvalla.people.models import User
from luvalla.staff.paper.reminding import remind_of_paper
from tests.staff.paper.test_destroying import browser_of
from tests.support.requests import Desk, mails, make_desk
from tests.support.world import make_world

pytestmark = pytest.mark.django_db
WANTED = "vanha.malli@esimerkki.fi\n→ uusi.malli@esimerkki.fi"


@pytest.fixture
def desk(db: None) -> Desk:
    make_world()
    return make_desk()


@pytest.fixture
def liisa(desk: Desk) -> Client:
    return browser_of(User.objects.get(ref=desk.custodian.ref))


@pytest.fixture
def change(desk: Desk) -> PaperChange:
    item = enter_item(kind=PaperItem.Kind.OTHER, origin="received", description="A letter", actor=desk.custodian)
    due = timezone.localdate() + timedelta(days=20)
    return ask_change(
        case_ref="c", item=item, what="corrected", wanted=WANTED, due_on=due, folded=b"\1" * 32, actor=SYSTEM
    )


def test_a_custodian_is_shown_what_to_write_only_when_they_ask_and_says_that_it_was_done(
    liisa: Client, change: PaperChange
) -> None:
    page = reverse("staff_paper:change", args=[change.ref])
    assert page in liisa.get("/staff/").content.decode()
    assert "uusi.malli" not in liisa.get(page).content.decode()
    shown = liisa.post(page, {"act": "show"})
    assert "→ uusi.malli@esimerkki.fi" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert LedgerRow.objects.get(verb="paper.show_change").purpose == "request"
    assert "Noted: it was done" in liisa.post(page, {"act": "done"}, follow=True).content.decode()
    assert "Corrected by hand" in liisa.get(reverse("staff_paper:item", args=[change.item.ref])).content.decode()
    assert page not in liisa.get("/staff/").content.decode()


def test_what_cannot_be_done_needs_its_reason(liisa: Client, change: PaperChange) -> None:
    page = reverse("staff_paper:change", args=[change.ref])
    assert "This field is required" in liisa.post(page, {"act": "impossible", "why": " "}).content.decode()
    said = liisa.post(page, {"act": "impossible", "why": "Bound into a yearbook."}, follow=True).content.decode()
    assert "be done</" in said
    assert "Noted: it can" in said
    change.refresh_from_db()
    assert (change.result, b"yearbook" in bytes(change.sealed)) == ("impossible", False)


def test_a_custodian_is_reminded_three_days_before(desk: Desk, change: PaperChange) -> None:
    noon = timezone.now().replace(hour=10, minute=0)
    with time_machine.travel(noon + timedelta(days=16), tick=False):
        remind_of_paper()
        assert not any("Correct or mark" in each or "oikaistava" in each.lower() for each in mails())
    with time_machine.travel(noon + timedelta(days=17), tick=False):
        remind_of_paper()
    assert any(str(change.item) in each for each in mails())
