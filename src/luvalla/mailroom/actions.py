"""Writing to the mailroom: service messages and test copies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from luvalla.campaigns.models import Campaign
from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import keyring
from luvalla.mailroom.errors import NotStaff, TestNotTaken
from luvalla.mailroom.models import Relay, ServiceMessage
from luvalla.mailroom.posting import post_one
from luvalla.mailroom.service_messages import AttachedFile, Draft, compose, sealed_message
from luvalla.mailroom.trial_copies import is_staff_mailbox, trial_copy
from luvalla.organisation.queries import the_controller
from luvalla.rules.address import Address
from luvalla.sending.outcome import Kind, Outcome


@transaction.atomic
def post_service_message(
    *,
    kind: str,
    address: Address,
    subject: str,
    text: str,
    html: str,
    language: str,
    is_answer: bool = False,
    attachments: Sequence[AttachedFile] = (),
    reply_to: str = "",
    actor: Actor,
) -> ServiceMessage:
    """Have a message sent to a mailbox at once, also to a suppressed one: it is an answer, and never marketing.

    Answers go to reply_to, or to the controller's own mailbox. It is sealed with its attachments until it is sent,
    tried again until it expires, and then emptied. ValueError for a line break in the subject; AttachmentsTooLarge;
    NotSetUp before there is an organisation.
    """
    draft = Draft(kind, address, subject, text, html, language, is_answer, attachments, reply_to)
    ref = uuid.uuid4()
    message = compose(draft, controller=the_controller(), ref=ref.hex, now=timezone.now())
    folded, sealed = sealed_message(draft, message)
    row = ServiceMessage.objects.create(ref=ref, kind=kind, folded=folded, sealed=sealed)
    facts = {"kind": kind, "attachments": len(attachments)} if attachments else {"kind": kind}
    record("mailroom.post_service_message", actor=actor, subject=Subject("message", str(ref)), facts=facts)
    enqueue("mailroom.send_service_message", message_id=row.pk)
    return row


@transaction.atomic
def record_relay(*, relay: Relay, actor: Actor) -> Relay:
    """Record a relay, new or changed. Whether letters may leave through it is decided each time anew."""
    relay.save()
    facts = {"name": relay.name, "country": relay.country, "processor": relay.processor_id, "in_use": relay.in_use}
    record("mailroom.record_relay", actor=actor, subject=Subject("relay", str(relay.pk)), facts=facts)
    return relay


@transaction.atomic
def rest_relay(*, relay: Relay, rests: bool, actor: Actor) -> None:
    """Leave a relay alone, or let it take letters again; workers act on it within a second."""
    Relay.objects.filter(pk=relay.pk).update(rested_at=timezone.now() if rests else None)
    facts = {"name": relay.name, "rests": rests}
    record("mailroom.rest_relay", actor=actor, subject=Subject("relay", str(relay.pk)), facts=facts)


def send_test(*, campaign: Campaign, to: Address, actor: Actor) -> Outcome:
    """Send the campaign's letter as it is now to a mailbox of the staff, marked as a test; its stop link stops nobody.

    Raises NotStaff for any other mailbox, RelayUnusable, TestNotTaken where the relay did not take it, and LetterUnfit
    where the draft cannot become mail.
    """
    if not is_staff_mailbox(to):
        raise NotStaff
    outcome = post_one(trial_copy(campaign, to, keyring=keyring(), mail_domain=the_controller().mail_domain))
    with transaction.atomic():
        facts = {"outcome": outcome.kind.value, "code": outcome.answer}
        record("mailroom.send_test", actor=actor, subject=Subject("campaign", str(campaign.ref)), facts=facts)
    if outcome.kind is not Kind.ACCEPTED:
        raise TestNotTaken(outcome.answer)
    return outcome
