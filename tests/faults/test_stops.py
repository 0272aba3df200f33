"""Random stops while letters leave: once a stop is answered, no letter to its address begins."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence

from luvalla.ledger.actors import SUBJECT
from luvalla.mailroom.models import Delivery, DeliveryTotal
from luvalla.mailroom.queries import progress
from luvalla.register.stop import withdraw
from tests.faults.conftest import StartRelay
from tests.faults.counting import tell
from tests.faults.sizes import either, patience
from tests.faults.world import add_people, approved, in_thread, sending, wait_until
from tests.mailroom.world import World, assert_sums_are_whole

CONTACTS, STOPS = either(700, 16_000), either(300, 10_000)
LETTERS_A_SECOND = either(150, 250)
STOPPERS = 4


def stop_them(contacts: Sequence[int], people: Mapping[int, str], answered: dict[str, float]) -> None:
    """Stop contacts one after the other, and note when each stop was answered."""
    for contact in contacts:
        answer = withdraw(contact_id=contact, channel="link", actor=SUBJECT)
        assert answer.finished
        answered[people[contact]] = time.monotonic()


def test_no_letter_begins_after_an_answered_stop(open_world: World, start_relay: StartRelay) -> None:
    """Times are taken where stops are answered and where MAIL arrives, by one clock."""
    people = add_people(open_world, CONTACTS)
    box = start_relay()
    campaign = approved(open_world, box, letters_a_second=LETTERS_A_SECOND)
    stopped = random.Random(1).sample(sorted(people), STOPS)  # noqa: S311  # whom to stop is no secret
    answered: dict[str, float] = {}
    with sending(campaign, seconds=120):
        wait_until(lambda: len(box.taken()) > 20)
        stoppers = [in_thread(stop_them, stopped[number::STOPPERS], people, answered) for number in range(STOPPERS)]
        for each in stoppers:
            each.join(patience(120))
    assert len(answered) == STOPS
    began = {each.recipient: each.mailed_at for each in box.taken()}
    late = [address for address, moment in answered.items() if began.get(address, 0.0) > moment]
    spared, reached = set(answered) - set(began), set(answered) & set(began)
    tell(
        f"stops while letters leave: {CONTACTS:,} contacts, {STOPS:,} stopped; {len(reached):,} had their letter "
        f"before, {len(spared):,} got none; letters begun after an answered stop: {len(late)}"
    )
    assert late == []
    assert spared
    assert reached
    assert len(box.taken()) == len(began) == CONTACTS - len(spared)
    assert_sums_are_whole(campaign)
    result = progress(campaign)
    assert (result.state, result.accepted) == ("finished", len(began))
    assert not Delivery.objects.filter(contact_id__in=stopped).exists()
    assert sum(DeliveryTotal.objects.values_list("letters", flat=True)) == len(reached)
