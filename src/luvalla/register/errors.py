"""The exception tree of the register.

RegisterError
├── Suppressed          the address was stopped: it comes back only with its own new consent
├── ReasonMissing       a look at addresses or an export was asked for without saying why
├── ExportClosed        a broken promise of the notice closes exports; carries its ids
├── NotRestricted       there is no restriction to lift
├── NotDisclosed        nothing is disclosed to that disclosee today
├── NotAnAuthority      only an authority gets data for a particular inquiry (GDPR 4(9))
├── LiftingNotAnnounced a restriction is lifted only after its data subject was told (GDPR 18(3))
└── WhomToStop          a stop was asked for without an address, a contact or a link
"""

from __future__ import annotations


class RegisterError(Exception):
    """Something is wrong with what was asked of the register."""


class Suppressed(RegisterError):
    """The address was stopped. It comes back only with its own new consent."""


class ReasonMissing(RegisterError):
    """Addresses are uncovered and exported only with a purpose and a reason, since both go to the ledger."""


class ExportClosed(RegisterError):
    """The notice promises what is not so: no address leaves before it holds again. Carries the ids of the claims."""

    def __init__(self, broken: tuple[str, ...]) -> None:
        """Keep the ids."""
        super().__init__(", ".join(broken))
        self.broken = broken


class NotRestricted(RegisterError):
    """The contact's processing is not restricted, so there is nothing to lift."""


class NotDisclosed(RegisterError):
    """Nothing is disclosed to that disclosee today: its time hasn't begun, or has ended."""


class NotAnAuthority(RegisterError):
    """Only an authority gets data for a particular inquiry without being a recipient (GDPR 4(9))."""


class LiftingNotAnnounced(RegisterError):
    """A restriction is lifted only after its data subject was told (GDPR 18(3))."""


class WhomToStop(RegisterError):
    """A stop needs an address, a contact or a link."""
