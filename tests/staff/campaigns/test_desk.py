from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from luvalla.campaigns import actions
from luvalla.campaigns.forecast import forecast
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import letter_of
from luvalla.ledger.actors import SYSTEM
from luvalla.people.models import User
from luvalla.people.queries import actor_of
from luvalla.register.actions import add_permission, prohibit
from luvalla.register.models import Contact
from luvalla.rules.address import normalise
from luvalla.rules.gate import Reason
from luvalla.rules.purposes import PermissionKind, Prohibited
from luvalla.sending.testing import Receiver
from luvalla.staff.campaigns.front import campaigns_waiting, waiting
from luvalla.staff.campaigns.words import REASONS, STATES
from tests.campaigns.letters import BLOCKS
from tests.campaigns.making import approved, draft, submitted
from tests.staff.campaigns.conftest import Visit
from tests.support.world import World

State = Lifecycle.State
STEPS = (
    "submit", "return", "take_back", "approve", "schedule", "send", "unschedule", "pause", "resume", "cancel",
    "discard", "copy", "test",
)  # fmt: skip


def page(campaign: Campaign, name: str = "campaign", *parts: Any) -> str:
    return reverse(f"staff_campaigns:{name}", args=[campaign.pk, *parts])


def state_of(campaign: Campaign) -> str:
    return Lifecycle.objects.get(pk=campaign.pk).state


def in_english(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def customer(world: World, number: int) -> Contact:
    permission = add_permission(
        address=normalise(f"asiakas{number}@esimerkki.fi"),
        kind=PermissionKind.CUSTOMER,
        source=world.crm,
        audience=world.customers,
        actor=SYSTEM,
    )
    return permission.contact


def test_the_list_shows_each_newsletter_where_it_stands(world: World, visit: Visit) -> None:
    draft(world, subject="Luonnos")
    submitted(world, subject="Odottava")
    scheduled = approved(world, subject="Ajastettu")
    actions.schedule_campaign(campaign=scheduled, send_at=timezone.now() + timedelta(days=1), actor=SYSTEM)
    cancelled = approved(world, subject="Peruutettu")
    actions.cancel_campaign(campaign=cancelled, actor=SYSTEM)
    shown = in_english(visit(world.author).get(reverse("staff_campaigns:list")))
    sections = [shown.index(each) for each in ("Wait for approval", "Leaves next", "Drafts", "Sent and cancelled")]
    subjects = [shown.index(each) for each in ("Odottava", "Ajastettu", "Luonnos", "Peruutettu")]
    assert sorted([*sections, *subjects]) == [each for pair in zip(sections, subjects, strict=True) for each in pair]


def test_an_empty_list_says_what_will_be_there(world: World, visit: Visit) -> None:
    shown = in_english(visit(world.author).get(reverse("staff_campaigns:list")))
    assert "A newsletter begins as a draft." in shown
    assert "Write a newsletter" in shown


def test_the_whole_way_from_draft_to_schedule(world: World, visit: Visit) -> None:
    campaign = draft(world, *BLOCKS)
    author, approver = visit(world.author), visit(world.approver)
    assert author.post(page(campaign, "submit")).status_code == 302
    assert state_of(campaign) == State.SUBMITTED
    question = in_english(approver.get(page(campaign, "approve")))
    assert f'name="seen" value="{campaign.latest_revision_id}"' in question
    approver.post(page(campaign, "approve"), {"seen": campaign.latest_revision_id})
    assert state_of(campaign) == State.APPROVED
    tomorrow = timezone.localtime() + timedelta(days=1)
    approver.post(page(campaign, "schedule"), {"day": tomorrow.date().isoformat(), "at": "09:42"})
    lifecycle = Lifecycle.objects.get(pk=campaign.pk)
    assert lifecycle.state == State.SCHEDULED
    assert timezone.localtime(lifecycle.send_at).strftime("%H:%M") == "09:42"  # type: ignore[arg-type]  # it is set
    approver.post(page(campaign, "unschedule"))
    approver.post(page(campaign, "send"))
    assert list(Campaign.objects.filter(lifecycle__send_at__lte=timezone.now())) == [campaign]


def test_a_time_that_has_passed_is_refused_beside_its_field(world: World, visit: Visit) -> None:
    campaign = approved(world)
    answer = visit(world.approver).post(page(campaign, "schedule"), {"day": "2020-01-01", "at": "09:00"})
    assert answer.status_code == 422
    assert "This time has passed" in answer.content.decode()
    assert state_of(campaign) == State.APPROVED


def test_what_was_changed_after_it_was_seen_is_not_approved(world: World, visit: Visit) -> None:
    campaign = submitted(world)
    answer = visit(world.approver).post(page(campaign, "approve"), {"seen": 1_000_000})
    assert answer.status_code == 409
    assert "look at it again" in answer.content.decode()
    assert letter_of(campaign) is None


def test_a_letter_that_lacks_something_says_what(world: World, visit: Visit) -> None:
    campaign = draft(world, ("text", "<p></p>"))
    browser = visit(world.author)
    assert "The letter has no text yet." in in_english(browser.get(page(campaign)))
    answer = browser.post(page(campaign, "submit"))
    assert answer.status_code == 409
    assert "The letter has no text yet." in answer.content.decode()
    assert state_of(campaign) == State.DRAFT


def test_a_returned_newsletter_shows_its_note_to_the_author(world: World, visit: Visit) -> None:
    campaign = submitted(world)
    visit(world.approver).post(page(campaign, "return"), {"note": "Otsikko on liian pitkä."})
    assert "Otsikko on liian pitkä." in in_english(visit(world.author).get(page(campaign)))
    assert [each.about for each in waiting(world.author)] == [campaign.subject]


def test_an_author_takes_back_what_waits(world: World, visit: Visit) -> None:
    campaign = submitted(world)
    visit(world.author).post(page(campaign, "take_back"))
    assert state_of(campaign) == State.DRAFT
    assert waiting(world.author) == []


def test_the_author_reads_why_they_cannot_approve(world: World, visit: Visit) -> None:
    campaign = draft(world, author=world.approver)
    actions.submit_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver))
    browser = visit(world.approver)
    assert "The author can&#x27;t approve their own newsletter." in in_english(browser.get(page(campaign)))
    assert browser.post(page(campaign, "approve"), {"seen": campaign.latest_revision_id}).status_code == 403
    assert state_of(campaign) == State.SUBMITTED


