"""The desk of deliveries against WCAG 2.2 AA with axe, wide and narrow, and how it draws itself anew."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.mailroom.models import Delivery, Hold, Relay, Shard, Withheld
from luvalla.people.models import User
from tests.browser.staff.conftest import SignIn
from tests.browser.staff.test_accessible import shortcomings
from tests.mailroom.world import add_customers, freeze, make_campaign
from tests.support.world import World

pytestmark = pytest.mark.needs_chromium
OUTCOMES = (("accepted", ""), ("deferred", "relay_busy"), ("refused", "mailbox_gone"), ("unknown", "timeout"))


@pytest.fixture
def sending(world: World) -> Campaign:
    """Be in the middle of a sending to fifty thousand."""
    contacts = add_customers(world, [f"asiakas{number}@kotiposti.example" for number in range(24)])
    campaign = make_campaign(world)
    freeze(campaign)
    relay = Relay.objects.create(name="posti.esimerkki.fi", url="smtp://127.0.0.1:25", letters_a_second=45)
    Relay.objects.create(name="smtp.west.example", url="smtps://smtp.west.example", country="US", order=2)
    now, edge = timezone.now(), contacts[-1].pk + 1
    counts = {"permitted": 30_604, "accepted": 30_380, "deferred": 176, "refused": 41, "unknown": 7}
    first = Shard.objects.create(
        campaign=campaign, low=0, high=edge, cursor=edge, contacts=31_000, done_at=now, taken_over_at=now, **counts
    )
    for number in range(1, 6):
        running = {"owner": "me", "lease_until": now, "rate": 38} if number == 1 else {}
        low = edge + number * 10
        Shard.objects.create(campaign=campaign, low=low, high=low + 10, cursor=low, contacts=3400, **running)
    for reason, number in (("prohibited", 250), ("permission_missing", 79), ("undeliverable", 46), ("restricted", 6)):
        Withheld.objects.create(campaign=campaign, shard=first, reason=reason, contacts=number)
    for number, contact in enumerate(contacts):
        state, reason = OUTCOMES[number % len(OUTCOMES)]
        Delivery.objects.create(
            campaign=campaign, contact_id=contact.pk, shard_id=first.pk, epoch=1, state=state, reason=reason,
            code="550 5.1.1" if state == "refused" else "", claimed_at=now, relay=relay,
        )  # fmt: skip
    return campaign


@pytest.mark.parametrize(("language", "width"), [("fi", 1280), ("en", 390)])
def test_the_desk_of_deliveries_is_accessible(
    sign_in_as: SignIn, owner: User, sending: Campaign, language: str, width: int
) -> None:
    page = sign_in_as(owner, width=width, language=language)
    places = {"list": "", "live": f"{sending.pk}/", "missed": f"{sending.pk}/missed/", "relays": "relays/"}
    for name, place in places.items():
        page.goto(f"/staff/deliveries/{place}")
        assert shortcomings(page, f"deliveries-{name}-{language}") == []
    Hold.objects.create(campaign=sending, fault="certificate_expired", relay="posti.esimerkki.fi")
    page.goto(f"/staff/deliveries/{sending.pk}/")
    assert shortcomings(page, f"deliveries-held-{language}") == []


@pytest.mark.parametrize(("language", "width"), [("sv", 1280), ("fi", 390)])
def test_relays_and_the_second_send_are_accessible(
    sign_in_as: SignIn, owner: User, sending: Campaign, language: str, width: int
) -> None:
    Lifecycle.objects.update(state="finished", finished_at=timezone.now())
    relay = Relay.objects.get(name="posti.esimerkki.fi")
    page = sign_in_as(owner, width=width, language=language)
    for name, place in {"relay": f"relays/{relay.pk}/", "again": f"{sending.pk}/again/"}.items():
        page.goto(f"/staff/deliveries/{place}")
        assert shortcomings(page, f"deliveries-{name}-{language}") == []


def test_the_view_draws_itself_anew_until_the_sending_is_over(
    sign_in_as: SignIn, owner: User, sending: Campaign
) -> None:
    page: Page = sign_in_as(owner, language="en")
    page.goto(f"/staff/deliveries/{sending.pk}/")
    expect(page.locator("[data-lv-part=outcomes]")).to_contain_text("30,380")
    Shard.objects.filter(accepted=30_380).update(accepted=30_381, deferred=175)
    expect(page.locator("[data-lv-part=outcomes]")).to_contain_text("30,381", timeout=10_000)
    Lifecycle.objects.update(state="finished", finished_at=timezone.now())
    expect(page.locator("[data-lv-draws]")).to_have_count(0, timeout=10_000)
