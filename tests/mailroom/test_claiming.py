from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.claiming import Rest, Window, advance
from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.fates import PAUSES
from luvalla.mailroom.holdings import Deliveries
from luvalla.mailroom.leases import Lease, take_free_shard
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.owners import boot_seconds
from luvalla.mailroom.recording import Answered
from luvalla.register.facts import FactsReader
from luvalla.register.models import Contact, Permission
from luvalla.rules.ports import Person
from luvalla.sending.outcome import Kind, Outcome, Reason, Step, judge, not_sent, unknown
from tests.mailroom.world import (
    World,
    add_customers,
    add_permission,
    assert_sums_are_whole,
    make_campaign,
    make_shard,
    withheld,
)

ACCEPTED = judge(250, "2.0.0", Step.BODY)
BUSY = judge(451, "4.3.0", Step.RCPT)
GONE = judge(550, "5.1.1", Step.RCPT)


class Sender:
    """A worker's hands in small: claims windows of one shard and answers them as it is told."""

    def __init__(self, campaign: Campaign, owner: str = "me") -> None:
        self.reader = FactsReader()
        self.campaign = campaign
        self.lease = self.take(owner)

    def take(self, owner: str = "me") -> Lease:
        """Take the campaign's free shard."""
        lease = take_free_shard(owner=owner, campaign_id=self.campaign.pk, now=timezone.now())
        assert lease is not None
        return lease

    def next(self, answered: Answered | None = None, *, limit: int = 500) -> Window | Rest:
        """Record answers and claim on."""
        return advance(self.lease, answered=answered, limit=limit, reader=self.reader)

    def window(self, answered: Answered | None = None, *, limit: int = 500) -> Window:
        """Claim on where there is something to claim."""
        window = self.next(answered, limit=limit)
        assert isinstance(window, Window)
        return window


def answer(window: Window, outcome: Outcome = ACCEPTED, **others: Outcome) -> Answered:
    outcomes = {each.contact_id: outcome for each in window.claimed}
    outcomes |= {int(name.removeprefix("c")): other for name, other in others.items()}
    return Answered(window.claimed, outcomes, relay_id=None)


def states(campaign: Campaign) -> list[str]:
    return list(Delivery.objects.filter(campaign=campaign).order_by("contact_id").values_list("state", flat=True))


def test_a_claim_writes_a_row_for_every_permit_and_counts_every_refusal(world: World) -> None:
    contacts = add_customers(world, [f"{number}@esimerkki.fi" for number in range(5)])
    Contact.objects.filter(pk=contacts[1].pk).update(restricted_at=timezone.now())
    campaign = make_campaign(world)
    make_shard(campaign)
    window = Sender(campaign).window()
    assert [each.contact_id for each in window.claimed] == [contacts[each].pk for each in (0, 2, 3, 4)]
    assert states(campaign) == ["claimed"] * 4
    assert withheld(campaign) == {"restricted": 1}
    assert_sums_are_whole(campaign)


def test_outcomes_are_recorded_with_the_next_claim(world: World) -> None:
    contacts = add_customers(world, [f"{number}@esimerkki.fi" for number in range(4)])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    first = sender.window(limit=2)
    second = sender.window(answer(first), limit=2)
    assert states(campaign) == ["accepted", "accepted", "claimed", "claimed"]
    assert sender.next(answer(second, **{f"c{contacts[3].pk}": GONE})) is Rest.DONE
    row = Delivery.objects.get(contact_id=contacts[3].pk)
    assert (row.state, row.code, row.reason, row.attempt) == ("refused", "550 5.1.1", "mailbox_gone", 1)
    assert row.finished_at is not None
    assert_sums_are_whole(campaign)


def test_a_finished_shard_is_given_back_for_good(world: World) -> None:
    add_customers(world, ["matti@esimerkki.fi"])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    sender = Sender(campaign)
    assert sender.next(answer(sender.window())) is Rest.DONE
    shard.refresh_from_db()
    assert (shard.owner, shard.lease_until, shard.done_at is not None) == ("", None, True)
    assert take_free_shard(owner="other", now=timezone.now()) is None


