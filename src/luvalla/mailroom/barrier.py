"""The wait of a stop: until no claimed window holds the contact, so that no letter begins after the stop's answer.

The stop has committed its block before it asks. Then each running shard's row is locked once: a claim that read before
the block commits before the lock is given, and every later claim sees the block. What is claimed by then is waited for
until its answers are recorded. A holder that fell silent begins no letter once its lease is over (see leases.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from luvalla.mailroom.leases import LONGEST_SILENCE, lock_row
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.queries import letters_to
from luvalla.rules.ports import Barrier

SHORTEST_PAUSE: Final = 0.002
LONGEST_PAUSE: Final = 0.05


class SendingBarrier:
    """The mailroom's part at the port rules.ports.barriers."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Take a clock that nobody sets."""
        self._clock = clock
        self._sleep = sleep

    def wait(self, contact_ids: tuple[int, ...], *, at_most: timedelta) -> bool:
        """Return True when no letter to these contacts can begin any more, False when the time ran out before.

        To be called outside of a transaction, after the block has committed.
        """
        if not contact_ids:
            return True
        let_claims_commit(contact_ids)
        began, pause = self._clock(), SHORTEST_PAUSE
        while is_claimed(contact_ids):
            waited = self._clock() - began
            if waited >= LONGEST_SILENCE:
                return True
            if waited >= at_most.total_seconds():
                return False
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        return True


def let_claims_commit(contact_ids: tuple[int, ...]) -> None:
    """Wait for the claims under way in the shards of these contacts. SQLite has one writer: there the stop was it."""
    if not connection.features.has_select_for_update:
        return
    running = Shard.objects.filter(low__lte=max(contact_ids), high__gt=min(contact_ids), done_at=None)
    for shard_id in running.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            lock_row(shard_id)


def is_claimed(contact_ids: tuple[int, ...]) -> bool:
    """Tell whether a window holds a letter to one of the contacts."""
    return letters_to(contact_ids).filter(state=Delivery.State.CLAIMED).exists()


BARRIER: Final[Barrier] = SendingBarrier()
