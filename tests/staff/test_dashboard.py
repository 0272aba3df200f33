"""The front page: a headline that counts, what leaves next, what waits, whether promises hold, and the last day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape

from luvalla.campaigns.actions import (
    approve_campaign,
    begin_sending,
    create_campaign,
    schedule_campaign,
    submit_campaign,
)
from luvalla.campaigns.models import Campaign
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.notices.doors import how_to_mend
from luvalla.notices.models import ClaimVerdict
from luvalla.organisation.models import BalancingTest
from luvalla.people.models import Role, Undertaking, User
from luvalla.people.queries import actor_of
from luvalla.register import stop
from luvalla.register.actions import uncover_address
from luvalla.register.models import Contact
from luvalla.rights.actions.taking_in import keep_copy
from luvalla.rights.copies.portability import Portable, as_json
from luvalla.rights.models import IncomingCopy
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict
from luvalla.staff.dashboard.day import last_day
from luvalla.staff.dashboard.headline import headline
from luvalla.staff.dashboard.letters import next_letters
from luvalla.staff.dashboard.promises import wall
from luvalla.staff.front import everything_waiting
from tests.staff.conftest import Browse
from tests.support.requests import make_staff
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db
HOLDS, BROKEN, UNKNOWN, UNBUILT = Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN, Verdict.NOT_BUILT


@pytest.fixture
def world() -> World:
    """Give the example organisation."""
    cache.clear()
    return make_world()


def letter(world: World, subject: str = "Talven katkot") -> Campaign:
    campaign = create_campaign(
        subject=subject, preheader="", language="fi", markdown="Hyvä asiakas, talvella voi tulla katkoja.",
        purpose=world.information, audience=world.customers, author=world.author, actor=actor_of(world.author),
    )  # fmt: skip
    submit_campaign(campaign=campaign, by=world.author, actor=actor_of(world.author))
    return campaign


def approved(world: World, campaign: Campaign) -> Campaign:
    approve_campaign(campaign=campaign, by=world.approver, actor=actor_of(world.approver))
    return campaign


@pytest.mark.parametrize(("language", "waiting", "verdicts", "sentence"), [
    ("fi", 3, [BROKEN, HOLDS], "Kolme asiaa odottaa sinua. Yksi lupaus ei pidä."),
    ("fi", 1, [BROKEN, BROKEN], "Yksi asia odottaa sinua. Kaksi lupausta ei pidä."),
    ("fi", 0, [HOLDS], "Mikään ei odota sinua. Jokainen lupaus pitää."),
    ("fi", 12, [HOLDS, UNBUILT], "12 asiaa odottaa sinua. Jokainen tarkistettu lupaus pitää."),
    ("fi", 0, [UNKNOWN, HOLDS], "Mikään ei odota sinua. Yksi lupaus on ilman tuoretta näyttöä."),
    ("sv", 1, [BROKEN], "En sak väntar på dig. Ett löfte håller inte."),
    ("sv", 2, [UNKNOWN] * 3, "Två saker väntar på dig. Tre löften saknar färskt bevis."),
    ("en", 3, [BROKEN] * 11, "Three things wait for you. 11 promises are broken."),
])  # fmt: skip
def test_the_headline_is_a_sentence_that_counts(
    language: str, waiting: int, verdicts: list[Verdict], sentence: str
) -> None:
    with translation.override(language):
        assert headline(waiting, verdicts) == sentence


def test_an_empty_installation_says_what_will_appear(browse: Browse) -> None:
    page = browse("communications").get("/staff/").content.decode()
    assert "No letter is on its way" in page
    assert "Nothing waits for you." in page
    assert "54 claims, not checked yet" in page


def test_letters_stand_in_the_order_they_leave(world: World) -> None:
    submitted = letter(world, "Odottaa")
    later, sooner = approved(world, letter(world, "Myöhemmin")), approved(world, letter(world, "Pian"))
    now = timezone.now()
    schedule_campaign(campaign=later, send_at=now + timedelta(days=2), actor=SYSTEM)
    schedule_campaign(campaign=sooner, send_at=now + timedelta(minutes=18), actor=SYSTEM)
    seen = next_letters(world.approver)
    assert [each.subject for each in seen] == ["Pian", "Myöhemmin", "Odottaa"]
    assert [each.tone for each in seen] == ["go", "go", "wait"]
    assert seen[2].when == ""
    assert submitted.pk


@pytest.mark.parametrize("role", [each.value for each in Role])
def test_a_letter_on_the_front_page_leads_nobody_to_a_shut_door(role: str, world: World, browse: Browse) -> None:
    page = reverse("staff_deliveries:campaign", args=[letter(world).pk])
    client = browse(role)
    is_linked = f'href="{page}"' in client.get("/staff/").content.decode()
    assert is_linked is (client.get(page, follow=True).status_code == HTTPStatus.OK)


def test_a_letter_being_sent_tells_what_the_gate_has_said(world: World) -> None:
    campaign = approved(world, letter(world))
    begin_sending(campaign=campaign, actor=SYSTEM)
    with translation.override("en"):
        seen = next_letters(world.approver)[0]
    assert seen.figures == (("0", "permits"), ("0", "refusals"))


def test_a_letter_the_gate_is_shut_for_says_why_and_does_not_go(world: World) -> None:
    schedule_campaign(campaign=approved(world, letter(world)), send_at=timezone.now() + timedelta(days=1), actor=SYSTEM)
    BalancingTest.objects.filter(purpose=world.information).update(expires_at=timezone.now() - timedelta(days=1))
    with translation.override("en"):
        seen = next_letters(world.approver)[0]
    assert (seen.state, seen.tone) == ("Does not go", "shut")
    assert "balancing test" in seen.shut


def test_what_waits_is_counted_in_the_headline_and_listed(world: World, browse: Browse) -> None:
    letter(world, "Näin lasket hinnan")
    client = browse("approver", name="Jari Koskela")
    page = client.get("/staff/").content.decode()
    assert "One thing waits for you." in page
    assert page.count("Näin lasket hinnan") >= 2


def test_an_undertaking_that_runs_out_soon_waits_for_its_person(browse: Browse) -> None:
    browse("communications")
    person = User.objects.select_related("undertaking").get()
    assert everything_waiting(person) == []
    Undertaking.objects.update(valid_until=timezone.now() + timedelta(days=9))
    person = User.objects.select_related("undertaking").get()
    waiting = everything_waiting(person)
    assert [each.clock.tone for each in waiting if each.clock] == ["soon"]


def test_stops_that_the_source_has_not_heard_of_wait_for_the_clerk(
    browse: Browse, register_address: Callable[..., Contact]
) -> None:
    register_address("maija@esimerkki.fi")
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SYSTEM)
    page = browse("clerk").get("/staff/").content.decode()
    assert "Tell the sources about the stops" in page
    assert "1 withdrawal or prohibition must reach" in page


def test_copies_from_another_controller_wait_for_whoever_may_decide_on_them(world: World) -> None:
    handler, clerk = make_staff("Jari Koskela", Role.HANDLER), make_staff("Tuula Niemi", Role.CLERK)
    assert everything_waiting(handler) == []
    made = Portable("Sen Oy", "2026-11-29T12:00:00+00:00", "liisa.lahtija@esimerkki.fi", "sv", (), {}, ())
    for _ in range(2):
        copy = keep_copy(document=as_json(made), sender="Toinen Energia", number=uuid4(), actor=SYSTEM)
    with translation.override("en"):
        [waiting] = everything_waiting(handler)
    assert (waiting.do, waiting.about) == ("Decide on copies from other controllers", "2 copies")
    assert everything_waiting(clerk) == []
    IncomingCopy.objects.exclude(pk=copy.pk).update(state=IncomingCopy.State.ACCEPTED)
    assert [each.about for each in everything_waiting(handler)] == ["1 kopio"]


def test_every_claim_is_a_ring_and_unbuilt_ones_say_so() -> None:
    seen = wall()
    assert sum(len(group.claims) for group in seen.groups) == 54
    assert [len(group.claims) for group in seen.groups] == [4, 7, 9, 5, 11, 12, 6]
    assert Verdict.NOT_BUILT in seen.verdicts
    assert seen.checked_at is None
    assert seen.faults == []


def test_a_broken_promise_is_said_with_what_it_closes_and_who_mends_it(browse: Browse) -> None:
    client = browse()
    check_claims(["S24"], actor=SYSTEM)
    ClaimVerdict.objects.update(verdict=Verdict.BROKEN)
    page = client.get("/staff/").content.decode()
    assert "One promise is broken." in page
    assert "S24 broken" in page
    assert "Closed until it holds: publishing a new notice, signing in." in page
    assert escape(how_to_mend("S24", "en")) in page


def test_the_last_day_is_counted_and_zero_is_shown(register_address: Callable[..., Contact]) -> None:
    with translation.override("en"):
        assert [each.value for each in last_day()] == ["0", "0", "0", "0"]
        maija = register_address("maija@esimerkki.fi")
        uncover_address(contact=maija, purpose="request", reason="x", actor=SYSTEM)
        stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SYSTEM)
        stops, looks, *_ = last_day()
    assert (stops.value, looks.value) == ("1", "1")
    assert stops.note.startswith("all answered, the slowest in ")
    assert looks.note == "each has its row in the ledger"


def test_a_stop_that_is_not_answered_is_not_called_answered(register_address: Callable[..., Contact]) -> None:
    stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SYSTEM)
    stop.Stop.objects.update(answered_at=None)
    with translation.override("en"):
        assert last_day()[0].note == "1 is being finished"
