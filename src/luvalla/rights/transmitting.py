"""Posting a confirmed copy to another Luvalla, and noting in the case what came of it.

The other controller's API takes it by the number of the transmission, so that what is posted again is taken once.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.vault import sealer
from luvalla.organisation.egress import Answer, reach
from luvalla.organisation.errors import EgressFailed, EgressRefused
from luvalla.rights.actions.moving import note_event
from luvalla.rights.actions.tasks import finish_task
from luvalla.rights.columns import RECEIVING_KEY
from luvalla.rights.copies.portability import as_json, portable_of
from luvalla.rights.models import ReceivingController, Transmission
from luvalla.rights.queries import open_transmission_task

State = Transmission.State
PATH: Final = "/api/v1/copies"
NUMBER: Final = "Idempotency-Key"
"""The header that carries the number of a transmission."""
MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=1)
"""Doubled after each attempt: the eighth comes two hours after the first."""
TAKEN: Final = frozenset({200, 201})
LATER: Final = frozenset({408, 425, 429}) | frozenset(range(500, 600))
"""Answers after which it is tried again (RFC 9110, RFC 6585)."""
LONGEST: Final = 40


def push(transmission: Transmission) -> Transmission:
    """Post a copy that waits. Safe to call again: what was answered is not posted anew."""
    if transmission.state != State.WAITING:
        return transmission
    if transmission.to.closed_at is not None:
        return _over(transmission, State.FAILED, "closed")
    try:
        return _noted(transmission, _posted(transmission))
    except EgressRefused as fault:
        return _over(transmission, State.FAILED, fault.reason)
    except EgressFailed:
        return _later(transmission, "no_answer")


def _noted(transmission: Transmission, answer: Answer) -> Transmission:
    if answer.status in TAKEN:
        return _over(transmission, State.SENT, _reference_in(answer))
    code = f"status_{answer.status}"
    return _later(transmission, code) if answer.status in LATER else _over(transmission, State.FAILED, code)


def _posted(transmission: Transmission) -> Answer:
    headers = {
        "Authorization": f"Bearer {_key_of(transmission.to)}",
        "Content-Type": "application/json",
        NUMBER: str(transmission.ref),
    }
    body = as_json(portable_of(transmission.request))
    return reach(url=transmission.to.url + PATH, method="POST", body=body, headers=headers)


def _key_of(receiver: ReceivingController) -> str:
    return sealer().open(bytes(receiver.sealed_key), column=RECEIVING_KEY, token=receiver.ref.bytes).decode()


def _reference_in(answer: Answer) -> str:
    """Give the other side's reference of what it took; it is a stranger's word, so no more than letters and digits."""
    try:
        said = str(json.loads(answer.body)["ref"])
    except (ValueError, KeyError, TypeError):
        return ""
    return said[:LONGEST] if said.replace("-", "").isalnum() and said.isascii() else ""


@transaction.atomic
def _over(transmission: Transmission, state: Transmission.State, answer: str) -> Transmission:
    """Note what came of it: taken, and the task is done; or not, and the task stays for people."""
    row = Transmission.objects.select_for_update().select_related("request", "to").get(pk=transmission.pk)
    if row.state != State.WAITING:
        return row
    row.state, row.answer, row.answered_at, row.attempts = state, answer, timezone.now(), row.attempts + 1
    row.save(update_fields=["state", "answer", "answered_at", "attempts"])
    is_sent = state == State.SENT
    note_event(row.request, "transmitted" if is_sent else "transmission_failed", note=row.to.name, actor=SYSTEM)
    task = open_transmission_task(row.request)
    if is_sent and task is not None:
        finish_task(task=task, result="done", note=row.to.name, actor=SYSTEM)
    return row


def _later(transmission: Transmission, why: str) -> Transmission:
    tried = transmission.attempts + 1
    if tried >= MOST_ATTEMPTS:
        return _over(transmission, State.FAILED, why)
    with transaction.atomic():
        Transmission.objects.filter(pk=transmission.pk).update(attempts=tried, answer=why)
        run_at = timezone.now() + FIRST_PAUSE * 2 ** (tried - 1)
        enqueue("rights.transmit", ref=transmission.ref, run_at=run_at)
    transmission.refresh_from_db()
    return transmission
