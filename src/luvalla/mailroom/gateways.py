"""A worker's relays: which one takes the next window, how large that may be, and which are left alone for a while.

A relay that fails is left to itself for ever longer while the next one in the order takes its windows. Where there is a
next one, nobody waits long for a silent one: it never holds up the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from luvalla.mailroom.claiming import MOST_IN_WINDOW
from luvalla.mailroom.errors import RelayFault
from luvalla.mailroom.fates import OURS
from luvalla.mailroom.kinds import SomePool, open_pool, read_relay
from luvalla.mailroom.limits import FREE, Limits, my_share, read_limits, read_owners
from luvalla.mailroom.owners import boot_seconds
from luvalla.mailroom.pace import give_back, reserve
from luvalla.sending.outcome import Kind, Outcome, Reason
from luvalla.sending.relay import Relay, Timeouts

SMALLEST_WINDOW: Final = 8
FIRST_WINDOW: Final = 64
AT_MOST_SECONDS: Final = 1.0
"""How long a window should take: what is claimed, a stop has to wait for."""
SOON: Final = 0.25
"""A window that was over sooner may be followed by a larger one."""
LONGEST_HOLD: Final = 60.0
SILENCE: Final = 8.0
"""Seconds that a relay is first left alone which kept us waiting, so that others get a window in between."""
USER_TIMEOUT_MS: Final = 12_000
"""TCP_USER_TIMEOUT: bytes the relay doesn't acknowledge are given up before the lease is over."""
FAULTS: Final = {
    Reason.AUTH: RelayFault.WRONG_CREDENTIALS,
    Reason.TLS: RelayFault.NO_TLS,
    Reason.PROTOCOL: RelayFault.NOT_A_RELAY,
    Reason.SENDER_REFUSED: RelayFault.REFUSES_US,
    Reason.POLICY: RelayFault.REFUSES_US,
    Reason.RELAY_BUSY: RelayFault.BUSY,
}
LIMITS_AFTER: Final = 1.0
"""Seconds after which the recorded limits are read again."""
FULL_FOR: Final = 30.0
"""Seconds after which a relay whose day is full is asked about again."""
IMPATIENT: Final = Timeouts(connect=5, greeting=10, command=30, data=30, block=30, finish=120)
"""Seconds, where another relay can take over."""
CLOSING: Final = 421
"""The reply code of a server that takes nothing more from us (RFC 5321 section 3.8)."""
PASSING: Final = frozenset({Reason.DEADLINE, Reason.DOMAIN_FULL})
"""Why a letter wasn't begun without the relay having a part in it."""
HOPELESS: Final = frozenset({RelayFault.WRONG_CREDENTIALS, RelayFault.NO_TLS, RelayFault.REFUSES_US})
"""Faults that waiting doesn't mend."""