def test_what_waits_is_counted_for_whoever_may_do_it(world: World) -> None:
    campaign = submitted(world)
    assert campaigns_waiting(world.approver) == 1
    assert [each.about for each in waiting(world.approver)] == [campaign.subject]
    assert campaigns_waiting(world.author) == 0


def test_an_address_that_is_not_ours_is_told_before_it_leaves(world: World, visit: Visit) -> None:
    campaign = submitted(world, ("text", "<p>Kysy: maija.malli@yritys.example</p>"))
    shown = in_english(visit(world.approver).get(page(campaign)))
    assert "m•••••@yritys.example" in shown
    assert "maija.malli@" not in shown


def test_the_forecast_counts_everybody_once(world: World, visit: Visit) -> None:
    contacts = [customer(world, number) for number in range(5)]
    kinds = Prohibited.DIRECT_MARKETING
    prohibit(folded=bytes(contacts[0].folded), kinds=kinds, channel="phone", actor=SYSTEM)
    Contact.objects.filter(pk=contacts[1].pk).update(restricted_at=timezone.now())
    campaign = approved(world)
    seen = forecast(campaign)
    assert seen.permitted == 3
    assert seen.refused == {Reason.RESTRICTED: 1, Reason.PROHIBITED: 1}
    assert seen.total == 5
    shown = in_english(visit(world.author).get(page(campaign)))
    assert 'Has forbidden this purpose</th><td class="lv-n">under 10</td>' in shown
    assert 'Contacts in the audience</th><td class="lv-n">under 10</td>' in shown