@pytest.mark.parametrize("state", ["paused", "cancelled", "finished"])
def test_a_campaign_that_is_not_sending_is_claimed_no_further(world: World, state: str) -> None:
    add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window(limit=1)
    Lifecycle.objects.update(state=state)
    assert sender.next(answer(window)) is Rest.STOPPED
    assert states(campaign) == ["accepted"]
    shard.refresh_from_db()
    assert (shard.owner, shard.done_at) == ("", None)


def test_whoever_stops_between_two_claims_gets_nothing(world: World) -> None:
    contacts = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi", "c@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window(limit=1)
    Contact.objects.filter(pk=contacts[1].pk).update(restricted_at=timezone.now())
    last = sender.window(answer(window))
    assert [each.contact_id for each in last.claimed] == [contacts[2].pk]


def test_a_temporary_refusal_is_tried_again_through_the_gate_until_it_expires(world: World) -> None:
    (contact,) = add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    for attempt in range(1, len(PAUSES) + 2):
        window = sender.window()
        assert [each.attempt for each in window.claimed] == [attempt]
        rest = sender.next(answer(window, BUSY))
        row = Delivery.objects.get()
        if attempt <= len(PAUSES):
            assert rest is Rest.WAITING
            assert row.retry_at is not None
            assert row.finished_at is not None
            assert row.retry_at - row.finished_at == PAUSES[attempt - 1]
            Delivery.objects.update(retry_at=timezone.now())
            sender.lease = sender.take()
        else:
            assert rest is Rest.DONE
    assert (row.state, row.code, row.reason) == ("expired", "451 4.3.0", "relay_busy")
    assert contact.pk == row.contact_id
    assert_sums_are_whole(campaign)


def test_a_deferred_letter_whose_contact_was_restricted_counts_as_withheld(world: World) -> None:
    contact, other = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    assert sender.next(answer(sender.window(), BUSY)) is Rest.WAITING
    Contact.objects.filter(pk=contact.pk).update(restricted_at=timezone.now())
    Delivery.objects.update(retry_at=timezone.now())
    sender.lease = sender.take()
    window = sender.window()
    assert [each.contact_id for each in window.claimed] == [other.pk]
    assert sender.next(answer(window)) is Rest.DONE
    assert states(campaign) == ["accepted"]
    assert withheld(campaign) == {"restricted": 1}
    assert_sums_are_whole(campaign)


def test_a_deferred_letter_whose_contact_is_gone_counts_as_withheld(world: World) -> None:
    (contact,) = add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    sender.next(answer(sender.window(), BUSY))
    Permission.objects.all().delete()
    Contact.objects.filter(pk=contact.pk).delete()
    Delivery.objects.update(retry_at=timezone.now())
    sender.lease = sender.take()
    assert sender.window().claimed == []
    assert sender.next() is Rest.DONE
    assert withheld(campaign) == {"permission_missing": 1}
    assert_sums_are_whole(campaign)


