"""Nobody is lost and nobody is counted twice, whatever the network, the workers and the people do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luvalla.mailroom.claiming import Window, advance
from luvalla.mailroom.holdings import Deliveries
from luvalla.mailroom.leases import Lease, held_shards, take_free_shard
from luvalla.mailroom.models import Delivery, Shard, Withheld
from luvalla.mailroom.recording import Answered
from luvalla.mailroom.takeover import settle, take_over
from luvalla.register.facts import FactsReader
from luvalla.register.models import Contact
from luvalla.rules.ports import Person
from luvalla.sending.outcome import Kind, Outcome, Reason, Step, judge, not_sent, unknown
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign, make_shard

PEOPLE = 12
NOWHERE = Path("/nonexistent")
OUTCOMES = (
    judge(250, "2.0.0", Step.BODY),
    judge(550, "5.1.1", Step.RCPT),
    judge(554, "5.7.1", Step.BODY),
    judge(530, "5.7.0", Step.MAIL),
    judge(451, "4.3.0", Step.RCPT),
    unknown(Reason.CONNECTION_LOST),
    not_sent(Reason.DEADLINE),
    not_sent(Reason.NO_CONNECTION),
)
MAYBE_THERE = {Kind.ACCEPTED, Kind.UNKNOWN}


class Story:
    """One campaign, told step by step by Hypothesis."""

    def __init__(self, world: World, policy: str) -> None:
        self.people = add_customers(world, [f"{number}@esimerkki.fi" for number in range(PEOPLE)])
        self.campaign = make_campaign(world, policy=policy)
        self.policy = policy
        for low, high in ((0, self.people[PEOPLE // 2].pk), (self.people[PEOPLE // 2].pk, self.people[-1].pk + 1)):
            make_shard(self.campaign, low, high)
        self.reader = FactsReader()
        self.names = (f"worker {number}" for number in count())
        self.lease: Lease | None = None
        self.window: Window | None = None
        self.arrived: Counter[int] = Counter()
        self.stopped: set[int] = set()
        self.gone: set[int] = set()

    def answer(self, choices: list[int]) -> Answered | None:
        """Let the network answer the window in hand."""
        if self.window is None:
            return None
        outcomes: dict[int, Outcome] = {}
        for each, choice in zip(self.window.claimed, choices, strict=False):
            outcome = outcomes[each.contact_id] = OUTCOMES[choice]
            assert each.contact_id not in self.stopped, "a letter to somebody who had stopped"
            self.arrived[each.contact_id] += outcome.kind is Kind.ACCEPTED
        return Answered(self.window.claimed, outcomes, relay_id=None)

    def go_on(self, choices: list[int]) -> None:
        """Record what came and claim on; take a shard where none is held."""
        Delivery.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now() - timedelta(seconds=1))
        if self.lease is None:
            self.lease = take_free_shard(owner=next(self.names), now=timezone.now())
            self.window = None
        if self.lease is not None:
            result = advance(self.lease, answered=self.answer(choices), limit=1 + choices[0] % 5, reader=self.reader)
            self.window = result if isinstance(result, Window) else None
            self.lease = self.lease if self.window else None

    def die(self) -> None:
        """The worker dies with its window; another one takes over."""
        for each in held_shards(self.campaign.pk):
            take_over(each, owner=next(self.names), journals=NOWHERE)
        Shard.objects.filter(done_at=None).update(owner="")
        self.lease = self.window = None

    def lose_the_database(self, choices: list[int]) -> None:
        """Not hear of the last commit, and bring the shard in order."""
        if self.lease is not None:
            settle(self.lease, self.answer(choices))
            self.window = None

    def restrict(self, number: int) -> None:
        """Restrict somebody."""
        contact = self.people[number].pk
        Contact.objects.filter(pk=contact).update(restricted_at=timezone.now())
        self.settle_for(contact)

    def erase(self, number: int) -> None:
        """Erase somebody, as a stop does after its wait."""
        contact = self.people[number]
        self.settle_for(contact.pk)
        with transaction.atomic():
            Deliveries().erase(Person(folded=bytes(contact.folded), contact_ids=(contact.pk,)))
        Contact.objects.filter(pk=contact.pk).delete()
        self.gone.add(contact.pk)

    def settle_for(self, contact: int) -> None:
        """A stop waits until the window with its contact is recorded; what comes later is too late."""
        if self.window and any(each.contact_id == contact for each in self.window.claimed):
            self.go_on([0] * PEOPLE)
            if self.window and any(each.contact_id == contact for each in self.window.claimed):
                return
        self.stopped.add(contact)

    def check(self) -> None:
        """Check that nobody is lost and nobody is counted twice."""
        assert_sums_are_whole(self.campaign)
        rows = dict(Delivery.objects.values_list("contact_id", "state"))
        assert not set(rows) & self.gone
        if self.policy == "report":
            assert max(self.arrived.values(), default=0) <= 1
        for contact, letters in self.arrived.items():
            if letters and contact not in self.gone:
                assert rows[contact] in {"accepted", "claimed", "unknown"}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("go_on"), st.lists(st.integers(0, len(OUTCOMES) - 1), min_size=PEOPLE, max_size=PEOPLE)),
        st.tuples(st.just("lose_the_database"), st.lists(st.integers(0, 7), min_size=PEOPLE, max_size=PEOPLE)),
        st.tuples(st.just("die"), st.none()),
        st.tuples(st.just("restrict"), st.integers(0, PEOPLE - 1)),
        st.tuples(st.just("erase"), st.integers(0, PEOPLE - 1)),
    ),
    max_size=14,
)


@pytest.mark.parametrize("policy", ["report", "resend"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
def test_everybody_ends_in_exactly_one_place(world: World, policy: str, steps: list[tuple[str, object]]) -> None:
    with transaction.atomic():
        story = Story(world, policy)
        for name, about in steps:
            getattr(story, name)(*([] if about is None else [about]))
            story.check()
        for _ in range(400):
            if not Shard.objects.filter(done_at=None).exists():
                break
            story.go_on([0] * PEOPLE)
        assert not Shard.objects.filter(done_at=None).exists()
        story.check()
        asked = sum(Shard.objects.values_list("permitted", flat=True))
        refused = sum(Withheld.objects.values_list("contacts", flat=True))
        assert PEOPLE - len(story.gone) <= asked + refused <= PEOPLE
        assert set(Delivery.objects.values_list("state", flat=True)) <= {"accepted", "refused", "expired", "unknown"}
        transaction.set_rollback(True)
