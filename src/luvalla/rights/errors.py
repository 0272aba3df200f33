"""The exception tree of the rights desk.

RightsError
├── StepRefused         this step does not exist from here, or is not for these roles
├── TasksOpen           something is still to be done before the request is decided or closed
├── LittleKept          so little is kept that nobody is asked which of it is meant
├── IdentityMissing     the request needs more certainty about who asks
├── ReasonsMissing      a refusal, a question or an extension without its reasons
├── TooLateToExtend     the time is extended inside the first month, or not at all (GDPR 12(3))
├── OpinionMissing      the data protection officer has not been heard
├── SamePerson          another person than the one who proposed it decides a refusal
├── PartlyWithheld      something is left out of the copy, so it is not granted but granted in part
├── NothingToCorrect    nobody has written down what is to be corrected
├── LetterIncomplete    a part that the law asks for is missing
├── FeeUnfounded        a fee is asked only of a request that is unfounded or excessive and carried out (GDPR 12(5))
├── GroundUnfit         the ground limits none of the rights that are asked for, or its reasons must be told
├── NeverRefused        an objection to marketing or a prohibition is never refused (GDPR 21(3))
├── NoFeeOpen           no fee is waited for
├── LiftingTooEarly     the day that the notice of the lifting names has not come
├── NoLinkDue           no link is waited for, or its mailbox isn't written to
├── RightsMissing       no right was chosen
├── TaskUnknown         there is no such open task
├── PaperNotDestroyed   paper is destroyed in its own ledger, before a witness, not by a tick
├── WayMissing          a copy that this program didn't transmit was, so somebody says how
├── ReceiverRefused     another controller can't be recorded: its address leads nowhere data may go
├── NothingToTransmit   no transmission is asked for, or one is under way already
├── TooManyWaiting      so many copies of a sender wait for a decision that no more are taken
├── CopyDecided         a copy from another controller has been decided on already
├── NobodyCanJoin       no source is declared for people who come by themselves
└── FileRefused         a file that came with a request can't be kept
    ├── FileInfected    the virus scanner found something in it, so it isn't opened
    └── FileUnscanned   it has not been scanned, and the scanner gives no answer
"""

from __future__ import annotations

from enum import StrEnum


class RightsError(Exception):
    """Something is wrong with what was asked of the rights desk."""


class StepRefused(RightsError):
    """This step does not exist from where the request stands, or it is not for these roles."""


class TasksOpen(RightsError):
    """Something is still to be done before the request can be decided or closed."""


class IdentityMissing(RightsError):
    """The request needs more certainty about who asks before it is carried out."""


class LittleKept(RightsError):
    """So little is kept of the person that nobody is asked which of it is meant (recital 63): all of it is given."""


class ReasonsMissing(RightsError):
    """Reasons have to be written down."""


class TooLateToExtend(RightsError):
    """The time is extended inside the first month, with reasons, or not at all (GDPR 12(3))."""


class OpinionMissing(RightsError):
    """The data protection officer has not been heard yet."""


class SamePerson(RightsError):
    """A refusal is decided by another person than the one who proposed it."""


class CarriedOutAlready(RightsError):
    """Part of the request has been carried out, so it can't be refused as a whole: only in part."""


class PartlyWithheld(RightsError):
    """Something is left out of the copy: that is granted in part, which the register owner decides (GDPR 12(4))."""


class NothingToCorrect(RightsError):
    """A correction is granted only when it is written down what the right address is, or what else is corrected."""


class FeeUnfounded(RightsError):
    """A fee is asked only of a manifestly unfounded or excessive request that is carried out for it (GDPR 12(5)(a))."""


class GroundUnfit(RightsError):
    """The ground limits none of the rights that are asked for, or its reasons have to be told."""


class NeverRefused(RightsError):
    """An objection to direct marketing or a prohibition is never refused: what else is asked for is, in part."""


class NoFeeOpen(RightsError):
    """No fee is waited for: none was decided, or it is settled."""


class LiftingTooEarly(RightsError):
    """The day that the notice of the lifting names has not come yet (GDPR 18(3))."""


class NoLinkDue(RightsError):
    """No link is waited for: the mailbox has answered, the copy has gone, or the answer goes by post."""


class LetterIncomplete(RightsError):
    """A part that the law asks for is missing from the letter, so it can't be issued. Carries which."""

    def __init__(self, part: str) -> None:
        """Keep the name of the missing part."""
        super().__init__(part)
        self.part = part


class RightsMissing(RightsError):
    """At least one right has to be chosen."""


class TaskUnknown(RightsError):
    """There is no such open task, or it is for another role."""


class PaperNotDestroyed(RightsError):
    """Paper is destroyed in its own ledger, with its method and before a witness; that finishes the task."""


class PaperNotChanged(RightsError):
    """Paper is corrected or marked by a custodian, who notes it in the paper's own ledger; that finishes the task."""


class WayMissing(RightsError):
    """A copy was transmitted by other means than this program, so somebody has to write down how."""


class ReceiverRefused(RightsError):
    """Nothing may be sent to this address. Carries the reason of organisation.errors.EgressRefused."""

    def __init__(self, why: str) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why


class NothingToTransmit(RightsError):
    """No transmission is asked for, or one is under way already."""


class NothingToTell(RightsError):
    """Nothing waits to be told to this disclosee, or no letter was made yet."""


class TooManyWaiting(RightsError):
    """So many copies of this sender wait for a decision that no more are taken for now."""


class CopyDecided(RightsError):
    """Somebody has decided on this copy already, or its time was over."""


class NobodyCanJoin(RightsError):
    """No source is declared for people who come by themselves, so nobody can be taken in."""


class FileFault(StrEnum):
    """Why a file is not kept."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    EXECUTABLE = "executable"
    UNKNOWN_KIND = "unknown_kind"
    TOO_MANY = "too_many"
    INFECTED = "infected"
    UNSCANNED = "unscanned"


class FileRefused(RightsError):
    """A file that came with a request is not kept; the request itself is. Carries why."""

    def __init__(self, fault: FileFault) -> None:
        """Keep why."""
        super().__init__(fault.value)
        self.fault = fault


class FileInfected(FileRefused):
    """The virus scanner found something in a file: it is neither kept nor opened."""

    def __init__(self) -> None:
        """Keep why."""
        super().__init__(FileFault.INFECTED)


class FileUnscanned(FileRefused):
    """A kept file has not been scanned yet, and the scanner gives no answer: it stays sealed."""

    def __init__(self) -> None:
        """Keep why."""
        super().__init__(FileFault.UNSCANNED)
