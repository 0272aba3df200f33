"""G3: a restriction that commits in the middle of a campaign holds back every letter that has not begun."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from luvalla.campaigns.actions import pause_campaign, resume_campaign
from luvalla.jobs.port import periodic_tasks
from luvalla.ledger.actors import OPERATOR, SYSTEM
from luvalla.ledger.vault import sealer
from luvalla.mailroom.models import Relay
from luvalla.mailroom.queries import progress
from luvalla.mailroom.sender import send_campaign
from luvalla.register.columns import CONTACT_ADDRESS
from luvalla.register.errors import LiftingNotAnnounced
from luvalla.register.models import Contact, Permission
from luvalla.register.queries import contacts_of_domain, exportable_contacts, visible_contacts
from luvalla.register.restriction import lift, may_be_lifted, note_notice_sent
from luvalla.register.stop import restrict
from luvalla.rules.address import normalise
from luvalla.sending.testing import Receiver
from luvalla.staff.dashboard.letters import _audience_size
from tests.scenarios.test_g1 import tonight
from tests.support.campaigns import approved_campaign
from tests.support.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
QUEUED, SENT = 10_000, 4_000
LETTERS_A_SECOND = 2_500
LAST = f"asiakas{QUEUED - 1}@esimerkki.fi"


def add_customers(world: World) -> None:
    """Put ten thousand customers into the register, in the order in which they will be sent to."""
    keys, contacts = sealer(), []
    for number in range(QUEUED):
        address = normalise(f"asiakas{number}@esimerkki.fi")
        token = keys.exact_token(address)
        sealed = keys.seal(address.text.encode(), column=CONTACT_ADDRESS, token=token)
        folded, domain = keys.folded_token(address), keys.domain_token(address.domain)
        contacts.append(Contact(token=token, folded=folded, domain=domain, sealed=sealed))
    Contact.objects.bulk_create(contacts, 1000)
    Permission.objects.bulk_create(
        [
            Permission(contact_id=each, kind="customer", source=world.crm, audience=world.customers)
            for each in Contact.objects.order_by("pk").values_list("pk", flat=True)
        ],
        1000,
    )


def send_in_thread(campaign: int) -> None:
    try:
        send_campaign(campaign, workers=2, actor=OPERATOR)
    finally:
        connection.close()


def run_nightly_tasks() -> None:
    """Do what is done by itself, but for the thread that would go on sending after the test."""
    for each in periodic_tasks():
        if each.name != "mailroom.send":
            each.run()


def test_g3_a_restriction_in_the_middle_of_a_campaign_holds_back_its_letter(settings: Settings) -> None:
    world = make_world()
    add_customers(world)
    contact = Contact.objects.get(token=sealer().exact_token(normalise(LAST)))
    campaign = approved_campaign(world)
    settings.LUVALLA_SMTP_URL = ""
    with Receiver() as receiver:
        Relay.objects.create(name="oma", url=receiver.url, letters_a_second=LETTERS_A_SECOND)
        sending = threading.Thread(target=send_in_thread, args=(campaign.pk,))
        sending.start()
        deadline = time.monotonic() + 60
        while len(receiver.messages) < SENT:
            assert time.monotonic() < deadline, "the campaign did not get going"
            time.sleep(0.01)
        answer = restrict(address=normalise(LAST), reason="accuracy contested", channel="desk", actor=SYSTEM)
        answered = time.monotonic()
        already = len(receiver.messages)
        pause_campaign(campaign=campaign, actor=OPERATOR)
        sending.join(60)
        resume_campaign(campaign=campaign, actor=OPERATOR)
        send_in_thread(campaign.pk)
        began = {message.recipients[0].decode(): message.mailed_at for message in receiver.messages}
        total = len(receiver.messages)

        assert answer.finished
        assert SENT <= already < QUEUED
        assert began.get(LAST, 0.0) < answered
        assert LAST not in began
        assert total == len(began) == QUEUED - 1
        result = progress(campaign)
        assert (result.accepted, dict(result.withheld)) == (QUEUED - 1, {"restricted": 1})

        check_that_restricted_data_rests(world, contact)
        check_that_nobody_counts_or_shows_it(world, contact)
        check_that_lifting_needs_a_word_before_it(contact)
        send_in_thread(campaign.pk)
        assert len([each for each in receiver.messages if each.recipients[0].endswith(b"@esimerkki.fi")]) == total


def check_that_restricted_data_rests(world: World, contact: Contact) -> None:
    """No import changes the row, and no retention job takes it, however long it stands."""
    tonight(world, LAST, "asiakas0@esimerkki.fi", *(f"asiakas{number}@esimerkki.fi" for number in range(1, QUEUED - 1)))
    given = list(Permission.objects.filter(contact=contact, ended_at=None))
    assert [each.batch_id for each in given] == [None]
    with time_machine.travel(timezone.now() + timedelta(days=800)):
        run_nightly_tasks()
    assert Contact.objects.filter(pk=contact.pk).exclude(restricted_at=None).exists()


def check_that_nobody_counts_or_shows_it(world: World, contact: Contact) -> None:
    """It is in no export, no list, no search and no figure; the desk alone sees it."""
    assert not exportable_contacts(world.customers).filter(pk=contact.pk).exists()
    assert not visible_contacts().filter(pk=contact.pk).exists()
    assert visible_contacts(restricted=True).filter(pk=contact.pk).exists()
    assert not contacts_of_domain("esimerkki.fi").filter(pk=contact.pk).exists()
    assert _audience_size(world.customers.pk) == QUEUED - 1


def check_that_lifting_needs_a_word_before_it(contact: Contact) -> None:
    """The data subject is told before a restriction is lifted (GDPR 18(3))."""
    address = normalise(LAST)
    with pytest.raises(LiftingNotAnnounced):
        lift(address=address, actor=SYSTEM)
    assert not may_be_lifted(address=address)
    note_notice_sent(address=address, actor=SYSTEM)
    lift(address=address, actor=SYSTEM)
    contact.refresh_from_db()
    assert contact.restricted_at is None
