from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import connection
from django.utils import timezone

from luvalla.campaigns.actions import cancel_campaign, pause_campaign
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actors import OPERATOR
from luvalla.mailroom.errors import NotToBeSent
from luvalla.mailroom.models import Delivery, Relay
from luvalla.mailroom.sender import send_campaign
from luvalla.register.models import Contact, Prohibition
from luvalla.sending.testing import Receiver
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, freeze, make_campaign, withheld


def recipients(receiver: Receiver) -> Counter[str]:
    return Counter(each.decode() for message in receiver.messages for each in message.recipients)


def approved(world: World, **changes: str) -> Campaign:
    campaign = make_campaign(world, state="approved", **changes)
    freeze(campaign)
    return campaign


def test_every_permitted_contact_gets_its_letter_once_and_both_ends_agree(
    open_world: World, receiver: Receiver
) -> None:
    contacts = add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(300)])
    Contact.objects.filter(pk=contacts[7].pk).update(restricted_at=timezone.now())
    Prohibition.objects.create(folded=contacts[8].folded, kinds=4)
    campaign = approved(open_world)
    result = send_campaign(campaign.pk, workers=2, actor=OPERATOR)
    assert result.state == "finished"
    assert (result.permitted, result.accepted, result.in_flight, result.left) == (298, 298, 0, 0)
    assert result.withheld == {"restricted": 1, "prohibited": 1}
    expected = {f"asiakas{number}@esimerkki.fi": 1 for number in range(300) if number not in {7, 8}}
    assert recipients(receiver) == expected
    assert_sums_are_whole(campaign)


def test_a_letter_carries_its_headers_its_return_path_and_its_own_link(open_world: World, receiver: Receiver) -> None:
    add_customers(open_world, ["maija@esimerkki.fi", "älyk@esimerkki.fi"])
    campaign = approved(open_world)
    send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    found = {message.recipients[0].decode(): message for message in receiver.messages}
    letter = message_from_bytes(found["maija@esimerkki.fi"].data, policy=default)
    assert letter["To"] == "maija@esimerkki.fi"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].startswith("<https://kirjeet.esimerkki.fi/s/")
    assert found["maija@esimerkki.fi"].sender.startswith(b"bounce+")
    assert found["maija@esimerkki.fi"].sender.endswith(b"@esimerkki.fi")
    assert b"SMTPUTF8" in found["älyk@esimerkki.fi"].parameters
    assert len({message_from_bytes(each.data)["Message-ID"] for each in receiver.messages}) == 2


def test_a_contact_whose_seal_is_broken_holds_up_nobody(open_world: World, receiver: Receiver) -> None:
    contacts = add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(30)])
    Contact.objects.filter(pk__in=[contacts[0].pk, contacts[17].pk]).update(sealed=b"damaged")
    campaign = approved(open_world)
    result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (result.state, result.accepted, result.refused) == ("finished", 28, 2)
    damaged = Delivery.objects.filter(campaign=campaign, state="refused")
    assert {each.contact_id for each in damaged} == {contacts[0].pk, contacts[17].pk}
    assert {(each.code, each.reason) for each in damaged} == {("", "unreadable")}
    assert len(receiver.messages) == 28
    assert_sums_are_whole(campaign)


def test_refusals_and_lost_answers_are_told_apart(open_world: World, receiver: Receiver) -> None:
    names = [*(f"refuse+{number}" for number in range(3)), "drop-after-data", *(f"a{number}" for number in range(40))]
    contacts = add_customers(open_world, [f"{each}@esimerkki.fi" for each in names])
    campaign = approved(open_world)
    result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (result.state, result.permitted, result.refused) == ("finished", 44, 3)
    assert result.unknown >= 1
    assert result.accepted + result.unknown == 41
    gone = Contact.objects.filter(pk__in=[each.pk for each in contacts], undeliverable_until__gt=timezone.now())
    assert gone.count() == 3
    assert max(recipients(receiver).values()) == 1
    assert_sums_are_whole(campaign)


