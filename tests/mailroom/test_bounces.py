"""What follows from bounces and complaints, through the very receiver that mail comes in by."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.utils import timezone

from luvalla.jobs.testing import run_periodic
from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.vault import keyring, sealer
from luvalla.mailroom.bounces import forget_hard_bounces, take_report
from luvalla.mailroom.identity import Identities
from luvalla.mailroom.models import Delivery, DeliveryTotal, HardBounce, Shard
from luvalla.mailroom.receiving import MailReceiver
from luvalla.mailroom.sender import send_campaign
from luvalla.register.links import make_stop_token
from luvalla.register.models import Contact, Prohibition, SourceNotice, Stop, Suppression
from luvalla.register.stop import withdraw
from luvalla.rules.address import normalise
from luvalla.rules.retention import UNDELIVERABLE
from luvalla.sending.testing import Receiver
from tests.mailroom.test_receiving import free_port
from tests.mailroom.test_reports import LETTER, bounce_report, complaint_report
from tests.mailroom.test_sending import approved
from tests.mailroom.world import World, add_customers, assert_sums_are_whole, make_campaign, make_shard

ADDRESS = "maija@example.com"


def sent_letter(world: World, contact: Contact) -> str:
    """Have a letter accepted, and give its return path."""
    campaign = make_campaign(world)
    shard = make_shard(campaign)
    now = timezone.now()
    Delivery.objects.create(
        campaign=campaign, contact_id=contact.pk, shard_id=shard.pk, epoch=1, state="accepted", code="250 2.0.0",
        claimed_at=now, finished_at=now,
    )  # fmt: skip
    Shard.objects.filter(pk=shard.pk).update(permitted=1, accepted=1)
    identity = Identities(keyring()).identify(contact_id=contact.pk, campaign_id=campaign.pk)
    return f"{identity.return_path.decode()}@esimerkki.fi"


@pytest.fixture
def contact(world: World) -> Contact:
    return add_customers(world, [ADDRESS])[0]


def test_a_mailbox_that_does_not_exist_is_left_in_peace_and_the_letter_counts_as_refused(
    world: World, contact: Contact
) -> None:
    path = sent_letter(world, contact)
    assert take_report(bounce_report("5.1.1"), path)
    letter = Delivery.objects.get()
    assert (letter.state, letter.code, letter.reason) == ("refused", "5.1.1", "mailbox_gone")
    assert_sums_are_whole(letter.campaign)
    contact.refresh_from_db()
    assert contact.undeliverable_until is not None
    assert contact.undeliverable_until > timezone.now() + UNDELIVERABLE - timedelta(minutes=1)
    assert LedgerRow.objects.get(verb="mailroom.note_bounce").facts == {"action": "failed", "status": "5.1.1"}
    assert not Prohibition.objects.exists()
    assert not Suppression.objects.exists()


def test_the_same_report_twice_counts_once(world: World, contact: Contact) -> None:
    path = sent_letter(world, contact)
    take_report(bounce_report("5.1.1"), path)
    take_report(bounce_report("5.1.1"), path)
    assert HardBounce.objects.get().letters == 1
    run_periodic("mailroom.drop_mailboxes")
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_the_second_letter_that_comes_back_takes_the_address_out_with_a_token_that_expires(
    open_world: World,
) -> None:
    (contact,) = add_customers(open_world, [ADDRESS])
    for _ in range(2):
        take_report(bounce_report("5.1.10"), sent_letter(open_world, contact))
    run_periodic("mailroom.drop_mailboxes")
    assert not Contact.objects.exists()
    assert not Delivery.objects.exists()
    assert sum(DeliveryTotal.objects.filter(state="refused").values_list("letters", flat=True)) == 2
    token = Suppression.objects.get()
    assert bytes(token.token) == sealer().folded_token(normalise(ADDRESS))
    assert (token.reason, token.expires_at > timezone.now()) == ("bounced", True)
    assert SourceNotice.objects.get().kind == "bounced"
    assert not Prohibition.objects.exists()
    assert not HardBounce.objects.exists()
    withdraw(address=normalise(ADDRESS), channel="mail", actor=SUBJECT)
    token.refresh_from_db()
    assert (token.reason, token.expires_at) == ("withdrawal", None)


def test_a_restricted_mailbox_is_left_alone(world: World, contact: Contact) -> None:
    HardBounce.objects.create(contact_id=contact.pk, letters=2, last_at=timezone.now())
    Contact.objects.update(restricted_at=timezone.now())
    run_periodic("mailroom.drop_mailboxes")
    assert Contact.objects.exists()


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (bounce_report("5.7.1"), "refused"),
        (bounce_report("5.2.2"), "refused"),
        (bounce_report("4.4.7"), "expired"),
        (bounce_report("4.4.1", action="delayed"), "accepted"),
    ],
)
def test_what_speaks_of_us_or_passes_keeps_the_address(
    world: World, contact: Contact, report: bytes, state: str
) -> None:
    assert take_report(report, sent_letter(world, contact))
    contact.refresh_from_db()
    assert contact.undeliverable_until is None
    assert Delivery.objects.get().state == state
    assert_sums_are_whole(Delivery.objects.get().campaign)


@pytest.mark.parametrize("way", ["sender", "stop", "recipient"])
def test_a_complaint_is_an_objection(open_world: World, way: str) -> None:
    (contact,) = add_customers(open_world, [ADDRESS])
    path = sent_letter(open_world, contact)
    token = make_stop_token(
        contact_id=contact.pk, exact_token=bytes(contact.token), campaign_id=1, keyring=keyring()
    )  # fmt: skip
    told = {
        "sender": (complaint_report(sender=path), "fbl@esimerkki.fi"),
        "stop": (complaint_report(stop=f"<https://kirjeet.esimerkki.fi/s/{token}>"), "fbl@esimerkki.fi"),
        "recipient": (complaint_report(), path),
    }
    assert take_report(*told[way])
    assert not Contact.objects.exists()
    stop = Stop.objects.get()
    assert (stop.kind, stop.channel, stop.answered_at is not None) == ("objection", "complaint", True)
    assert Suppression.objects.get().expires_at is None


def test_a_report_about_a_letter_that_is_not_ours_is_nobody_s(world: World, contact: Contact) -> None:
    made_up = f"bounce+{'0' * 40}@esimerkki.fi"
    assert not take_report(bounce_report("5.1.1"), made_up)
    assert not take_report(complaint_report(sender=made_up), "fbl@esimerkki.fi")
    assert Contact.objects.filter(undeliverable_until=None).exists()


def test_other_mail_to_a_return_path_is_taken_and_changes_nothing(world: World, contact: Contact) -> None:
    path = sent_letter(world, contact)
    assert take_report(LETTER, path)
    assert Delivery.objects.get().state == "accepted"


def test_a_bounce_comes_in_by_the_receiver(open_world: World) -> None:
    (contact,) = add_customers(open_world, [ADDRESS])
    path, port = sent_letter(open_world, contact), free_port()
    with MailReceiver("127.0.0.1", port), smtplib.SMTP("127.0.0.1", port) as client:
        assert client.sendmail("", [path], bounce_report("5.1.1")) == {}
    assert Delivery.objects.get().state == "refused"


def test_a_refusal_at_once_counts_as_well_and_its_report_later_does_not(open_world: World, receiver: Receiver) -> None:
    (contact,) = add_customers(open_world, ["refuse+1@esimerkki.fi"])
    campaign = approved(open_world)
    assert send_campaign(campaign.pk, workers=1, actor=OPERATOR).refused == 1
    identity = Identities(keyring()).identify(contact_id=contact.pk, campaign_id=campaign.pk)
    assert take_report(bounce_report("5.1.1"), f"{identity.return_path.decode()}@esimerkki.fi")
    assert HardBounce.objects.get().letters == 1
    contact.refresh_from_db()
    assert contact.undeliverable_until is not None


def test_letters_that_came_back_long_ago_are_forgotten(world: World, contact: Contact) -> None:
    now = timezone.now()
    HardBounce.objects.create(contact_id=contact.pk, last_at=now - 3 * UNDELIVERABLE)
    assert forget_hard_bounces(now) == 1
