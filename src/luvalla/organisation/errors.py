"""The exception tree of the organisation room.

OrganisationError
├── NotSetUp            no controller is recorded yet
├── NotInOrder          a record of the organisation isn't what it has to be; names the record and the fault
├── NoAuthority         there is no supervisory authority on the list for that country
├── BreachUnfinished    an entry of the breach log can't be closed yet; carries what is still to be done
├── EgressRefused       a request may not go out to that place; says why by a code
├── EgressFailed        a permitted request got no usable answer
└── ScannerAway         the virus scanner is configured and gives no usable answer
"""

from __future__ import annotations


class OrganisationError(Exception):
    """Something is wrong with the organisation's records."""


class NotSetUp(OrganisationError):
    """No controller is recorded yet: `luvalla init FILE.toml` records one."""


class NotInOrder(OrganisationError):
    """A record of the organisation isn't what it has to be."""


class NoAuthority(OrganisationError):
    """There is no supervisory authority on the list for that country."""


class EgressRefused(OrganisationError):
    """A request may not go out to that place: nothing was sent."""

    def __init__(self, reason: str) -> None:
        """Keep why, as a code: not_https, unknown_host, no_contract or inner_address."""
        super().__init__(reason)
        self.reason = reason


class EgressFailed(OrganisationError):
    """The place didn't answer in time, or not in HTTP."""


class ScannerAway(OrganisationError):
    """The virus scanner gave no usable answer: nothing is known of the file. Carries what it said, or the fault."""


class BreachUnfinished(OrganisationError):
    """An entry of the breach log can't be closed yet. Carries the names of what is still to be done."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        """Keep what is missing."""
        super().__init__(", ".join(missing))
        self.missing = missing
