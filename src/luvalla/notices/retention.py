"""The retention schedule and its engine: what of each kind has served its time, and letting it go (GDPR 5(1)(e))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.rules.ports import keepings

KINDS: Final[dict[str, str | Promise]] = {
    "pending_sign_ups": pgettext_lazy("retention", "Sign-ups nobody confirmed"),
    "permission_proofs": pgettext_lazy("retention", "Proofs of ended permissions"),
    "source_notices": pgettext_lazy("retention", "Notices for the sources"),
    "suppressions": pgettext_lazy("retention", "Suppressions with an end"),
    "forgettings": pgettext_lazy("retention", "Requests to be forgotten altogether"),
    "stops": pgettext_lazy("retention", "Answered stops"),
    "single_disclosures": pgettext_lazy("retention", "Disclosures noted of single people"),
    "disclosee_notices": pgettext_lazy("retention", "Notices that recipients have been told"),
    "uploads": pgettext_lazy("retention", "Uploaded exports"),
    "refused_lines": pgettext_lazy("retention", "Refused lines of imports"),
    "undecided_imports": pgettext_lazy("retention", "Imports nobody decided"),
    "deliveries": pgettext_lazy("retention", "Deliveries"),
    "hard_bounces": pgettext_lazy("retention", "Notes of mailboxes that took no mail"),
    "mailboxes_of_messages": pgettext_lazy("retention", "Mailboxes of sent service messages"),
    "case_details": pgettext_lazy("retention", "What was said in answered requests"),
    "cases": pgettext_lazy("retention", "Answered requests"),
    "canaries": pgettext_lazy("retention", "Our own test messages to the rights mailbox"),
    "leavers": pgettext_lazy("retention", "People who have left"),
    "releases": pgettext_lazy("retention", "Questions to a second person about exports and prints"),
    "reading_alarms": pgettext_lazy("retention", "Alarms of unusual reading"),
    "sessions": pgettext_lazy("retention", "Sessions that have run out"),
    "attempts": pgettext_lazy("retention", "Counted attempts at limited doors"),
    "incoming_copies": pgettext_lazy("retention", "Copies from other controllers"),
    "paper": pgettext_lazy("retention", "Paper"),
    "destruction_protocols": pgettext_lazy("retention", "Protocols of destroyed paper"),
    "lost_paper": pgettext_lazy("retention", "Descriptions of lost paper"),
    "evidence": pgettext_lazy("retention", "Evidence of checks in which nothing turned"),
    "access_log": pgettext_lazy("retention", "Looks at personal data, in the ledger"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of the schedule: how much had served its time, and how much was let go. By hand: only people can."""

    kind: str
    overdue: int
    gone: int
    by_hand: bool
    kept: timedelta | None
    """For how long it is kept; None where each thing has an end of its own."""

    @property
    def word(self) -> str:
        """The kind in the language of the interface."""
        return str(KINDS.get(self.kind, self.kind))


def look_at_retention(now: datetime) -> list[Due]:
    """Tell of every kind how much has served its time; nothing is touched."""
    return [Due(each.name, each.overdue(now), 0, each.let_go is None, each.kept) for each in keepings]


def run_retention(*, now: datetime, actor: Actor) -> list[Due]:
    """Let go what has served its time, kind by kind, and tell how much; what belongs to restricted contacts stays.

    Each room deletes in small transactions with rows of its own in the ledger; the run as a whole is one more.
    """
    done = []
    for each in keepings:
        overdue = each.overdue(now)
        gone = each.let_go(now) if each.let_go and overdue else 0
        done.append(Due(each.name, overdue, gone, each.let_go is None, each.kept))
    with transaction.atomic():
        facts = {each.kind: each.gone for each in done if each.gone}
        record("notices.run_retention", actor=actor, subject=Subject("schedule"), facts=facts)
    return done