def test_what_was_never_sent_goes_again_and_costs_no_attempt(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    assert sender.next(answer(sender.window(), not_sent(Reason.DEADLINE))) is Rest.WAITING
    row = Delivery.objects.get()
    assert (row.state, row.attempt, row.reason) == ("deferred", 0, "deadline")
    Delivery.objects.update(retry_at=timezone.now())
    sender.lease = sender.take()
    assert [each.attempt for each in sender.window().claimed] == [1]
    assert_sums_are_whole(campaign)


def test_an_unknown_letter_is_only_reported_unless_the_campaign_says_otherwise(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    assert sender.next(answer(sender.window(), unknown(Reason.CONNECTION_LOST))) is Rest.DONE
    assert states(campaign) == ["unknown"]
    assert_sums_are_whole(campaign)


def test_an_unknown_letter_goes_again_a_few_times_where_the_campaign_says_so(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world, policy="resend")
    make_shard(campaign)
    sender = Sender(campaign)
    for attempt in (1, 2, 3):
        window = sender.window()
        assert [(each.attempt, each.was_unknown) for each in window.claimed] == [(attempt, attempt > 1)]
        rest = sender.next(answer(window, unknown(Reason.CONNECTION_LOST)))
        assert rest is (Rest.WAITING if attempt < 3 else Rest.DONE)
        if attempt < 3:
            Delivery.objects.update(retry_at=timezone.now())
            sender.lease = sender.take()
    assert states(campaign) == ["unknown"]
    assert_sums_are_whole(campaign)


def test_an_unknown_letter_that_the_gate_refuses_later_stays_unknown(world: World) -> None:
    (contact,) = add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world, policy="resend")
    make_shard(campaign)
    sender = Sender(campaign)
    sender.next(answer(sender.window(), unknown(Reason.TIMEOUT)))
    Contact.objects.filter(pk=contact.pk).update(restricted_at=timezone.now())
    Delivery.objects.update(retry_at=timezone.now())
    sender.lease = sender.take()
    assert sender.window().claimed == []
    assert sender.next() is Rest.DONE
    assert states(campaign) == ["unknown"]
    assert withheld(campaign) == {}
    assert_sums_are_whole(campaign)


def test_a_letter_without_an_outcome_is_unknown(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window()
    sender.next(Answered(window.claimed, {}, relay_id=None))
    assert states(campaign) == ["unknown"]


def test_a_mailbox_that_is_gone_is_left_in_peace_and_nothing_is_prohibited(world: World) -> None:
    contact, kept = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window()
    full = judge(552, "5.2.2", Step.RCPT)
    sender.next(answer(window, full, **{f"c{contact.pk}": GONE}))
    contact.refresh_from_db()
    kept.refresh_from_db()
    assert contact.undeliverable_until is not None
    assert contact.undeliverable_until > timezone.now() + timedelta(days=100)
    assert kept.undeliverable_until is None


def test_a_worker_that_lost_its_shard_changes_nothing(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window()
    Shard.objects.update(epoch=7, owner="other")
    with pytest.raises(LeaseLost):
        sender.next(answer(window))
    assert states(campaign) == ["claimed"]


def test_a_row_that_an_erasure_took_away_is_not_counted_twice(world: World) -> None:
    contact, _ = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window()
    Delivery.objects.filter(contact_id=contact.pk).delete()
    sender.next(answer(window))
    shard.refresh_from_db()
    assert shard.accepted == 1


def test_no_letter_may_begin_in_the_last_seconds_of_a_lease(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    before = boot_seconds()
    window = Sender(campaign).window()
    assert before + 15 <= window.until <= boot_seconds() + 15


def test_a_window_is_one_row_of_the_ledger_with_figures_only(world: World) -> None:
    contacts = add_customers(world, ["a@esimerkki.fi", "b@esimerkki.fi"])
    Contact.objects.filter(pk=contacts[0].pk).update(restricted_at=timezone.now())
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    sender = Sender(campaign)
    sender.next(answer(sender.window()))
    rows = LedgerRow.objects.filter(verb="mailroom.send_window").order_by("pk")
    assert [row.facts for row in rows] == [
        {"shard": shard.pk, "permitted": 1, "withheld": {"restricted": 1}},
        {"shard": shard.pk, "accepted": 1},
    ]
    assert {(row.actor, row.subject_kind, row.subject_ref) for row in rows} == {
        ("system", "campaign", str(campaign.ref))
    }


def test_a_contact_with_two_permissions_gets_one_letter(world: World) -> None:
    (contact,) = add_customers(world, ["a@esimerkki.fi"])
    add_permission(world, contact)
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window(limit=1)
    assert len(window.claimed) == 1
    assert sender.next(answer(window), limit=1) is Rest.DONE


def test_a_shard_whose_last_window_came_back_after_a_pause_is_done(world: World) -> None:
    add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    window = sender.window()
    Lifecycle.objects.update(state="paused")
    assert sender.next(answer(window)) is Rest.DONE


def test_a_shard_that_only_waited_for_somebody_who_was_erased_can_be_closed(world: World) -> None:
    (contact,) = add_customers(world, ["a@esimerkki.fi"])
    campaign = make_campaign(world)
    make_shard(campaign)
    sender = Sender(campaign)
    assert sender.next(answer(sender.window(), BUSY)) is Rest.WAITING
    assert take_free_shard(owner="other", now=timezone.now()) is None
    Deliveries().erase(Person(folded=contact.folded, contact_ids=(contact.pk,)))
    sender.lease = sender.take()
    assert sender.next() is Rest.DONE
    assert_sums_are_whole(campaign)


def test_every_outcome_has_a_fate() -> None:
    assert {each.value for each in Kind} == {"accepted", "deferred", "refused", "unknown", "not_sent"}
