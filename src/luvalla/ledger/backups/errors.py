"""The exception tree of backups.

BackupError
├── NoRecipient         nobody is named for whom backups are encrypted
├── CannotOpen          none of the given keys opens the backup
├── NotABackup          the file is none, or not a whole one
├── NotAuthenticated    nobody has authenticated the backup
├── NotAuthentic        the backup isn't one that the keys here have authenticated
├── NewerProgram        the backup was made by a newer program than this one
├── OtherEngine         the backup is of the other kind of database
├── DatabaseInUse       another process has the database open
├── DatabaseNotEmpty    there is an installation already, and nobody said that it may be replaced
├── NotProved           a check on the restored database is broken (restoring.py)
└── DrillFailed         a backup could not be put back on trial
"""

from __future__ import annotations

from luvalla.ledger.errors import LedgerError


class BackupError(LedgerError):
    """A backup could not be made or put back."""


class NoRecipient(BackupError):
    """Nobody is named for whom backups are encrypted."""


class CannotOpen(BackupError):
    """None of the given keys opens the backup."""


class NotABackup(BackupError):
    """The file is no backup, or not a whole one."""


class NotAuthenticated(BackupError):
    """Nobody has authenticated the backup: it was made before they were, or by somebody who knows the public key."""


class NotAuthentic(BackupError):
    """The backup isn't one that the keys here have authenticated."""


class NewerProgram(BackupError):
    """The backup was made by a newer program than this one."""


class OtherEngine(BackupError):
    """The backup is of the other kind of database. Carries which."""


class DatabaseInUse(BackupError):
    """Another process has the database open."""


class DatabaseNotEmpty(BackupError):
    """There is an installation already, and nobody said that it may be replaced."""


class DrillFailed(BackupError):
    """A backup could not be put back on trial. The message is the restore's own sentence."""
