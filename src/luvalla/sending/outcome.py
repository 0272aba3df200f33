"""What the network answered to one letter, as a value (RFC 5321 4.2, enhanced status RFC 3463 and RFC 5248)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


class Kind(enum.StrEnum):
    """What became of a letter; a 250 is accepted, never "delivered"."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    """The relay said "not now" (4yz): go again later."""
    REFUSED = "refused"
    """The relay said no (5yz)."""
    UNKNOWN = "unknown"
    """Every byte was written and no answer came: the relay may have the letter or not."""
    NOT_SENT = "not_sent"
    """The relay cannot have the letter: safe to go again."""


class Reason(enum.StrEnum):
    """Why, in a closed list of short categories. The server's own words are never kept: they may hold addresses."""

    NONE = ""
    MAILBOX_GONE = "mailbox_gone"
    MAILBOX_CLOSED = "mailbox_closed"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_UNAVAILABLE = "mailbox_unavailable"
    DOMAIN_GONE = "domain_gone"
    BAD_ADDRESS = "bad_address"
    SENDER_REFUSED = "sender_refused"
    TOO_BIG = "too_big"
    CONTENT = "content"
    NO_UTF8 = "no_utf8"
    POLICY = "policy"
    AUTH = "auth"
    TLS = "tls"
    RELAY_BUSY = "relay_busy"
    ROUTE = "route"
    PROTOCOL = "protocol"
    NO_CONNECTION = "no_connection"
    CONNECTION_LOST = "connection_lost"
    TIMEOUT = "timeout"
    DEADLINE = "deadline"
    UNSPECIFIED = "unspecified"
    DOMAIN_FULL = "domain_full"
    """Not begun: its receiving domain takes no more of ours just now."""
    UNREADABLE = "unreadable"
    """Not begun: its address cannot be opened any more."""


class Step(enum.IntEnum):
    """The commands of one letter, in their order."""

    RSET = 0
    MAIL = 1
    RCPT = 2
    DATA = 3
    BODY = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """One letter's outcome.

    code: the basic reply code, 0 where no reply was involved; status: the enhanced status code, "5.1.1", taken from the
    reply or derived from the code; "" where no reply was involved; after: seconds until it may go again.
    """

    kind: Kind
    code: int = 0
    status: str = ""
    reason: Reason = Reason.NONE
    after: int = 0

    @property
    def answer(self) -> str:
        """Code and status as one short text, "550 5.1.1"; "" where the relay said nothing."""
        return f"{self.code} {self.status}" if self.code else ""


_STATUS_OF_CODE: Final = {
    421: "4.3.2",
    450: "4.2.0",
    451: "4.3.0",
    452: "4.3.1",
    454: "4.7.0",
    455: "4.5.4",
    500: "5.5.2",
    501: "5.5.4",
    502: "5.5.1",
    503: "5.5.1",
    504: "5.5.4",
    521: "5.3.2",
    530: "5.7.0",
    534: "5.7.9",
    535: "5.7.8",
    538: "5.7.11",
    551: "5.1.6",
    552: "5.3.4",
    553: "5.1.3",
    555: "5.5.4",
    556: "5.1.10",
}
"""Status by code where the code alone says enough. 550 and 554 mean too many things: they become 5.0.0."""

_AUTH_CODES: Final = frozenset({530, 534, 535, 538})

_EXACT: Final = {
    "1.1": Reason.MAILBOX_GONE,
    "1.2": Reason.DOMAIN_GONE,
    "1.3": Reason.BAD_ADDRESS,
    "1.6": Reason.MAILBOX_GONE,
    "1.7": Reason.SENDER_REFUSED,
    "1.8": Reason.SENDER_REFUSED,
    "1.10": Reason.DOMAIN_GONE,
    "2.1": Reason.MAILBOX_CLOSED,
    "2.2": Reason.MAILBOX_FULL,
    "2.3": Reason.TOO_BIG,
    "3.4": Reason.TOO_BIG,
    "4.4": Reason.DOMAIN_GONE,
    "4.5": Reason.RELAY_BUSY,
    "6.7": Reason.NO_UTF8,
    "6.9": Reason.NO_UTF8,
    "7.8": Reason.AUTH,
    "7.9": Reason.AUTH,
    "7.11": Reason.AUTH,
}
_BY_SUBJECT: Final = {
    "1": Reason.MAILBOX_UNAVAILABLE,
    "2": Reason.MAILBOX_UNAVAILABLE,
    "3": Reason.RELAY_BUSY,
    "4": Reason.ROUTE,
    "5": Reason.PROTOCOL,
    "6": Reason.CONTENT,
    "7": Reason.POLICY,
}


_ABOUT_THE_MAILBOX: Final = frozenset(
    {
        Reason.MAILBOX_GONE,
        Reason.MAILBOX_CLOSED,
        Reason.MAILBOX_FULL,
        Reason.MAILBOX_UNAVAILABLE,
        Reason.DOMAIN_GONE,
        Reason.BAD_ADDRESS,
        Reason.UNSPECIFIED,
    },
)
"""At MAIL these speak of the return path, not of the addressee: never a reason to drop the addressee."""


@lru_cache(maxsize=1024)
def judge(code: int, status: str, step: Step) -> Outcome:
    """Turn the reply that decided a letter into its outcome.

    code: 2yz, 4yz or 5yz; status: the reply's enhanced status or "". A status of another class than the code is not
    believed (RFC 2034 section 4).
    """
    if not status.startswith(str(code)[0] + "."):
        status = derive_status(code, step)
    if code < 300:
        return Outcome(Kind.ACCEPTED, code, status)
    kind = Kind.DEFERRED if code < 500 else Kind.REFUSED
    return Outcome(kind, code, status, _reason(code, status, step))


def derive_status(code: int, step: Step) -> str:
    """Give the enhanced status that a bare reply code stands for (RFC 5248; a full mailbox is known at RCPT)."""
    if code == 552 and step is Step.RCPT:
        return "5.2.2"
    return _STATUS_OF_CODE.get(code, f"{code // 100}.0.0")


def _reason(code: int, status: str, step: Step) -> Reason:
    """Sort a 4yz or 5yz into its category."""
    if code in _AUTH_CODES:
        return Reason.AUTH
    detail = status[2:]
    found = _EXACT.get(detail) or _BY_SUBJECT.get(detail.partition(".")[0], Reason.UNSPECIFIED)
    if step is Step.MAIL and found in _ABOUT_THE_MAILBOX:
        return Reason.SENDER_REFUSED
    if found is Reason.MAILBOX_GONE and code < 500:
        return Reason.MAILBOX_UNAVAILABLE
    return found


def not_sent(reason: Reason, code: int = 0, status: str = "") -> Outcome:
    """Make the outcome of a letter that cannot have reached the relay."""
    return Outcome(Kind.NOT_SENT, code, status, reason)


@lru_cache(maxsize=1024)
def held_back(after: int) -> Outcome:
    """Make the outcome of a letter that waits so many seconds for its turn at the receiving domain."""
    return Outcome(Kind.NOT_SENT, reason=Reason.DOMAIN_FULL, after=after)


def unknown(reason: Reason) -> Outcome:
    """Make the outcome of a letter that was written whole and never answered."""
    return Outcome(Kind.UNKNOWN, reason=reason)