def test_a_large_audience_is_asked_about_only_on_request(
    world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("luvalla.staff.campaigns.views.AT_ONCE", 1)
    for number in range(2):
        customer(world, number)
    campaign, browser = approved(world), visit(world.author)
    assert "Ask the gate" in in_english(browser.get(page(campaign)))
    assert "The letter may go" in in_english(browser.get(page(campaign) + "?forecast=1"))


@pytest.mark.parametrize("mode", ["mail", "phone", "dark", "text", "web", "nonsense"])
@pytest.mark.parametrize("make", [draft, approved], ids=["draft", "approved"])
def test_frames_show_the_letter_and_do_nothing(
    world: World, visit: Visit, make: Callable[..., Campaign], mode: str
) -> None:
    campaign = make(world, *BLOCKS)
    answer = visit(world.author).get(page(campaign, "frame", mode))
    assert answer.status_code == 200
    assert "Märkä lumi" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_asked_before_it_is_done(world: World, visit: Visit, step: str) -> None:
    origin = {"approve": submitted, "return": submitted, "take_back": submitted, "submit": draft, "discard": draft}
    campaign = origin.get(step, approved)(world)
    user = world.author if step in {"submit", "take_back", "discard", "copy"} else world.approver
    before = state_of(campaign)
    shown = in_english(visit(user).get(page(campaign, step)))
    assert '<form method="post">' in shown
    assert state_of(campaign) == before


@pytest.mark.parametrize("step", STEPS)
def test_nobody_without_the_role_takes_a_step(world: World, visit: Visit, step: str) -> None:
    campaign = submitted(world)
    world.author.groups.set([])
    browser = visit(User.objects.get(pk=world.author.pk))
    for answer in (browser.get(page(campaign, step)), browser.post(page(campaign, step), {"note": "x"})):
        assert answer.status_code in {302, 403}
    assert state_of(campaign) == State.SUBMITTED


def test_somebody_without_an_account_sees_nothing(world: World) -> None:
    campaign = approved(world)
    for address in (reverse("staff_campaigns:list"), page(campaign), page(campaign, "frame", "mail")):
        assert Client().get(address).status_code == 302


def test_a_newsletter_that_is_not_there_is_not_found(world: World, visit: Visit) -> None:
    assert visit(world.author).get(reverse("staff_campaigns:campaign", args=[999])).status_code == 404


def test_every_state_and_reason_has_its_words() -> None:
    assert set(STATES) == set(State)
    assert set(REASONS) == set(Reason)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """Run a real SMTP server on loopback and have test letters leave through it."""
    with Receiver() as running:
        settings.LUVALLA_SMTP_URL = running.url
        yield running


@pytest.mark.parametrize("make", [draft, approved], ids=["draft", "approved"])
def test_a_test_letter_goes_to_the_staff(
    world: World, visit: Visit, receiver: Receiver, make: Callable[..., Campaign]
) -> None:
    campaign, browser = make(world, *BLOCKS), visit(world.author)
    assert f'value="{world.author.email}"' in in_english(browser.get(page(campaign, "test")))
    answer = browser.post(page(campaign, "test"), {"to": world.author.email})
    assert "The test letter is on its way" in in_english(browser.get(answer.headers["Location"]))
    (received,) = receiver.messages
    read = message_from_bytes(received.data, policy=policy.default)
    assert "Talven sähkökatkot" in str(read["Subject"])
    assert read["To"] == world.author.email


def test_a_test_letter_goes_to_nobody_else(world: World, visit: Visit, receiver: Receiver) -> None:
    campaign, browser = approved(world), visit(world.author)
    stranger = browser.post(page(campaign, "test"), {"to": "joku@yritys.example"})
    assert stranger.status_code == 409
    assert "A test letter goes to the staff only" in stranger.content.decode()
    nonsense = browser.post(page(campaign, "test"), {"to": "joku"})
    assert (nonsense.status_code, "not an e-mail address" in nonsense.content.decode()) == (422, True)
    assert not list(receiver.messages)


def test_a_server_that_is_away_is_told(world: World, visit: Visit, settings: Settings) -> None:
    settings.LUVALLA_SMTP_URL = "smtp://127.0.0.1:9"
    answer = visit(world.author).post(page(approved(world), "test"), {"to": world.author.email})
    assert answer.status_code == 409
    assert "It was not done" in answer.content.decode()
