"""The desk of the notice: what would change, an opinion by the officer, publishing by the owner; neither does both."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.notices.models import Opinion
from luvalla.notices.queries import current_notice, notice_versions
from luvalla.organisation.actions import record_controller
from luvalla.rules.ports import Claim, Finding, Registry, Verdict
from tests.staff.conftest import Browse
from tests.support.world import World, make_world

DESK = "/staff/notice/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Give the example organisation after its street has changed."""
    made = make_world()
    record_controller(details={"street": "Uusikatu 7"}, actor=SYSTEM)
    return made


@pytest.fixture
def officer(world: World, browse: Browse) -> Client:
    return browse("data_protection_officer", name="Katariina Holm")


@pytest.fixture
def owner(world: World, browse: Browse) -> Client:
    return browse("register_owner", name="Outi Omena")


def page(client: Client, path: str = DESK) -> str:
    return client.get(path).content.decode()


def give(client: Client, *, side: str = "for", text: str = "The street is right.") -> str:
    """Give an opinion through the form, on the text that the form shows."""
    shown = re.search(r'name="draft" value="([0-9a-f]{64})"', page(client))
    draft = shown[1] if shown else "0" * 64
    return client.post(f"{DESK}opinion/", {"side": side, "text": text, "draft": draft}, follow=True).content.decode()


def publish(client: Client, **given: str) -> str:
    form = {"published_on": timezone.localdate().isoformat(), **given}
    return client.post(f"{DESK}publish/", form, follow=True).content.decode()


def test_the_desk_shows_what_would_change(owner: Client) -> None:
    shown = page(owner)
    assert "Version 2 waits" in shown
    assert re.search(r"<del>.*Mallikatu 5,", shown)
    assert re.search(r"<ins>.*Uusikatu 7,", shown)
    assert "It opens with the opinion." in shown
    assert "Uusikatu 7" in page(owner, f"{DESK}draft/")


def test_the_officer_gives_the_opinion_and_the_owner_publishes(officer: Client, owner: Client) -> None:
    assert "Katariina Holm" in give(officer)
    assert "Publish version 2" in page(owner)
    assert "Publish version 2" not in page(officer)
    shown = publish(owner)
    assert "The notice says what the settings say" in shown
    newest = current_notice()
    assert newest is not None
    assert newest.version == 2
    assert newest.opinion == Opinion.objects.get()


def test_neither_does_the_other_s_part(officer: Client, owner: Client) -> None:
    assert owner.post(f"{DESK}opinion/", {}).status_code == 403
    assert officer.post(f"{DESK}publish/", {}).status_code == 403
    assert len(notice_versions()) == 1


def test_an_opinion_without_reasons_is_sent_back_and_what_was_chosen_stays(officer: Client) -> None:
    shown = give(officer, side="against", text="")
    assert re.search(r'value="against"[^>]*checked', shown)
    assert not Opinion.objects.exists()


def test_an_opinion_on_a_text_that_has_changed_meanwhile_is_sent_back(officer: Client) -> None:
    form = {"side": "for", "text": "Right.", "draft": "0" * 64}
    shown = officer.post(f"{DESK}opinion/", form).content.decode()
    assert "The text has changed meanwhile." in shown
    assert "Right." in shown


def test_against_the_opinion_a_reason_is_asked_for(officer: Client, owner: Client) -> None:
    give(officer, side="against", text="Nobody is there.")
    assert "Nobody is there." in page(owner)
    refused = publish(owner)
    assert re.search("so the reason can(&#x27;|')t be empty", refused)
    assert "Post is received there." in publish(owner, reason="Post is received there.")
    assert len(notice_versions()) == 2


@pytest.mark.parametrize("day", ["24.2.202", "2999-01-01", ""])
def test_a_day_that_is_none_is_sent_back(day: str, officer: Client, owner: Client) -> None:
    give(officer)
    assert 'class="lv-error"' in publish(owner, published_on=day)
    assert len(notice_versions()) == 1


def test_a_broken_promise_closes_publishing_and_is_named(
    officer: Client, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(officer)
    port: Registry[Claim] = Registry("claim")
    port.register("S9", Claim("S9", lambda: Finding(Verdict.BROKEN, {}), "tests/x.py::y"))
    monkeypatch.setattr("luvalla.notices.actions.claims", port)
    monkeypatch.setattr("luvalla.notices.queries.claims", port)
    check_claims(actor=SYSTEM)
    shown = page(owner)
    assert "Publishing is closed" in shown
    assert "S9:" in shown
    assert "Publish version 2" not in shown
    publish(owner)
    assert len(notice_versions()) == 1


def test_the_front_page_tells_whose_turn_it_is(officer: Client, owner: Client) -> None:
    assert "Give your opinion on the privacy notice" in page(officer, "/staff/")
    assert "Publish the privacy notice" not in page(owner, "/staff/")
    give(officer)
    assert "Give your opinion on the privacy notice" not in page(officer, "/staff/")
    assert "Publish the privacy notice" in page(owner, "/staff/")
