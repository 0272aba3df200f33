"""What a worker does: finds a shard, sends it window by window, gives it back, and finds the next one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from luvalla.ledger.keys import Keyring
from luvalla.mailroom.claiming import Rest, Window, advance
from luvalla.mailroom.courier import RENEWAL, Courier
from luvalla.mailroom.errors import LeaseLost
from luvalla.mailroom.gateways import HOPELESS, Doors, Gateway, open_gateways, whole_window_failed
from luvalla.mailroom.journal import Journal
from luvalla.mailroom.lanes import hold_back
from luvalla.mailroom.leases import (
    ANY_CAMPAIGN,
    Held,
    Lease,
    Watch,
    held_shards,
    others_wait,
    renew,
    take_free_shard,
    work_remains,
)
from luvalla.mailroom.owners import boot_seconds, new_owner
from luvalla.mailroom.recording import UNREADABLE, Answered
from luvalla.mailroom.signing import KeyFile
from luvalla.mailroom.standing import is_sending
from luvalla.mailroom.takeover import settle, settle_the_dead, take_over
from luvalla.mailroom.writing import Writer, frozen_letter
from luvalla.register.facts import FactsReader
from luvalla.sending.item import Item
from luvalla.sending.outcome import Outcome, held_back

DONE: Final = 0
RELAYS_FAIL: Final = 75
"""EX_TEMPFAIL of sysexits.h."""
RELAYS_WAIT: Final = 76
"""No relay takes letters before tomorrow, or before the staff lets one."""
IDLE: Final = 0.2
SHORT_WAIT: Final = 0.05
TURN: Final = 2.0
"""Seconds after which a worker lets another campaign have its turn."""
MOST_FAILURES: Final = 6
"""Windows in a row that every relay failed, about a minute: then the campaign is held until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a parent tells a worker. campaign: its number, 0 for whatever there is; stay: also when nothing is left."""

    home: Path
    keyring: str
    relays: list[dict[str, Any]]
    mail_domain: str
    campaign: int = ANY_CAMPAIGN
    workers: int = 1
    stay: bool = False
    closures: tuple[str, ...] = ()
    """Statements that tell which broken promises close a door (rules.ports.DoorKeeper)."""
    dkim: Sequence[Sequence[str]] = ()
    """Selector, domain and PEM of each key that signs the letters."""


class Errands:
    """A worker's life."""

    def __init__(self, told: Told, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take a name, a journal and connections to be opened."""
        self._told = told
        self._sleep = sleep
        self._keyring = Keyring.from_json(told.keyring)
        self._journals = told.home / "journal"
        self._gateways = open_gateways(told.relays, host=told.mail_domain)
        self._doors = Doors(self._gateways)
        self._signing_keys = [KeyFile(*each).read() for each in told.dkim]
        self._last_campaign = ANY_CAMPAIGN
        self._reader = FactsReader()
        self._watch = Watch()
        self._writers: dict[int, Writer] = {}
        self._ended = False
        self._clean = True
        self._renewed = 0.0
        self._owner = new_owner()
        self._courier = Courier(Journal(self._journals, self._owner), self)

    def end(self) -> None:
        """Finish what has begun and begin nothing more."""
        self._ended = True

    def may_begin(self, campaign_id: int) -> bool:
        """Tell whether further letters of the campaign may begin."""
        if self._ended:
            return False
        try:
            return is_sending(campaign_id)
        except DatabaseError:
            connection.close()
            return True

    def must_end(self) -> bool:
        """Tell whether this worker is to end."""
        return self._ended

    def run(self) -> int:
        """Work until nothing is left to do soon, until no relay takes letters for long, or until told to end."""
        while not self._ended:
            code = self._why_no_relay()
            if code is not None:
                self._settle_the_dead()
                return code
            lease = self._find_shard()
            if lease is not None:
                self._serve(lease)
            elif self._is_over():
                break
            else:
                self._sleep(IDLE)
        return DONE

    def close(self) -> None:
        """Part with the relays, and remove the journal when all of it is recorded."""
        self._courier.close(self._gateways)
        if self._clean:
            self._courier.journal.remove()
        connection.close()

    def _take_new_name(self) -> None:
        """Go on as somebody else, with an empty journal: what the old one held is another worker's by now."""
        self._courier.journal.remove()
        self._owner = new_owner()
        self._courier.journal = Journal(self._journals, self._owner)

    def _find_shard(self) -> Lease | None:
        """Take a free shard, or one whose holder fell silent."""
        try:
            return self._free_shard() or self._silent_shard()
        except DatabaseError as fault:
            self._bear(fault)
        return None

    def _free_shard(self) -> Lease | None:
        """Take a free shard where a relay takes letters from this worker."""
        if self._gateway() is None:
            return None
        campaign, last = self._told.campaign, self._last_campaign
        return take_free_shard(owner=self._owner, campaign_id=campaign, after=last, now=timezone.now())

    def _silent_shard(self) -> Lease | None:
        """Take over a dead worker's shard, with or without a relay to go on with.

        Until then the dead has its share of each relay's connections: a few of them could leave the living none.
        """
        for each in self._watch.silent(held_shards(self._told.campaign)):
            lease = take_over(each, owner=self._owner, journals=self._journals)
            if lease is not None:
                return lease
        return None

    def _settle_the_dead(self) -> None:
        """Stay until all that others hold was seen to be alive or is settled: nobody may follow before tomorrow."""
        first = self._held()
        while not self._ended and first & self._held():
            try:
                settle_the_dead(self._watch, campaign=self._told.campaign, owner=self._owner, journals=self._journals)
            except LeaseLost:
                self._take_new_name()
            except DatabaseError as fault:
                self._bear(fault)
            self._sleep(IDLE)

    def _held(self) -> set[Held]:
        """Give what others hold just now, as they last renewed it; nothing while the database is away."""
        try:
            return set(held_shards(self._told.campaign))
        except DatabaseError as fault:
            self._bear(fault)
            return set()

    def _serve(self, lease: Lease) -> None:
        """Send a shard until it is given back, or lost to another worker."""
        self._clean = False
        try:
            self._send_windows(lease)
        except LeaseLost:
            self._take_new_name()
        self._clean = True

    def _send_windows(self, lease: Lease) -> None:
        answered: Answered | None = None
        turn_ends = boot_seconds() + TURN
        self._last_campaign = lease.campaign_id
        while True:
            gateway = None if self._ended else self._gateway()
            if gateway is not None and boot_seconds() >= turn_ends:
                turn_ends += TURN
                gateway = None if self._others_wait(lease) else gateway
            limit = self._reserve(gateway)
            if gateway is not None and not limit:
                self._wait_for_room(lease, answered)
                answered = None
                continue
            result = self._advance(lease, answered, limit, gateway.rate if gateway else 0)
            if gateway is not None:
                self._return_unused(gateway, limit, result)
            if not isinstance(result, Window) or gateway is None:
                return
            answered = self._send(gateway, lease, result)

    def _send(self, gateway: Gateway, lease: Lease, window: Window) -> Answered | None:
        if not window.claimed:
            return None
        items = self._writer(lease.campaign_id).items(window.claimed)
        going, waiting = self._sort(gateway, items)
        others = {**_waits(window, waiting), **_unreadable(window, items)}
        if not going:
            return Answered(window.claimed, others, relay_id=None)
        answered = self._courier.send(gateway, lease, window, going)
        self._judge(gateway, [answered.outcomes[window.claimed[each.index].contact_id] for each in going])
        return Answered(window.claimed, {**answered.outcomes, **others}, answered.relay_id)

    def _sort(self, gateway: Gateway, items: Sequence[Item]) -> tuple[Sequence[Item], dict[int, int]]:
        """Give the letters that may go now, and when the others may ask again: all while the database is away."""
        try:
            return hold_back(gateway, items, owner=self._owner, key=self._keyring.token_keys[0])
        except DatabaseError as fault:
            self._bear(fault)
            return (), {each.index: 1 for each in items}

    def _judge(self, gateway: Gateway, outcomes: list[Outcome]) -> None:
        """Leave a relay alone that took nothing, or go on with it; a database that is away learns of it later."""
        reason = whole_window_failed(outcomes)
        try:
            if reason is None:
                gateway.recovered()
            else:
                gateway.hold(reason)
        except DatabaseError as fault:
            self._bear(fault)

    def _reserve(self, gateway: Gateway | None) -> int:
        """Take room for a window; while the database is away, there is none."""
        if gateway is None:
            return 0
        try:
            return gateway.reserve()
        except DatabaseError as fault:
            self._bear(fault)
            return 0

    def _return_unused(self, gateway: Gateway, reserved: int, result: Window | Rest) -> None:
        """Put back what the window didn't need; where that fails, the relay is only given less than it would take."""
        used = len(result.claimed) if isinstance(result, Window) else 0
        try:
            gateway.return_unused(reserved - used)
        except DatabaseError as fault:
            self._bear(fault)

    def _others_wait(self, lease: Lease) -> bool:
        """Tell whether another campaign has fewer workers than this one and something to send."""
        if self._told.campaign != ANY_CAMPAIGN:
            return False
        try:
            return others_wait(lease, now=timezone.now())
        except DatabaseError as fault:
            self._bear(fault)
            return False

    def _advance(self, lease: Lease, answered: Answered | None, limit: int, rate: int) -> Window | Rest:
        """Record and claim; where the database is away, wait for it and bring the shard in order first."""
        while True:
            try:
                return advance(lease, answered=answered, limit=limit, reader=self._reader, rate=rate)
            except DatabaseError as fault:
                self._bear(fault)
            self._settle(lease, answered)
            answered = None

    def _settle(self, lease: Lease, answered: Answered | None) -> None:
        while True:
            try:
                settle(lease, answered)
            except DatabaseError as fault:
                self._bear(fault)
                if self._ended:
                    raise
            else:
                return

    def _bear(self, fault: DatabaseError) -> None:
        """Wait a little for a database that is away, locked or full; a mistake of ours is no reason to wait."""
        if isinstance(fault, IntegrityError):
            raise fault
        connection.close()
        self._sleep(IDLE)

    def _wait_for_room(self, lease: Lease, answered: Answered | None) -> None:
        """Record at once what a stop may be waiting for, then rest until the relay is to have more."""
        if answered is not None:
            self._settle(lease, answered)
        elif boot_seconds() - self._renewed > RENEWAL:
            self._renewed = boot_seconds()
            self._renew(lease)
        self._sleep(SHORT_WAIT)

    def _renew(self, lease: Lease) -> None:
        try:
            renew(lease, now=timezone.now())
        except DatabaseError as fault:
            self._bear(fault)

    def _gateway(self) -> Gateway | None:
        """Choose the first relay that isn't left alone just now; while the database is away there is none."""
        try:
            return self._doors.first_open(owner=self._owner)
        except DatabaseError as fault:
            self._bear(fault)
            return None

    def _why_no_relay(self) -> int | None:
        if all(each.failures >= MOST_FAILURES or (each.fault in HOPELESS and each.failures) for each in self._gateways):
            return RELAYS_FAIL
        return RELAYS_WAIT if all(each.day_is_full or each.limits.rests for each in self._gateways) else None

    def _is_over(self) -> bool:
        try:
            return not self._told.stay and not work_remains(self._told.campaign, now=timezone.now())
        except DatabaseError as fault:
            self._bear(fault)
            return False

    def _writer(self, campaign_id: int) -> Writer:
        while campaign_id not in self._writers:
            try:
                letter = frozen_letter(campaign_id, self._signing_keys)
            except DatabaseError as fault:
                self._bear(fault)
                if self._ended:
                    raise
            else:
                self._writers[campaign_id] = Writer(
                    campaign_id, letter=letter, keyring=self._keyring, mail_domain=self._told.mail_domain
                )
        return self._writers[campaign_id]


def _unreadable(window: Window, items: Sequence[Item]) -> dict[int, Outcome]:
    """Give the outcomes of letters that could not be written."""
    if len(items) == len(window.claimed):
        return {}
    written = {each.index for each in items}
    return {each.contact_id: UNREADABLE for number, each in enumerate(window.claimed) if number not in written}


def _waits(window: Window, waiting: dict[int, int]) -> dict[int, Outcome]:
    """Give the outcomes of letters that wait for their turn at their domain, by the seconds of each."""
    return {window.claimed[number].contact_id: held_back(seconds) for number, seconds in waiting.items()}
