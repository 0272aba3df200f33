"""What the mailroom does by itself: sending what is due, going on with what was interrupted, letting go of the old."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from luvalla.jobs.port import periodic, task
from luvalla.mailroom.background import BACKGROUND
from luvalla.mailroom.bounces import drop_mailboxes, forget_hard_bounces, old_hard_bounces
from luvalla.mailroom.pace import forget_domains
from luvalla.mailroom.purging import close_cancelled, late_deliveries, purge_deliveries
from luvalla.mailroom.service_messages import REMEMBERED, due_messages, forget_mailboxes, remembered_mailboxes
from luvalla.mailroom.service_messages import send_service_message as send_one
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import DELIVERIES, UNDELIVERABLE

AT_ONCE: Final = 20


@periodic("mailroom.send", seconds=5, in_each_process=True)
def look_after_campaigns() -> None:
    """Have this process send what is due and go on with what nobody attends to."""
    BACKGROUND.ensure()


@task("mailroom.send_service_message")
def send_service_message(*, message_id: int) -> None:
    """Try to send a message that was just posted; what fails is tried again by send_waiting_messages."""
    send_one(message_id)


@periodic("mailroom.send_waiting_messages", seconds=10)
def send_waiting_messages() -> int:
    """Try the messages again whose pause is over; tell how many."""
    due = list(due_messages(timezone.now()).values_list("pk", flat=True)[:AT_ONCE])
    for pk in due:
        send_one(pk)
    return len(due)


KEEPINGS: Final = (
    Keeping("deliveries", lambda now: late_deliveries(now).count(), purge_deliveries, kept=DELIVERIES),
    Keeping("mailboxes_of_messages", lambda now: remembered_mailboxes(now).count(), forget_mailboxes, kept=REMEMBERED),
    Keeping("hard_bounces", lambda now: old_hard_bounces(now).count(), forget_hard_bounces, kept=UNDELIVERABLE),
)
"""What the mailroom keeps for a time."""


@periodic("mailroom.purge", seconds=3600)
def purge() -> int:
    """Turn old deliveries into totals, and forget whom old messages went to."""
    now = timezone.now()
    return purge_deliveries(now) + forget_mailboxes(now) + forget_hard_bounces(now) + forget_domains()


@periodic("mailroom.drop_mailboxes", seconds=60)
def drop_mailboxes_that_are_gone() -> int:
    """Take addresses out of the register that came back twice; tell how many."""
    return drop_mailboxes()


@periodic("mailroom.close_cancelled", seconds=30)
def close_cancelled_campaigns() -> int:
    """Close what is left of cancelled campaigns."""
    return close_cancelled(timezone.now())
