"""Sending a single message, now: for service messages and test copies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from django.conf import settings

from luvalla.mailroom.kinds import SomeRelay, open_pool
from luvalla.mailroom.relays import lawful_relays
from luvalla.mailroom.signing import KeyFile, key_files
from luvalla.organisation.queries import the_controller
from luvalla.sending.dialogue import Item
from luvalla.sending.outcome import Kind, Outcome, Reason, not_sent
from luvalla.sending.relay import Relay, Timeouts
from luvalla.sending.signed_letter import sign_message

Result = TypeVar("Result")
SHORT = Timeouts(connect=10, greeting=20, command=30, data=30, block=30, finish=60)


def post_one(item: Item) -> Outcome:
    """Send one message through the first lawful relay that takes it; RelayUnusable where none may be used."""
    outcome = not_sent(Reason.NO_CONNECTION)
    if keys := [each.read() for each in signing_keys()]:
        raw = item.pieces if isinstance(item.pieces, bytes) else b"".join(item.pieces)
        item = replace(item, pieces=sign_message(raw, keys, signed_at=int(time.time())))
    for each in lawful_relays():
        relay = each.relay
        if isinstance(relay, Relay):
            relay = replace(relay, timeouts=SHORT, ehlo_name=the_controller().mail_domain)
        outcome = run_apart(_send(relay, item))
        if outcome.kind is not Kind.NOT_SENT:
            break
    return outcome


def signing_keys() -> list[KeyFile]:
    """Give the DKIM keys that sign for the organisation's sender; RelayUnusable where one of them can't be used."""
    return key_files(settings.LUVALLA_DKIM, the_controller().sender_address.rpartition("@")[2].lower())


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: the caller's may have a running event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _send(relay: SomeRelay, item: Item) -> Outcome:
    outcomes: list[Outcome] = []
    pool = open_pool(relay, 1)
    await pool.send_window([item], may_start=lambda: True, on_outcome=lambda _, outcome: outcomes.append(outcome))
    await pool.close()
    return outcomes[0]
