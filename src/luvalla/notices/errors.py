"""The exception tree of the notices room.

NoticesError
├── BadDate             a notice's date isn't a date, lies in the future, or before the version it follows
├── PublishingClosed    a promise is broken: no new notice is published before it holds
├── OpinionMissing      nobody has given an opinion on this very text yet
├── OpinionOutdated     the configuration gives another text than the one the opinion is about
├── SamePerson          whoever gave the opinion may not publish on it
├── ReasonMissing       an opinion, or publishing against one, needs its reason in words
├── NotRestorable       a version changed by hand can't be made anew from its facts
├── LedgerBroken        the ledger's chain doesn't hold: no pack of it is signed
└── NoSuchClaim         a claim outside the registry
"""

from __future__ import annotations


class NoticesError(Exception):
    """Something is wrong with a notice or a claim."""


class BadDate(NoticesError, ValueError):
    """A notice's date isn't a date, lies in the future, or before the version it follows."""


class PublishingClosed(NoticesError):
    """A promise is broken, so no new notice is published. Carries the ids of the broken claims."""

    def __init__(self, broken: tuple[str, ...]) -> None:
        """Keep the ids."""
        super().__init__(", ".join(broken))
        self.broken = broken


class NotRestorable(NoticesError):
    """A version was changed by hand, and its facts no longer give the text that was published. Carries its number."""

    def __init__(self, version: int) -> None:
        """Keep the version's number."""
        super().__init__(str(version))
        self.version = version


class LedgerBroken(NoticesError):
    """The ledger's chain does not hold, so no auditor's pack is signed over it. Carries the link's number."""

    def __init__(self, number: int) -> None:
        """Keep the link's number."""
        super().__init__(str(number))
        self.number = number


class NoSuchClaim(NoticesError):
    """The registry has no claim of that id."""


class OpinionMissing(NoticesError):
    """Nobody has given an opinion on this very text yet."""


class OpinionOutdated(NoticesError):
    """The configuration gives another text than the one the opinion is about."""


class SamePerson(NoticesError):
    """Whoever gave the opinion may not publish on it."""


class ReasonMissing(NoticesError):
    """An opinion, or publishing against one, needs its reason in words."""
