"""The exception tree of the mailroom.

MailroomError
├── LeaseLost           another worker has the shard now: what this one claimed there is not its own any more
├── NotToBeSent         the campaign is in no state to be sent: not approved, finished or cancelled
├── LetterMissing       the campaign has no frozen letter
├── NotStaff            a test copy was to go to somebody else
├── TestNotTaken        the relay did not take a test copy
├── RelayUnusable       no letter may or can leave through the relay; carries the fault and the relay's name
├── WorkersFail         workers die one after the other without getting anywhere
├── ServiceMessageGone  the message was sent or has expired: its content isn't kept
└── AttachmentsTooLarge the files of a service message are together more than mailboxes take
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class MailroomError(Exception):
    """Something is wrong with mail on the wire."""

    def __str__(self) -> str:
        """Say it in the language of the interface."""
        from luvalla.mailroom.sentences import sentence_of  # noqa: PLC0415  # the sentences need the errors

        return sentence_of(self)


class LeaseLost(MailroomError):
    """Another worker has the shard now."""


class NotToBeSent(MailroomError):
    """The campaign is in no state to be sent; carries that state."""

    def __init__(self, state: str) -> None:
        """Keep the campaign's state."""
        super().__init__(state)
        self.state = state


class LetterMissing(MailroomError):
    """The campaign has no frozen letter, so there is nothing to send."""


class NotStaff(MailroomError):
    """A test copy goes to the staff only: to an account's mailbox or one of the organisation's own domains."""


class TestNotTaken(MailroomError):
    """The relay did not take the test copy; carries what it answered."""

    __test__ = False  # for pytest, to which every name with Test in front is a test

    def __init__(self, answer: str) -> None:
        """Keep the reply code and status, "550 5.1.1"; empty where there was no answer."""
        super().__init__(answer)
        self.answer = answer


class WorkersFail(MailroomError):
    """Workers die one after the other and get nowhere. What they had claimed is settled by whoever sends next."""


class RelayFault(StrEnum):
    """What is wrong with a relay; each has its sentence, and what to do, in the interface."""

    NONE_SET = "none_set"
    MISCONFIGURED = "misconfigured"
    UNKNOWN_PLACE = "unknown_place"
    NO_CONTRACT = "no_contract"
    NO_TRANSFER = "no_transfer"
    UNREACHABLE = "unreachable"
    NOT_A_RELAY = "not_a_relay"
    NO_TLS = "no_tls"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_OF_ANOTHER = "certificate_of_another"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    WRONG_CREDENTIALS = "wrong_credentials"
    REFUSES_US = "refuses_us"
    BUSY = "busy"
    PROMISE_BROKEN = "promise_broken"
    """Not the relay's fault: a broken promise of the notice closes sending. Its ids stand in the relay's place."""
    DAY_FULL = "day_full"
    RESTED = "rested"
    SIGNING_KEY = "signing_key"


PASSING: Final = frozenset({RelayFault.UNREACHABLE, RelayFault.BUSY, RelayFault.DAY_FULL, RelayFault.RESTED})
"""Faults that may be gone by the next attempt."""


class RelayUnusable(MailroomError):
    """No letter may or can leave through the relay."""

    def __init__(self, fault: RelayFault, relay: str = "") -> None:
        """Keep the fault and the relay's name."""
        super().__init__(fault.value)
        self.fault = fault
        self.relay = relay


class ServiceMessageGone(MailroomError):
    """The message was sent or has expired: its content isn't kept."""


class AttachmentsTooLarge(MailroomError):
    """The files of a service message are together more than mailboxes take; nothing was sent."""
