"""Words for what the paper room's values mean, and for what can't be done."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.paper.errors import (
    AwaitsWitness,
    ItemDestroyed,
    ItemHeld,
    ItemLost,
    ItemPosted,
    NoSuchDestruction,
    NotACustodian,
    NotPrintable,
    PaperError,
    PlaceUnfit,
    PrintingClosed,
    ProtocolNeeded,
    ReasonMissing,
    StockTakeNeeded,
    WitnessNeeded,
)
from luvalla.paper.models import CustodyEvent, PaperItem
from luvalla.rules.purposes import LookedAtFor
from luvalla.staff.words import WHAT_FOR

Kind, Origin, What = PaperItem.Kind, PaperItem.Origin, CustodyEvent.What
KINDS: Final[dict[str, Promise]] = {
    Kind.LETTER: pgettext_lazy("paper", "Sent letter"),
    Kind.ATTACHMENT: pgettext_lazy("paper", "Attachment"),
    Kind.CASE: pgettext_lazy("paper", "Paper of a request"),
    Kind.CORRESPONDENCE: pgettext_lazy("paper", "Correspondence"),
    Kind.OTHER: pgettext_lazy("paper", "Other paper"),
}
ORIGINS: Final[dict[str, Promise]] = {
    Origin.PRINTED: pgettext_lazy("paper", "printed by Luvalla"),
    Origin.RECEIVED: pgettext_lazy("paper", "came on paper"),
    Origin.PRINTED_ELSEWHERE: pgettext_lazy("paper", "printed by another program"),
}
WHATS: Final[dict[str, Promise]] = {
    What.MADE: pgettext_lazy("paper", "Entered into the ledger"),
    What.LOCKED_AWAY: pgettext_lazy("paper", "Locked away"),
    What.CHECKED_OUT: pgettext_lazy("paper", "Taken in hand"),
    What.COUNTED: pgettext_lazy("paper", "Seen in a stock-take"),
    What.WITNESSED: pgettext_lazy("paper", "Witnessed the destruction"),
    What.DESTROYED: pgettext_lazy("paper", "Destroyed"),
    What.UNCONFIRMED: pgettext_lazy("paper", "Taken back: not confirmed as destroyed"),
    What.LOST: pgettext_lazy("paper", "Given up as lost"),
    What.POSTED: pgettext_lazy("paper", "Posted, or handed over"),
    What.CORRECTED: pgettext_lazy("paper", "Corrected by hand"),
    What.MARKED: pgettext_lazy("paper", "Marked as restricted"),
    What.UNMARKED: pgettext_lazy("paper", "The mark of the restriction taken off"),
}
CHANGES: Final[dict[str, Promise]] = {
    What.CORRECTED: pgettext_lazy("paper", "Correct what stands on paper"),
    What.MARKED: pgettext_lazy("paper", "Mark paper as restricted"),
    What.UNMARKED: pgettext_lazy("paper", "Take the mark of the restriction off the paper"),
}
"""What a custodian is asked to do with paper that stays."""
METHOD_WORDS: Final[dict[str, Promise]] = {
    "shredded": pgettext_lazy("destruction", "In our own shredder"),
    "burned": pgettext_lazy("destruction", "By fire"),
    "contractor": pgettext_lazy("destruction", "By a contractor, with a certificate"),
}
PURPOSES: Final[dict[str, Promise]] = {
    each.value: WHAT_FOR[each] for each in (LookedAtFor.REQUEST, LookedAtFor.ORDER, LookedAtFor.SUPERVISION)
}
FAULTS: Final[dict[type[PaperError], Promise]] = {
    NotACustodian: pgettext_lazy(
        "paper fault", "You are not on the custody list, so you can't handle paper. Nothing was written down."
    ),
    ItemDestroyed: pgettext_lazy(
        "paper fault", "This item was destroyed. If you hold it in your hand, tell the register owner at once."
    ),
    ItemHeld: pgettext_lazy(
        "paper fault", "Somebody else has this item in hand. They lock it away first, or you receive it from them."
    ),
    ItemPosted: pgettext_lazy("paper fault", "This was posted or handed over: it is not here any more."),
    ItemLost: pgettext_lazy(
        "paper fault",
        "This item was given up as lost. If you hold it in your hand, lock it away: then it is written down as found.",
    ),
    ReasonMissing: pgettext_lazy(
        "paper fault", "Say in a few words why: where and how it was looked for, or what is in the way."
    ),
    PlaceUnfit: pgettext_lazy("paper fault", "Paper goes into a locked place that is in use. Choose another one."),
    WitnessNeeded: pgettext_lazy("paper fault", "Choose another person of the custody list as witness."),
    AwaitsWitness: pgettext_lazy(
        "paper fault",
        "This was destroyed and waits for its witness. If it is still there, whoever said so takes it back first.",
    ),
    ProtocolNeeded: pgettext_lazy(
        "paper fault",
        "A witness from outside needs a name, and a scan of the protocol they signed as a PDF, PNG or JPEG file of at "
        "most 10 MB. Nothing was written down.",
    ),
    NoSuchDestruction: pgettext_lazy(
        "paper fault", "This no longer waits for you: it was confirmed or taken back. Nothing was changed."
    ),
    PrintingClosed: pgettext_lazy(
        "paper fault",
        "Nothing is printed while a promise that closes printing is broken. The list of paper and the page of the "
        "promises say what has to be mended. Then print again.",
    ),
    NotPrintable: pgettext_lazy(
        "paper fault",
        "This file is damaged, or of a kind that can't be printed here, so nothing was printed. Open the file, print "
        "it with its own program, and enter the paper by hand.",
    ),
    StockTakeNeeded: pgettext_lazy("paper fault", "No stock-take is running. Start one first."),
}


def fault_sentence(fault: PaperError) -> str:
    """Say what can't be done and what to do instead."""
    return str(FAULTS.get(type(fault)) or pgettext("paper fault", "That can't be done. Nothing was changed."))