@dataclass(slots=True)
class Gateway:
    """One relay in this worker's hands."""

    relay_id: int
    name: str
    pool: SomePool
    connections: int = 1
    limits: Limits = FREE
    has_share: bool = True
    limit: int = FIRST_WINDOW
    rate: int = 0
    failures: int = 0
    held_until: float = 0.0
    fault: RelayFault | None = None
    day_is_full: bool = False
    """Its plan had nothing left when it was last asked."""
    marks: list[float] = field(default_factory=list)

    def may_take(self, now: float) -> bool:
        """Tell whether it may be given a window now."""
        return self.has_share and not self.limits.rests and self.held_until <= now

    def learn(self, limits: Limits, *, owner: str, owners: Sequence[str]) -> None:
        """Take over the limits as they are recorded now, and this worker's share of the connections."""
        self.limits = limits
        share = my_share(self.connections, owner=owner, owners=owners)
        self.has_share = share > 0
        self.pool.bear(connections=share, letters_a_connection=limits.letters_a_connection)

    def reserve(self) -> int:
        """Take room for the next window from what all workers may hand the relay; 0 when there is none just now."""
        if not self.limits.are_counted:
            return self.limit
        granted = reserve(self.relay_id, self.limits, self.limit)
        self.day_is_full = granted.day_is_full and not granted.letters
        if self.day_is_full:
            self._end_day()
        return granted.letters

    def return_unused(self, letters: int) -> None:
        """Put back the room that a window didn't need."""
        if self.limits.are_counted:
            give_back(self.relay_id, self.limits, letters)

    def took(self, letters: int, seconds: float) -> None:
        """Learn from a window how large the next may be: about a second's worth."""
        if not letters:
            return
        self.rate = round(letters / max(seconds, 0.001))
        if 2 * letters >= self.limit and seconds < SOON:
            self.limit = min(2 * self.limit, MOST_IN_WINDOW)
        elif seconds >= SOON:
            wanted = round(letters * AT_MOST_SECONDS / seconds)
            self.limit = min(max(SMALLEST_WINDOW, wanted), MOST_IN_WINDOW)

    def hold(self, reason: Reason) -> None:
        """Leave a failing relay alone, longer each time, and tell those who watch."""
        self.failures += 1
        self.fault = FAULTS.get(reason, RelayFault.UNREACHABLE)
        first = SILENCE if reason is Reason.TIMEOUT else 1.0
        seconds = min(LONGEST_HOLD, first * 2.0 ** (self.failures - 1))
        self.held_until = boot_seconds() + seconds
        self._tell(timezone.now() + timedelta(seconds=seconds), self.fault.value)

    def recovered(self) -> None:
        """Go on with a relay that works again."""
        if self.failures:
            self.failures, self.held_until, self.fault = 0, 0.0, None
            self._tell(None, "")

    def _end_day(self) -> None:
        """Leave it alone until more is planned."""
        now = timezone.now()
        self.held_until = boot_seconds() + FULL_FOR
        tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self._tell(tomorrow, RelayFault.DAY_FULL.value)

    def _tell(self, until: Any, fault: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "update mailroom_relay set held_until = %s, last_fault = %s where id = %s",
                (connection.ops.adapt_datetimefield_value(until), fault, self.relay_id),
            )


def open_gateways(told: Sequence[dict[str, Any]], *, host: str) -> list[Gateway]:
    """Make the gateways of a worker from what its parent told."""
    return [_opened(each, host, impatient=len(told) > 1) for each in told]


class Doors:
    """All gateways of a worker, in their order, with their limits as they are recorded now."""

    def __init__(self, gateways: Sequence[Gateway]) -> None:
        """Know no limits yet."""
        self.all = gateways
        self._read_at = 0.0

    def first_open(self, *, owner: str) -> Gateway | None:
        """Choose the first relay that may be given a window now. DatabaseError where the limits cannot be read."""
        now = boot_seconds()
        if now - self._read_at >= LIMITS_AFTER:
            self._read(owner)
            self._read_at = now
        return next((each for each in self.all if each.may_take(now)), None)

    def _read(self, owner: str) -> None:
        limits = read_limits([each.relay_id for each in self.all])
        owners = read_owners()
        for each in self.all:
            each.learn(limits.get(each.relay_id, FREE), owner=owner, owners=owners)


def whole_window_failed(outcomes: Sequence[Outcome]) -> Reason | None:
    """Give the reason when a window tells that the relay itself fails: not one letter got as far as its addressee."""
    different = {id(each): each for each in outcomes}.values()
    failed = outcomes and all(_is_about_the_relay(each) for each in different)
    return min(each.reason for each in different) if failed else None


def _is_about_the_relay(outcome: Outcome) -> bool:
    if outcome.kind is Kind.NOT_SENT:
        return outcome.reason not in PASSING
    if outcome.kind is Kind.UNKNOWN:
        return True
    return outcome.reason in OURS or outcome.code == CLOSING


def _opened(told: dict[str, Any], host: str, *, impatient: bool) -> Gateway:
    relay = read_relay(told["url"])
    connections = told.get("connections") or relay.connections
    if isinstance(relay, Relay):
        relay = replace(
            relay,
            connections=connections,
            ehlo_name=relay.ehlo_name if relay.ehlo_name != "localhost" else host,
            user_timeout_ms=relay.user_timeout_ms or USER_TIMEOUT_MS,
            timeouts=IMPATIENT if impatient else relay.timeouts,
        )
    return Gateway(told["id"], told["name"], open_pool(relay, connections), connections)
