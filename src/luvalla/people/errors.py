"""The exception tree of the people room.

PeopleError
├── SharedName          a name that several people would use; an account belongs to one person
├── AccountExists       the user name or mailbox already belongs to somebody's account
├── WeakPassword        the password is one that can be guessed; carries the reasons
├── UnknownRole         not one of the roles
├── NotTheirName        an undertaking was signed with another name than the account's
├── UndertakingMissing  there is no valid undertaking to revoke, to countersign or to open an account with
├── HasLeft             the person has left; their account opens no more
├── OwnSignature        nobody countersigns, reviews or releases what is their own
├── NotPaper            a scan is not a PDF file or a picture, or too large
├── TextInForce         a version of the undertaking exists already, or would come into force in the past
├── ReviewOpen          a review has accounts that nobody has decided on, or is signed already
├── NotReleased         a large export or print has not been released by a second person, or was used already
├── NoSuchUse           a mailbox is used only by people whose accounts stand open
└── NotAnEmployer       an employer's name, contract or processor is not in order
"""

from __future__ import annotations

from collections.abc import Sequence


class PeopleError(Exception):
    """Something about people and their accounts cannot be done."""


class SharedName(PeopleError):
    """The name stands for an office or a task, not for one person. Each account belongs to one person."""

    def __init__(self, name: str) -> None:
        """Keep the name: a user name is chosen by staff and says nothing about data subjects."""
        super().__init__(name)
        self.name = name


class AccountExists(PeopleError):
    """The user name or the mailbox belongs to an account already. One person, one account."""


class WeakPassword(PeopleError):
    """The password can be guessed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        """Keep the reasons, in the language of the interface."""
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class UnknownRole(PeopleError):
    """There is no such role."""


class NotTheirName(PeopleError):
    """The undertaking was signed with another name than the account's full name."""


class UndertakingMissing(PeopleError):
    """There is no valid undertaking of secrecy."""


class HasLeft(PeopleError):
    """The person has left the work; their account opens no more."""


class OwnSignature(PeopleError):
    """Another person has to do this: nobody countersigns, reviews or releases their own."""


class NotPaper(PeopleError):
    """The file is no scan: a PDF, PNG or JPEG file of at most 10 MB."""


class TextInForce(PeopleError):
    """The version exists already, or its first day has passed."""


class ReviewOpen(PeopleError):
    """The review has accounts that nobody has decided on yet, or is signed already."""


class NotReleased(PeopleError):
    """No second person has released this, or the release was used already."""


class NoSuchUse(PeopleError):
    """Only people whose accounts stand open use the organisation's mailboxes."""


class NotAnEmployer(PeopleError):
    """The employer's name, kind or contract is not in order, or the name is taken."""
