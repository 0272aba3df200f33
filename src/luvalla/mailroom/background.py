"""Campaigns that are sent from a long-running process (`luvalla run`, `luvalla worker`), without waiting for any.

A thread of its own looks after them: trying a relay may take seconds, and a worker ends with the thread that began it.
"""

from __future__ import annotations

import atexit
import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, connections
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import due_campaigns
from luvalla.ledger.actors import SYSTEM
from luvalla.mailroom.errors import MailroomError, RelayFault, RelayUnusable
from luvalla.mailroom.models import Delivery, Shard
from luvalla.mailroom.queries import is_attended
from luvalla.mailroom.sender import WORKERS, Course, Sending, finish_if_done

AGAIN_AFTER: Final = timedelta(seconds=60)
"""How long a campaign rests whose relays take no letters."""
AFTER_REST: Final = timedelta(seconds=1)
"""The same where the staff leave the relays alone, which costs nothing to look at."""
PAUSE: Final = 0.5
log = logging.getLogger(__name__)


class Background:
    """The sendings of this process."""

    def __init__(self) -> None:
        """Send nothing yet."""
        self._running: dict[int, Sending] = {}
        self._rests_until: dict[int, datetime] = {}
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def __len__(self) -> int:
        """Tell how many campaigns are being sent from here."""
        return len(self._running)

    def stand_back(self) -> None:
        """Leave the sending to others of this process: `luvalla worker` has a crew of its own."""
        self._ended.set()

    def ensure(self) -> None:
        """Have the thread run, from the first time this is called until the process ends."""
        if self._ended.is_set():
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._repeat, name="luvalla-sending", daemon=True)
            self._thread.start()
            atexit.register(self.stop)

    def step(self) -> None:
        """See after what runs here, start what is due, and go on with what nobody attends to."""
        now = timezone.now()
        self._look()
        for campaign in (*due_campaigns(now), *left_alone(now)):
            self._start(campaign, now)

    def stop(self) -> None:
        """Let all workers finish what they have begun."""
        self._ended.set()
        for sending in list(self._running.values()):
            sending.end()
        self._running.clear()

    def _repeat(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                self.step()
            except DatabaseError as fault:
                log.warning("campaigns could not be looked after: %s", type(fault).__name__)
                connections.close_all()

    def _start(self, campaign: Campaign, now: datetime) -> None:
        if campaign.pk in self._running or self._rests_until.get(campaign.pk, now) > now:
            return
        try:
            self._running[campaign.pk] = Sending.begin(campaign, workers=WORKERS, actor=SYSTEM)
        except MailroomError as fault:
            self._rest(campaign.pk, fault)

    def _look(self) -> None:
        for pk, sending in list(self._running.items()):
            try:
                course = sending.look()
            except MailroomError as fault:
                course = Course.OVER
                self._rest(pk, fault)
            if course is not Course.RUNNING:
                del self._running[pk]
                sending.end()
            if course is Course.HELD:
                self._rests_until[pk] = timezone.now() + (AFTER_REST if sending.relays_wait else AGAIN_AFTER)

    def _rest(self, pk: int, fault: MailroomError) -> None:
        log.warning("campaign %s waits: %s", pk, type(fault).__name__)
        is_rested = isinstance(fault, RelayUnusable) and fault.fault is RelayFault.RESTED
        self._rests_until[pk] = timezone.now() + (AFTER_REST if is_rested else AGAIN_AFTER)


def left_alone(now: datetime) -> list[Campaign]:
    """Find the campaigns that are being sent, have something to do now, and that no worker attends to."""
    sending = Campaign.objects.filter(lifecycle__state=Lifecycle.State.SENDING).select_related("lifecycle")
    if not sending.exists():  # nearly always, and to ask the rest costs more than all other idle work together
        return []
    again = Delivery.objects.filter(shard_id=OuterRef("pk"), retry_at__isnull=False)
    open_ones = Shard.objects.filter(campaign=OuterRef("pk"), done_at=None)
    waiting = open_ones.filter(
        Q(cursor__lt=F("high")) | ~Exists(again) | Exists(again.filter(retry_at__lte=now)) | ~Q(owner="")
    )
    for campaign in sending.filter(~Exists(open_ones)):
        finish_if_done(campaign)
    return [each for each in sending.filter(Exists(waiting)) if not is_attended(each, now)]


BACKGROUND: Final = Background()
