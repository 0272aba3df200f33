from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.claiming import Window, advance
from luvalla.mailroom.holdings import STOPPED, Deliveries, ServiceMessages
from luvalla.mailroom.leases import take_free_shard
from luvalla.mailroom.models import Delivery, DeliveryTotal, HardBounce, ServiceMessage, Shard
from luvalla.mailroom.purging import ROWS_AT_ONCE, close_cancelled, purge_deliveries
from luvalla.mailroom.queries import progress, reasons
from luvalla.mailroom.recording import Answered
from luvalla.register.facts import FactsReader
from luvalla.register.models import Contact
from luvalla.rules.ports import Person, barriers, holdings
from luvalla.rules.retention import DELIVERIES
from luvalla.sending.outcome import Outcome, Reason, Step, judge, unknown
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign, make_shard

OUTCOMES = (
    judge(250, "2.0.0", Step.BODY),
    judge(550, "5.1.1", Step.RCPT),
    judge(451, "4.3.0", Step.RCPT),
    unknown(Reason.TIMEOUT),
)


def person(contact: Contact) -> Person:
    return Person(folded=bytes(contact.folded), contact_ids=(contact.pk,))


def send_with(world: World, outcomes: tuple[Outcome | None, ...]) -> tuple[Campaign, list[Contact]]:
    """Send a campaign to so many, with these outcomes; None leaves a letter claimed."""
    contacts = add_customers(world, [f"{number}@esimerkki.fi" for number in range(len(outcomes))])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    lease = take_free_shard(owner="me", now=timezone.now())
    assert lease is not None
    reader = FactsReader()
    for outcome in outcomes:
        window = advance(lease, answered=None, limit=1, reader=reader)
        assert isinstance(window, Window)
        if outcome is not None:
            answered = Answered(window.claimed, {window.claimed[0].contact_id: outcome}, relay_id=None)
            advance(lease, answered=answered, limit=0, reader=reader)
            Shard.objects.filter(pk=shard.pk).update(done_at=None)
            taken = take_free_shard(owner="me", now=timezone.now())
            lease = taken or lease
    return campaign, contacts


def test_the_mailroom_answers_for_what_it_keeps() -> None:
    assert {"deliveries", "service messages"} <= set(holdings.names())
    assert "mailroom" in barriers.names()


def test_letters_to_a_person_are_found_with_their_subject_and_outcome(world: World) -> None:
    campaign, contacts = send_with(world, (OUTCOMES[0],))
    (found,) = Deliveries().find(person(contacts[0]))
    assert (found.kind, found.ref) == ("delivery", str(campaign.ref))
    assert found.content == {"subject": "Syksyn uutiset", "state": "accepted", "attempts": 1, "code": "250 2.0.0"}
    assert Deliveries().find(Person(folded=b"nobody", contact_ids=())) == []


def test_erasing_people_leaves_the_sums_whole(world: World) -> None:
    campaign, contacts = send_with(world, (*OUTCOMES, None))
    before = progress(campaign)
    for contact in contacts:
        came_back = HardBounce.objects.filter(contact_id=contact.pk).count()
        assert Deliveries().erase(person(contact)) == 1 + came_back
        assert_sums_are_whole(campaign)
    assert not Delivery.objects.exists()
    after = progress(campaign)
    assert (before.permitted, before.in_flight, before.deferred) == (5, 1, 1)
    assert (after.permitted, after.accepted, after.refused) == (5, 1, 1)
    assert (after.in_flight, after.deferred, after.expired, after.unknown) == (0, 0, 1, 2)
    assert reasons(campaign) == {
        ("refused", "mailbox_gone"): 1,
        ("expired", STOPPED): 1,
        ("unknown", "timeout"): 1,
        ("unknown", STOPPED): 1,
    }
    assert {field.name for field in DeliveryTotal._meta.fields} == {"id", "campaign", "state", "reason", "letters"}


def test_erasing_twice_counts_once(world: World) -> None:
    campaign, contacts = send_with(world, (OUTCOMES[0],))
    assert Deliveries().erase(person(contacts[0])) == 1
    assert Deliveries().erase(person(contacts[0])) == 0
    assert DeliveryTotal.objects.get().letters == 1
    assert_sums_are_whole(campaign)


def test_service_messages_are_found_by_mailbox_and_those_that_wait_still_go(world: World) -> None:
    ServiceMessage.objects.create(kind="acknowledgement", folded=b"m" * 32, sealed=b"s")
    mailbox = Person(folded=b"m" * 32)
    (found,) = ServiceMessages().find(mailbox)
    assert found.content == {"kind": "acknowledgement", "state": "waiting"}
    assert ServiceMessages().erase(mailbox) == 0
    assert ServiceMessage.objects.count() == 1


def test_an_erasure_forgets_whose_mailbox_a_sent_message_went_to(world: World) -> None:
    row = ServiceMessage.objects.create(kind="acknowledgement", folded=b"m" * 32, sealed=b"", state="sent")
    assert ServiceMessages().erase(Person(folded=b"m" * 32)) == 1
    row.refresh_from_db()
    assert bytes(row.folded) == b""


def test_old_deliveries_become_totals_and_the_figures_stay(world: World) -> None:
    campaign, _ = send_with(world, OUTCOMES[:2])
    Lifecycle.objects.update(state="finished", finished_at=timezone.now() - DELIVERIES + timedelta(hours=1))
    before = progress(campaign)
    assert purge_deliveries(timezone.now()) == 0
    assert purge_deliveries(timezone.now() + timedelta(hours=2)) == 2
    assert progress(campaign) == before
    assert reasons(campaign) == {("refused", "mailbox_gone"): 1}
    assert LedgerRow.objects.get(verb="mailroom.purge_deliveries").facts == {"rows": 2}
    assert_sums_are_whole(campaign)


def test_a_purge_goes_in_small_steps(world: World) -> None:
    campaign = make_campaign(world, state="finished")
    Lifecycle.objects.update(finished_at=timezone.now() - 2 * DELIVERIES)
    shard = make_shard(campaign)
    letters = ROWS_AT_ONCE + 1
    Shard.objects.filter(pk=shard.pk).update(permitted=letters, accepted=letters)
    Delivery.objects.bulk_create(
        Delivery(
            campaign=campaign,
            contact_id=number,
            shard_id=shard.pk,
            epoch=1,
            state="accepted",
            claimed_at=timezone.now(),
        )
        for number in range(letters)
    )
    assert purge_deliveries(timezone.now()) == letters
    steps = LedgerRow.objects.filter(verb="mailroom.purge_deliveries").order_by("pk")
    assert [row.facts["rows"] for row in steps] == [ROWS_AT_ONCE, 1]
    assert_sums_are_whole(campaign)


def test_what_a_cancelled_campaign_would_have_tried_again_has_expired(world: World) -> None:
    campaign, _ = send_with(world, (OUTCOMES[2], OUTCOMES[0]))
    Lifecycle.objects.update(state="cancelled", finished_at=timezone.now())
    Shard.objects.update(owner="me", done_at=None)
    assert close_cancelled(timezone.now()) == 0
    Shard.objects.update(owner="")
    assert close_cancelled(timezone.now()) == 1
    assert progress(campaign).expired == 1
    assert not Delivery.objects.filter(retry_at__isnull=False).exists()
    assert Shard.objects.get().done_at is not None
    assert_sums_are_whole(campaign)
