"""The exception tree of the paper room.

PaperError
├── NotACustodian       the person may not handle paper; carries why
├── ItemDestroyed       the item was destroyed; nothing more can be done with it
├── ItemPosted          the item has left the house for its person; nothing more can be done with it
├── ItemLost            nobody knows where the item is; it turns up by being locked away
├── ItemHeld            somebody else has the item in hand
├── PlaceUnfit          the place isn't locked, or is no longer in use
├── WitnessNeeded       a destruction needs another person as witness
├── AwaitsWitness       the item was destroyed, and its witness has not confirmed it yet
├── ProtocolNeeded      a witness from outside has a name and a signed protocol
├── NoSuchDestruction   no destruction waits for this person
├── PrintingClosed      a promise about paper is broken; nothing is printed until it is mended; carries the claims
├── NotPrintable        a file of a kind that can't be printed with a label
├── ReasonMissing       it isn't said how a lost item was looked for, or why paper can't be changed
└── StockTakeNeeded     there is no stock-take running
"""

from __future__ import annotations


class PaperError(Exception):
    """Something about paper can't be done."""


class ItemPosted(PaperError):
    """The item was posted or handed over to the person it is about: it is no longer here."""


class NotACustodian(PaperError):
    """The person may not handle paper: not on the custody list, or the account is shut."""

    def __init__(self, why: str) -> None:
        """Keep why: "not_named", or people.queries.Closed."""
        super().__init__(why)
        self.why = why


class ItemDestroyed(PaperError):
    """The item was destroyed."""


class ItemLost(PaperError):
    """The item was given up as lost."""


class ItemHeld(PaperError):
    """Somebody else has the item in hand. They check it in first."""


class PlaceUnfit(PaperError):
    """The place isn't locked, or is no longer in use. Paper goes into a locked place."""


class WitnessNeeded(PaperError):
    """A destruction needs another person of the custody list as witness."""


class AwaitsWitness(PaperError):
    """The item was destroyed and waits for its witness. Whoever said so can take it back."""


class ProtocolNeeded(PaperError):
    """A witness from outside has a name, and a protocol of which a scan is kept: a PDF, PNG or JPEG file."""


class NoSuchDestruction(PaperError):
    """No destruction waits for this person: it is another's, was confirmed, or was taken back."""


class PrintingClosed(PaperError):
    """A promise about paper is broken; nothing is printed until it is mended."""

    def __init__(self, claims: tuple[str, ...]) -> None:
        """Keep the claims' ids."""
        super().__init__(", ".join(claims))
        self.claims = claims


class NotPrintable(PaperError):
    """A file of a kind that can't be printed with a label, or one that is damaged."""


class ReasonMissing(PaperError):
    """It isn't said how a lost item was looked for."""


class StockTakeNeeded(PaperError):
    """There is no stock-take running."""
