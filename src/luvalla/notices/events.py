"""What happens in the house that may break or mend a promise: the claims concerned are checked soon after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models.signals import post_save
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.models import LedgerRow
from luvalla.notices.models import ClaimVerdict

SOON: Final = timedelta(seconds=20)
"""Changes that follow each other closely are checked together."""
LOOKED_AFTER: Final = timedelta(seconds=5)
"""A verdict written sooner after an event may come from a look before it."""
TASK: Final = "notices.check_after"
RECIPIENTS: Final = ("S13", "S19", "S20")
ACCOUNTS: Final = ("S13", "S23", "S24", "S25")
INTERESTS: Final = ("S5", "S7", "S8", "S10", "S38")
CONTENTS: Final = ("S9", "S12", "S15", "S16", "S18")
LETTERS: Final = ("S3", "S5", "S16", "S36")
AFTER: Final = {
    "mailroom.record_relay": RECIPIENTS,
    "mailroom.note_relay": RECIPIENTS,
    "organisation.record_processor": RECIPIENTS,
    "organisation.record_transfer": RECIPIENTS,
    "organisation.record_disclosee": RECIPIENTS,
    "organisation.declare_host": RECIPIENTS,
    "organisation.close_host": RECIPIENTS,
    "organisation.declare_purpose": INTERESTS,
    "organisation.approve_balancing_test": INTERESTS,
    "organisation.record_controller": ("S1", "S3"),
    "organisation.note_comparison": ("S1", "S45", "S46"),
    "organisation.declare_field": ("S1", *CONTENTS),
    "campaigns.approve_campaign": LETTERS,
    "campaigns.cancel_campaign": LETTERS,
    "notices.publish_notice": ("S1", "S2", "S3", "S5", "S13", "S15", "S16", "S46"),
    "register.settle_batch": CONTENTS,
    "register.declare_source": ("S16",),
    "people.end_contract": ACCOUNTS,
    "people.record_undertaking": ACCOUNTS,
    "people.revoke_undertaking": ACCOUNTS,
    "people.close_account": ACCOUNTS,
    "people.set_roles": ACCOUNTS,
    "people.record_employer": ACCOUNTS,
}
"""Verbs of the ledger, and the claims to check after them."""


def watch_events() -> None:
    """Listen to the ledger: every write that matters is a row of it."""
    post_save.connect(note_event, sender=LedgerRow, dispatch_uid="notices.note_event")


def note_event(*, instance: LedgerRow, created: bool, **_: Any) -> None:
    """Ask for the checks in the transaction of the write."""
    if created and instance.verb in AFTER:
        enqueue(TASK, run_at=timezone.now() + SOON, row=instance.pk)


def claims_to_check(row: int) -> tuple[str, ...]:
    """Give the claims an event asks for; none where a run since then has looked at them all, for another event."""
    event = LedgerRow.objects.filter(pk=row).first()
    if event is None:
        return ()
    wanted = AFTER.get(event.verb, ())
    since = ClaimVerdict.objects.filter(claim__in=wanted, checked_at__gt=event.at + LOOKED_AFTER)
    return () if set(since.values_list("claim", flat=True)) >= set(wanted) else wanted