def test_a_temporary_refusal_is_left_for_later_and_sent_by_a_later_call(open_world: World, receiver: Receiver) -> None:
    add_customers(open_world, ["defer@esimerkki.fi", "matti@esimerkki.fi"])
    campaign = approved(open_world)
    sent = threading.Thread(target=send_in_thread, args=(campaign.pk,))
    sent.start()
    wait_until(lambda: Delivery.objects.filter(state="deferred").exists())
    Delivery.objects.filter(state="deferred").update(retry_at=timezone.now() + timezone.timedelta(minutes=5))
    sent.join(20)
    assert not sent.is_alive()
    state = Lifecycle.objects.get(campaign=campaign).state
    assert state == "sending"
    Contact.objects.filter(pk=Delivery.objects.get(state="deferred").contact_id).update(restricted_at=timezone.now())
    Delivery.objects.filter(state="deferred").update(retry_at=timezone.now())
    result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (result.state, result.accepted, result.permitted) == ("finished", 1, 1)
    assert withheld(campaign) == {"restricted": 1}


def test_a_campaign_without_anybody_is_finished_at_once(open_world: World, receiver: Receiver) -> None:
    result = send_campaign(approved(open_world).pk, workers=1, actor=OPERATOR)
    assert (result.state, result.permitted, result.total) == ("finished", 0, 0)
    assert receiver.messages == []


@pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
def test_what_is_not_approved_is_not_sent(open_world: World, receiver: Receiver, state: str) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = make_campaign(open_world, state=state)
    with pytest.raises(NotToBeSent) as refused:
        send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert refused.value.state == state
    assert receiver.counters.connections == 0


def test_a_finished_campaign_is_not_sent_again(open_world: World, receiver: Receiver) -> None:
    add_customers(open_world, ["matti@esimerkki.fi"])
    campaign = approved(open_world)
    first = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert send_campaign(campaign.pk, workers=1, actor=OPERATOR) == first
    assert len(receiver.messages) == 1


def slow_relay(receiver: Receiver, letters_a_second: int) -> None:
    """Have letters leave through a recorded relay with a limit."""
    Relay.objects.create(name="hidas", url=receiver.url, letters_a_second=letters_a_second)


def send_in_thread(campaign_id: int, workers: int = 1) -> None:
    try:
        send_campaign(campaign_id, workers=workers, actor=OPERATOR)
    finally:
        connection.close()


def wait_until(is_so: Callable[[], bool], *, at_most: float = 15.0) -> None:
    end = time.monotonic() + at_most
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize(("step", "state"), [(pause_campaign, "paused"), (cancel_campaign, "cancelled")])
def test_pause_and_cancel_take_effect_within_a_second(
    open_world: World, receiver: Receiver, settings: object, step: Callable[..., None], state: str
) -> None:
    settings.LUVALLA_SMTP_URL = ""
    slow_relay(receiver, 100)
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(600)])
    campaign = approved(open_world)
    sending = threading.Thread(target=send_in_thread, args=(campaign.pk,))
    sending.start()
    wait_until(lambda: len(receiver.messages) > 150)
    step(campaign=campaign, actor=OPERATOR)
    told = time.monotonic()
    sending.join(10)
    assert not sending.is_alive()
    assert max(each.mailed_at for each in receiver.messages) < told + 1.0
    assert len(receiver.messages) < 500
    assert Lifecycle.objects.get(campaign=campaign).state == state
    assert_sums_are_whole(campaign)


def test_the_throttle_keeps_to_its_limit(open_world: World, receiver: Receiver, settings: object) -> None:
    settings.LUVALLA_SMTP_URL = ""
    slow_relay(receiver, 50)
    add_customers(open_world, [f"asiakas{number}@esimerkki.fi" for number in range(200)])
    send_campaign(approved(open_world).pk, workers=2, actor=OPERATOR)
    times = sorted(each.mailed_at for each in receiver.messages)
    assert len(times) == 200
    assert times[-1] - times[0] > 1.5  # two seconds' worth may leave at once, the rest at 50 a second
