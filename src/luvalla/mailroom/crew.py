"""Workers that stay and serve whatever campaign is on its way: `luvalla worker`, on as many machines as wanted."""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connection
from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import due_campaigns
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.closing import broken_promises
from luvalla.mailroom.errands import RELAYS_FAIL, RELAYS_WAIT
from luvalla.mailroom.errors import NotToBeSent, RelayFault, RelayUnusable
from luvalla.mailroom.leases import ANY_CAMPAIGN
from luvalla.mailroom.models import Hold, Relay
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.sender import (
    WORKERS,
    Worker,
    finish_if_done,
    hold,
    newest_fault,
    prepare,
    settle_meanwhile,
    why_relays_wait,
    work_for,
)

AGAIN_AFTER: Final = timedelta(seconds=30)
TOLD: Final = ("pk", "url", "order", "in_use", "connections", "country", "processor", "rested_at")
"""What workers are told of relays when they start; limits they read by themselves."""
log = logging.getLogger(__name__)


class Crew:
    """A number of workers, started when the relays take letters and replaced when they end."""

    def __init__(self, *, workers: int | None = None) -> None:
        """Have nobody yet."""
        self._wanted = workers or WORKERS
        self._workers: list[Worker] = []
        self._rests_until: datetime | None = None
        self._known: list[tuple[object, ...]] = []

    def look(self) -> None:
        """Bring due campaigns on their way, finish those that are done, and have as many workers as wanted."""
        try:
            self._look_after_campaigns()
            codes = {each.code for each in self._workers}
            if RELAYS_FAIL in codes:
                self._rest(*newest_fault())
            elif RELAYS_WAIT in codes:
                self._rest(*why_relays_wait())
            self._workers = [each for each in self._workers if each.code is None]
            self._follow_changes()
            if len(self._workers) < self._wanted and self._may_start():
                self._start()
        except DatabaseError as fault:
            log.warning("the database is away: %s", type(fault).__name__)
            connection.close()

    def end(self) -> None:
        """Let everybody finish what they have begun."""
        for each in self._workers:
            each.end()
        for each in self._workers:
            each.wait()

    def _follow_changes(self) -> None:
        """Let the workers end when a relay was recorded, changed or rested: those that follow know it as it is now."""
        known = _recorded()
        if known != self._known:
            self._known = known
            self._rests_until = None
            for each in self._workers:
                each.end()

    def _may_start(self) -> bool:
        return self._rests_until is None or self._rests_until <= timezone.now()

    def _start(self) -> None:
        try:
            relays = usable_relays()
        except RelayUnusable as fault:
            self._rest(fault.fault, fault.relay)
            return
        finally:
            self._known = _recorded()  # the relay of the settings gets its row at its first use
        Hold.objects.exclude(fault=RelayFault.PROMISE_BROKEN.value).delete()
        told = work_for(relays, campaign=ANY_CAMPAIGN, workers=self._wanted, stay=True)
        self._rests_until = timezone.now() + timedelta(seconds=1)
        self._workers += [Worker(told) for _ in range(self._wanted - len(self._workers))]

    def _rest(self, fault: RelayFault, relay: str) -> None:
        """Leave the relays alone for a while, and say at each campaign why it waits."""
        log.warning("no relay can be used: %s", fault.value)
        self._rests_until = timezone.now() + AGAIN_AFTER
        for campaign in _sending():
            hold(campaign, fault, relay)
        settle_meanwhile()

    def _look_after_campaigns(self) -> None:
        for campaign in due_campaigns(timezone.now()):
            if not broken_promises(campaign.purpose.key):
                with contextlib.suppress(NotToBeSent):
                    prepare(campaign, actor=SYSTEM)
        for campaign in _sending():
            finish_if_done(campaign)
        _release_mended()


def _release_mended() -> None:
    """Let go the campaigns that waited for promises which hold again."""
    held = Hold.objects.filter(fault=RelayFault.PROMISE_BROKEN.value).select_related("campaign__purpose")
    for each in held:
        if not broken_promises(each.campaign.purpose.key):
            each.delete()


def _recorded() -> list[tuple[object, ...]]:
    return list(Relay.objects.order_by("pk").values_list(*TOLD))


def _sending() -> list[Campaign]:
    return list(Campaign.objects.filter(lifecycle__state=Lifecycle.State.SENDING).select_related("lifecycle"))
