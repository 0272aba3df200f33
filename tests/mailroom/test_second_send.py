"""A second send reaches just those who were missed and chosen, as the gate permits, with the same letter."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from django.utils import timezone

from luvalla.campaigns.errors import IllegalStep
from luvalla.ledger.actors import OPERATOR
from luvalla.ledger.models import LedgerRow
from luvalla.mailroom.models import Delivery
from luvalla.mailroom.second_send import Missed, send_again
from luvalla.mailroom.sender import send_campaign
from luvalla.register.models import Contact
from luvalla.sending.testing import Receiver
from tests.mailroom.test_sending import approved, recipients
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign

FULL = Missed("expired", "mailbox_full")


def test_just_the_chosen_get_it_again_and_the_stopped_do_not(open_world: World, receiver: Receiver) -> None:
    names = [f"asiakas{number}@esimerkki.fi" for number in range(30)]
    contacts = add_customers(open_world, names)
    campaign = approved(open_world)
    send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    first = {each.recipients[0]: message_from_bytes(each.data)["Message-ID"] for each in receiver.messages}
    fail(contacts[:4], "expired", "mailbox_full")
    fail(contacts[4:6], "unknown", "connection_lost")
    fail(contacts[6:9], "refused", "content")
    Contact.objects.filter(pk=contacts[0].pk).update(restricted_at=timezone.now())
    receiver.messages.clear()
    chosen = [FULL, Missed("unknown", "connection_lost")]
    assert send_again(campaign=campaign, chosen=chosen, actor=OPERATOR) == 6
    result = send_campaign(campaign.pk, workers=1, actor=OPERATOR)
    assert (result.state, result.permitted, result.accepted, result.refused) == ("finished", 29, 26, 3)
    assert recipients(receiver) == {names[number]: 1 for number in range(1, 6)}
    assert {each.recipients[0]: message_from_bytes(each.data)["Message-ID"] for each in receiver.messages} == {
        name.encode(): first[name.encode()] for name in names[1:6]
    }
    assert_sums_are_whole(campaign)
    assert LedgerRow.objects.get(verb="mailroom.send_again").facts["letters"] == 6


def fail(contacts: list[Contact], state: str, reason: str) -> None:
    """Have accepted letters counted as something else."""
    for letter in Delivery.objects.filter(contact_id__in=[each.pk for each in contacts]):
        shard = type(letter.campaign.shards.get(pk=letter.shard_id)).objects.get(pk=letter.shard_id)
        shard.accepted -= 1
        setattr(shard, state, getattr(shard, state) + 1)
        shard.save()
        Delivery.objects.filter(campaign=letter.campaign, contact_id=letter.contact_id).update(
            state=state, reason=reason
        )


def test_nobody_chosen_changes_nothing(world: World) -> None:
    campaign = make_campaign(world, state="finished")
    assert send_again(campaign=campaign, chosen=[FULL, Missed("accepted", "")], actor=OPERATOR) == 0
    campaign.lifecycle.refresh_from_db()
    assert campaign.lifecycle.state == "finished"


def test_what_is_still_being_sent_is_not_reopened(world: World) -> None:
    campaign = make_campaign(world, state="sending")
    (contact,) = add_customers(world, ["maija@esimerkki.fi"])
    Delivery.objects.create(
        campaign=campaign, contact_id=contact.pk, shard_id=1, epoch=1, state="expired", reason="mailbox_full",
        claimed_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(IllegalStep):
        send_again(campaign=campaign, chosen=[FULL], actor=OPERATOR)
    assert Delivery.objects.get().state == "expired"
