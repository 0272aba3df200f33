"""Webhooks: another system is told that something happened, by ids alone, and fetches what it may know.

A call is signed: the header Luvalla-Signature holds t=<Unix time> and v1=<HMAC-SHA-256 over "<time>.<body>">. It goes
out through organisation.egress, so only to hosts on the list whose contract is in force at that moment.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Iterator
from enum import StrEnum
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from luvalla.api.errors import NotTold, WebhookRefused
from luvalla.api.models import Webhook, WebhookCall
from luvalla.campaigns.models import Campaign
from luvalla.jobs.port import enqueue
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.organisation.egress import find_way, reach
from luvalla.organisation.errors import EgressFailed, EgressRefused
from luvalla.register.models import Source
from luvalla.register.source_notices import open_notices

SIGNING_KEY: Final = "api.Webhook.signing_key"
SIGNATURE: Final = "Luvalla-Signature"
AT_ONCE: Final = 500
OK: Final = range(200, 300)
GIVEN_UP: Final = "refused"


class Event(StrEnum):
    """What a webhook can be told of."""

    NOTICE_OPENED = "notice.opened"
    CAMPAIGN_FINISHED = "campaign.finished"


@transaction.atomic
def add_webhook(
    *, url: str, events: Collection[Event], actor: Actor, source: Source | None = None
) -> tuple[Webhook, str]:
    """Add a webhook and give the key of its signatures, which is shown once.

    It is told of what happens from now on, and of the notices that already wait. WebhookRefused when nothing may go
    there, or when it shall be told of notices and names no source.
    """
    if not events or (Event.NOTICE_OPENED in events and source is None):
        raise WebhookRefused("no_source")  # noqa: EM101  # a code, not a sentence
    try:
        find_way(url)
    except EgressRefused as fault:
        raise WebhookRefused(str(fault)) from None
    except EgressFailed:
        raise WebhookRefused("no_such_name") from None  # noqa: EM101  # the same
    key = secrets.token_urlsafe(32)
    webhook = Webhook(url=url, events=" ".join(sorted(events)), source=source, made_by=str(actor))
    webhook.signing_key = sealer().seal(key.encode(), column=SIGNING_KEY, token=webhook.ref.bytes)
    webhook.save()
    record("api.add_webhook", actor=actor, subject=_subject(webhook), facts={"events": webhook.events})
    return webhook, key


@transaction.atomic
def close_webhook(*, webhook: Webhook, actor: Actor) -> None:
    """Tell a webhook nothing more; closed again, nothing changes."""
    if Webhook.objects.filter(pk=webhook.pk, closed_at=None).update(closed_at=timezone.now()):
        record("api.close_webhook", actor=actor, subject=_subject(webhook))


def open_webhooks() -> QuerySet[Webhook]:
    """Give the webhooks that are told of things, the oldest first."""
    return Webhook.objects.filter(closed_at=None).select_related("source").order_by("pk")


def note_happenings() -> int:
    """Write down what the webhooks are to be told of since the last time, each as a job; tell how many."""
    return sum(_note_for(each) for each in open_webhooks())


def tell(call_id: int) -> None:
    """Tell a webhook one thing. NotTold when it didn't take it, so that the job is tried again, later each time.

    Where it may not go any more (the host was closed, the contract ended) it is given up at once.
    """
    call = WebhookCall.objects.select_related("webhook").filter(pk=call_id, answered_at=None).first()
    if call is None or call.webhook.closed_at is not None:
        return
    WebhookCall.objects.filter(pk=call.pk).update(attempts=F("attempts") + 1)
    body = body_of(call)
    headers = {"Content-Type": "application/json", SIGNATURE: signature(call.webhook, body)}
    try:
        status = reach(url=call.webhook.url, method="POST", body=body, headers=headers, actor=SYSTEM).status
    except EgressRefused:
        _note(call, status=0, fault=GIVEN_UP, is_over=True)
        return
    except EgressFailed:
        status = 0
    _note(call, status=status, fault="" if status in OK else "no_answer", is_over=status in OK)
    if status not in OK:
        raise NotTold


def body_of(call: WebhookCall) -> bytes:
    """Give what a webhook is told: what happened and to which reference; never an address."""
    told = {"id": str(call.ref), "event": call.event, "about": call.about, "at": call.made_at.isoformat()}
    return json.dumps(told, sort_keys=True).encode()


def signature(webhook: Webhook, body: bytes, *, at: int | None = None) -> str:
    """Sign a body for a webhook: the receiver computes the same and refuses what is older than five minutes."""
    key = sealer().open(bytes(webhook.signing_key), column=SIGNING_KEY, token=webhook.ref.bytes)
    moment = int(timezone.now().timestamp()) if at is None else at
    made = hmac.new(key, str(moment).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={made}"


@transaction.atomic
def _note_for(webhook: Webhook) -> int:
    """Write the calls of one webhook. Its row is taken, so that two processes don't note the same thing."""
    kept = Webhook.objects.select_for_update().get(pk=webhook.pk)
    calls = [WebhookCall(webhook=kept, event=event, about=about) for event, about in _happenings(kept)]
    for each in calls:
        each.save()
        enqueue("api.tell_webhook", call_id=each.pk)
    kept.save(update_fields=["told_until"])
    return len(calls)


def _happenings(webhook: Webhook) -> Iterator[tuple[Event, str]]:
    """Give what happened since the last time, and move the webhook's marks."""
    events = webhook.events.split()
    if Event.NOTICE_OPENED in events and webhook.source is not None:
        # By what was told and not by number: an import's notices count from its flip on, behind younger ones.
        told = set(webhook.calls.filter(event=Event.NOTICE_OPENED).values_list("about", flat=True))
        refs = (str(ref) for ref in open_notices(webhook.source).values_list("ref", flat=True))
        yield from ((Event.NOTICE_OPENED, ref) for ref in islice((ref for ref in refs if ref not in told), AT_ONCE))
    if Event.CAMPAIGN_FINISHED in events:
        since = Campaign.objects.filter(lifecycle__finished_at__gt=webhook.told_until).select_related("lifecycle")
        for campaign in since.order_by("lifecycle__finished_at")[:AT_ONCE]:
            webhook.told_until = campaign.lifecycle.finished_at or webhook.told_until
            yield Event.CAMPAIGN_FINISHED, str(campaign.ref)


def _note(call: WebhookCall, *, status: int, fault: str, is_over: bool) -> None:
    over = timezone.now() if is_over else None
    WebhookCall.objects.filter(pk=call.pk).update(last_status=status, fault=fault, answered_at=over)


def _subject(webhook: Webhook) -> Subject:
    return Subject("webhook", str(webhook.ref))
