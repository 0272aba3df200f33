"""The exception tree of the ledger and its keys.

LedgerError
├── KeysMissing         no keyring where the settings say it is
├── KeysWrong           the keyring is not the one this database was written with
├── DatabaseEmpty       the database has no tables yet
├── KeysAhead           the keyring has a new token key that the database has not been brought up to
├── KeyringBroken       the keyring cannot be read as one
├── KeysBeingChanged    another process is changing the keys
├── SealBroken          a sealed value was changed, moved or sealed with a key that is gone
├── Quarantined         a restored backup is closed until the ledger of erasures was replayed
├── ErasuresGap         the ledger of erasures doesn't reach back to a restored backup
├── PurposeMissing      a look was to be recorded without what it is for
├── ChainBroken         a row of the ledger was changed, removed or put in
└── ErasuresUnwritable  the ledger of erasures could not be written: the stop was not carried out
    └── ErasuresBroken  a line of the ledger of erasures was changed, removed or cannot be read
"""

from __future__ import annotations

from enum import StrEnum


class LedgerError(Exception):
    """Something is wrong with the ledger or the keys."""


class KeysMissing(LedgerError):
    """There is no keyring where the settings say it is. Without it not one address can be opened."""


class KeysWrong(LedgerError):
    """The keyring is not the one this database was written with. Carries the name of the key, or none."""

    def __init__(self, message: str, *, key: str = "", is_lost: bool = False) -> None:
        """Keep which key it is, and whether it is lost or another one."""
        super().__init__(message)
        self.key = key
        self.is_lost = is_lost


class DatabaseEmpty(LedgerError):
    """The database has no tables yet: `luvalla init FILE.toml` makes them."""


class KeysAhead(LedgerError):
    """The keyring has a new token key. The database's tokens must be brought up to it before anything else is done."""


class KeyringBroken(LedgerError):
    """The keyring cannot be read as one."""


class KeysBeingChanged(LedgerError):
    """Another process is changing the keys of this home."""


class SealBroken(LedgerError):
    """A sealed value was changed, moved to another row, or sealed with a key that is gone."""


class ChainBroken(LedgerError):
    """A row of the ledger was changed, removed or put in."""


class ErasuresUnwritable(LedgerError):
    """The ledger of erasures could not be written, so nothing was erased."""


class ErasuresBroken(ErasuresUnwritable):
    """A line of the ledger of erasures was changed, removed or cannot be read. Carries its number and the fault."""

    def __init__(self, line: int, fault: str) -> None:
        """Keep the number of the line, from 1, and what is wrong with it."""
        super().__init__(f"line {line}: {fault}")
        self.line = line
        self.fault = fault


class Quarantined(LedgerError):
    """A restored backup is closed: nothing is sent, shown or exported until the ledger of erasures was replayed."""


class Gap(StrEnum):
    """Why a ledger of erasures doesn't tell everything that was erased since a backup."""

    BEGINS_LATER = "begins later"
    """Its older lines have gone: the backup is older than 35 days."""
    ENDS_EARLIER = "ends earlier"
    """It is lost, or an older copy of it was put back."""
    ANOTHER = "another one"
    """It belongs to another installation, or was begun anew."""
    CUT = "cut"
    """Its newest lines are missing: the database that the backup replaced knew of more."""
    MISSING = "missing"
    """There is none, and nobody can tell whether there was anything in it."""
    TWO_STORIES = "two stories"
    """It and its second copy go on differently: one of them has lost what the other has."""
    UNKNOWN_OPERATION = "unknown operation"
    """A newer program wrote it."""


class ErasuresGap(LedgerError):
    """The ledger of erasures doesn't tell everything that was erased since the backup. Carries why."""

    def __init__(self, why: Gap) -> None:
        """Keep why."""
        super().__init__(why.value)
        self.why = why


class PurposeMissing(LedgerError):
    """A look was to be recorded without what it is for. Carries the verb."""
