"""A destruction over the desk: written down, asked of its witness, recalled when it is late, or protocolled."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from luvalla.paper.actions import enter_item
from luvalla.paper.models import PaperItem
from luvalla.people.models import User
from luvalla.staff.paper.reminding import remind_of_paper
from tests.staff.conftest import add_totp
from tests.support.requests import Desk, mails, make_desk
from tests.support.world import make_world

pytestmark = pytest.mark.django_db
NOON = timezone.now().replace(hour=10, minute=0) + timedelta(days=1)


@pytest.fixture
def desk(db: None) -> Desk:
    make_world()
    return make_desk()


@pytest.fixture
def item(desk: Desk) -> PaperItem:
    return enter_item(kind=PaperItem.Kind.OTHER, origin="received", description="A letter", actor=desk.custodian)


def browser_of(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(language="en")
    add_totp(user)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def liisa(desk: Desk) -> Client:
    return browser_of(User.objects.get(ref=desk.custodian.ref))


def test_the_witness_is_asked_at_once_and_everybody_who_keeps_paper_hears_when_it_is_late(
    desk: Desk, liisa: Client, item: PaperItem
) -> None:
    witness = User.objects.get(ref=desk.handler.ref)
    given = {"method": "shredded", "witness": witness.pk}
    answer = liisa.post(reverse("staff_paper:destroy", args=[item.ref]), given, follow=True)
    assert "Waiting for its witness" in answer.content.decode()
    theirs = browser_of(witness)
    assert "Confirm as witness that paper was destroyed" in theirs.get("/staff/").content.decode()
    assert "destroyed paper in your presence" in theirs.get("/staff/paper/").content.decode()
    with time_machine.travel(NOON, tick=False):
        assert remind_of_paper() >= 1
    asked = [each for each in mails("reminder_of_paper") if "You were named as witness" in each]
    assert len(asked) == 1
    with time_machine.travel(NOON + timedelta(days=8), tick=False):
        remind_of_paper()
    told = mails("reminder_of_paper")
    assert any("not confirmed by its witness" in each for each in told)
    assert not any("Should have been locked away" in each for each in told), "it is not said to lie in the open"


def test_a_late_witness_is_named_on_the_list_and_the_paper_is_not_said_to_lie_in_the_open(
    desk: Desk, liisa: Client, item: PaperItem
) -> None:
    witness = User.objects.get(ref=desk.handler.ref)
    liisa.post(reverse("staff_paper:destroy", args=[item.ref]), {"method": "shredded", "witness": witness.pk})
    PaperItem.objects.update(lock_by=timezone.localdate() - timedelta(days=1))
    page = liisa.get("/staff/paper/").content.decode()
    assert "A destruction has not been confirmed." in page
    assert "The witness has not confirmed in time" in page
    assert "lies in the open" not in page
    assert "Have a destruction confirmed" in liisa.get("/staff/").content.decode()


def test_an_outsider_needs_a_name_and_a_signed_protocol(desk: Desk, liisa: Client, item: PaperItem) -> None:
    path = reverse("staff_paper:destroy", args=[item.ref])
    given = {"method": "contractor", "witness": "outside", "outsider": "Tero Tuhoaja, Paperisilppu Oy"}
    assert "Nothing was written down" in liisa.post(path, given).content.decode()
    program = SimpleUploadedFile("protocol.pdf", b"MZ\x90")
    assert "Nothing was written down" in liisa.post(path, {**given, "protocol": program}).content.decode()
    item.refresh_from_db()
    assert item.destroyed_at is None
    scan = SimpleUploadedFile("protocol.pdf", b"%PDF-1.7 signed")
    page = liisa.post(path, {**given, "protocol": scan}, follow=True).content.decode()
    assert "Tero Tuhoaja, Paperisilppu Oy" in page
    assert "Signed protocol" in page
    item.refresh_from_db()
    assert item.destroyed_at is not None
