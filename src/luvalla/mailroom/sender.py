"""Sending a campaign: shards are made, workers started, watched and replaced, until every letter has its outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from luvalla.campaigns.actions import begin_sending, finish_campaign, resume_campaign
from luvalla.campaigns.errors import IllegalStep
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import keyring
from luvalla.mailroom.closing import refuse_while_closed
from luvalla.mailroom.errands import RELAYS_FAIL, RELAYS_WAIT
from luvalla.mailroom.errors import LeaseLost, NotToBeSent, RelayFault, RelayUnusable, WorkersFail
from luvalla.mailroom.journal import sweep_journals
from luvalla.mailroom.leases import ANY_CAMPAIGN, Watch
from luvalla.mailroom.models import Hold, Relay, Shard
from luvalla.mailroom.owners import new_owner
from luvalla.mailroom.posting import signing_keys
from luvalla.mailroom.preflight import usable_relays
from luvalla.mailroom.queries import Progress, all_shards_done, progress
from luvalla.mailroom.relays import Usable
from luvalla.mailroom.shards import make_shards
from luvalla.mailroom.takeover import settle_the_dead
from luvalla.organisation.queries import the_controller
from luvalla.rules.ports import door_keepers

State = Lifecycle.State
Result = TypeVar("Result")
WORKERS: Final = min(2, os.cpu_count() or 1)
PAUSE: Final = 0.2
LONGEST_ABSENCE: Final = 300.0
"""Seconds for which a database may be away before a campaign is given up; called again it goes on."""
MOST_CRASHES: Final = 20
"""Workers that died one after the other without any letter handled in between."""
LAST_WORDS: Final = 10.0
WATCH: Final = Watch()
"""Sees from this process who has fallen silent while no worker runs."""
SQLITE_IN_A_WORKER: Final = "PRAGMA cache_size=-8192;"
"""A worker reads its window once: a large cache would only make every process large."""


POSTGRESQL_IN_A_WORKER: Final = {"server_side_binding": True, "prepare_threshold": 2}
"""A worker repeats a dozen statements for every window: planned once, they cost the server a fifth less."""


class Course(StrEnum):
    """How a sending stands."""

    RUNNING = "running"
    OVER = "over"
    """Nothing is left to send soon; or the campaign was paused, cancelled or finished."""
    HELD = "held"
    """No relay takes letters, or none does today."""


def send_campaign(
    campaign_id: int,
    *,
    workers: int | None = None,
    on_progress: Callable[[Progress], object] = lambda _: None,
    actor: Actor = SYSTEM,
) -> Progress:
    """Send a campaign until only attempts later than a minute remain, or none; called again it goes on.

    Raises Campaign.DoesNotExist, NotToBeSent when it isn't approved or was cancelled, RelayUnusable when no relay may
    or can be used (nothing was sent then), WorkersFail when workers die without getting anywhere.
    """
    campaign = Campaign.objects.select_related("lifecycle").get(pk=campaign_id)
    sending = Sending.begin(campaign, workers=workers or WORKERS, actor=actor)
    try:
        while with_patience(sending.look) is Course.RUNNING:
            with_patience(lambda: on_progress(progress(campaign)))
            time.sleep(PAUSE)
    finally:
        with_patience(sending.end)
    last = with_patience(lambda: progress(campaign))
    on_progress(last)
    return last


def with_patience(act: Callable[[], Result]) -> Result:
    """Do something again while the database is away or locked, which the workers bear too; give up after minutes."""
    began = time.monotonic()
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() - began > LONGEST_ABSENCE:
                raise
            time.sleep(PAUSE)


class Sending:
    """The workers of one campaign, and the look after them."""

    def __init__(self, campaign: Campaign, workers: Sequence[Worker]) -> None:
        """Take workers that run."""
        self._campaign = campaign
        self._workers = list(workers)
        self._crashes = 0
        self.relays_wait = False
        """No relay takes letters before tomorrow, or before the staff lets one."""
        self._handled = -1

    @classmethod
    def begin(cls, campaign: Campaign, *, workers: int, actor: Actor) -> Sending:
        """Prepare the campaign and start its workers. Raises as send_campaign does."""
        if campaign.lifecycle.state == State.FINISHED:
            return cls(campaign, ())
        check_state(campaign)
        relays = hold_unless_usable(campaign)
        prepare(campaign, actor=actor)
        if all_shards_done(campaign):
            return cls(campaign, ())
        told = work_for(relays, campaign=campaign.pk, workers=workers)
        return cls(campaign, [Worker(told) for _ in range(workers)])

    def look(self) -> Course:
        """See after the workers: replace the dead, and tell how the sending stands."""
        ended = [each for each in self._workers if each.code is not None]
        if any(each.code == RELAYS_FAIL for each in ended):
            hold(self._campaign, *newest_fault())
            return Course.HELD
        for each in ended:
            self._workers.remove(each)
            if each.code == RELAYS_WAIT:
                self.relays_wait = True
            elif each.code != 0:
                self._workers.append(each.replaced())
                self._count_crash()
        if self._workers:
            return Course.RUNNING
        if not finish_if_done(self._campaign) and self.relays_wait:
            hold(self._campaign, *why_relays_wait())
            return Course.HELD
        return Course.OVER

    def end(self) -> None:
        """Let the workers finish what they have begun."""
        for each in self._workers:
            each.end()
        for each in self._workers:
            each.wait()
        holders = set(Shard.objects.exclude(owner="").values_list("owner", flat=True))
        sweep_journals(Path(settings.LUVALLA_HOME) / "journal", holders=holders, now=time.time())

    def _count_crash(self) -> None:
        now = progress(self._campaign)
        settled = now.handled + now.accepted + now.refused + now.deferred + now.unknown
        self._crashes = 1 if settled > self._handled else self._crashes + 1
        self._handled = max(settled, self._handled)
        if self._crashes > MOST_CRASHES:
            raise WorkersFail


class Worker:
    """A worker's process, seen from its parent."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Start it and tell it its work."""
        self._told = told
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "luvalla.mailroom.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
        )
        assert self._process.stdin is not None
        with self._process.stdin as told_to:
            told_to.write(json.dumps(told).encode())

    @property
    def code(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def replaced(self) -> Worker:
        """Start another one with the same work."""
        return Worker(self._told)

    def end(self) -> None:
        """Tell it to finish."""
        if self.code is None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait for its end; what hangs is killed, and its shard taken over by whoever sends next."""
        try:
            self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def work_for(relays: Sequence[Usable], *, campaign: int, workers: int, stay: bool = False) -> dict[str, Any]:
    """Write down what a worker has to know. It goes through a pipe: it has the keys and the relay's password in it."""
    return {
        "parent": os.getpid(),
        "database": _database(),
        "work": {
            "home": str(Path(settings.LUVALLA_HOME)),
            "keyring": keyring().to_json(),
            "relays": [
                {
                    "id": each.row.pk,
                    "name": each.row.name,
                    "url": each.url,
                    "connections": each.relay.connections,
                }
                for each in relays
            ],
            "mail_domain": the_controller().mail_domain,
            "campaign": campaign,
            "workers": workers,
            "stay": stay,
            "closures": [each.statement for each in door_keepers],
            "dkim": [list(each) for each in signing_keys()],
        },
    }


def check_state(campaign: Campaign) -> None:
    """Raise NotToBeSent unless the campaign is approved, or on its way already."""
    state = campaign.lifecycle.state
    if state not in {State.APPROVED, State.SCHEDULED, State.SENDING, State.PAUSED}:
        raise NotToBeSent(state)


def prepare(campaign: Campaign, *, actor: Actor) -> None:
    """Bring the campaign into sending, unless another process has just done so, and make its shards.

    Raises NotToBeSent where somebody has cancelled it meanwhile.
    """
    state = Lifecycle.objects.get(campaign=campaign).state
    try:
        if state in {State.APPROVED, State.SCHEDULED}:
            begin_sending(campaign=campaign, actor=actor)
        elif state == State.PAUSED:
            resume_campaign(campaign=campaign, actor=actor)
    except IllegalStep:
        check_state(Campaign.objects.select_related("lifecycle").get(pk=campaign.pk))
    make_shards(campaign=campaign, actor=actor)


def hold_unless_usable(campaign: Campaign) -> list[Usable]:
    """Give the relays to send through; where there is none, or a broken promise closes sending, hold and raise."""
    try:
        refuse_while_closed(campaign.purpose.key)
        relays = usable_relays()
    except RelayUnusable as unusable:
        hold(campaign, unusable.fault, unusable.relay)
        settle_meanwhile()
        raise
    Hold.objects.filter(campaign=campaign).delete()
    Relay.objects.filter(pk__in=[each.row.pk for each in relays]).update(held_until=None, last_fault="")
    return relays


def settle_meanwhile() -> None:
    """Settle what the dead had begun while no worker can be started that would."""
    journals = Path(settings.LUVALLA_HOME) / "journal"
    with suppress(LeaseLost):  # somebody else is at it
        settle_the_dead(WATCH, campaign=ANY_CAMPAIGN, owner=new_owner(), journals=journals)


@transaction.atomic
def hold(campaign: Campaign, fault: RelayFault, relay: str) -> None:
    """Note why the campaign's letters wait, once for the same fault."""
    if Hold.objects.filter(campaign=campaign, fault=fault.value, relay=relay).exists():
        return
    Hold.objects.update_or_create(campaign=campaign, defaults={"fault": fault.value, "relay": relay})
    facts = {"fault": fault.value, "relay": relay}
    record("mailroom.hold_campaign", actor=SYSTEM, subject=Subject("campaign", str(campaign.ref)), facts=facts)


def finish_if_done(campaign: Campaign) -> bool:
    """Finish the campaign when every letter has its outcome; tell whether it is finished now."""
    with transaction.atomic():
        state = Lifecycle.objects.select_for_update().get(campaign=campaign).state
        if state == State.SENDING and all_shards_done(campaign):
            finish_campaign(campaign=campaign, actor=SYSTEM)
            return True
    return state == State.FINISHED


def newest_fault() -> tuple[RelayFault, str]:
    """Tell which relay failed last, and how."""
    row = Relay.objects.exclude(last_fault="").order_by("-held_until").first()
    return (RelayFault(row.last_fault), row.name) if row else (RelayFault.UNREACHABLE, "")


def why_relays_wait() -> tuple[RelayFault, str]:
    """Tell which relay has had its letters of today; where none has, the staff leave them alone."""
    full = Relay.objects.filter(last_fault=RelayFault.DAY_FULL.value, held_until__gt=timezone.now(), rested_at=None)
    row = full.order_by("order", "pk").first()
    return (RelayFault.DAY_FULL, row.name) if row else (RelayFault.RESTED, "")


def _database() -> dict[str, Any]:
    """Give the database's settings as a worker takes them."""
    wanted = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    told = {name: value for name, value in connection.settings_dict.items() if name in wanted}
    told["NAME"] = str(told["NAME"])
    if connection.vendor == "sqlite":
        options = dict(told["OPTIONS"])
        options["init_command"] = options.get("init_command", "") + " " + SQLITE_IN_A_WORKER
        told["OPTIONS"] = options
    else:
        told["OPTIONS"] = {**told["OPTIONS"], **POSTGRESQL_IN_A_WORKER}
        told["OPTIONS"].pop("pool", None)
    return told
