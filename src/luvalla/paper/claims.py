"""The checks the paper room contributes to the claims of the notice: each looks at the running system as it is."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.paper.models import CustodyEvent, PaperItem
from luvalla.paper.queries import (
    items,
    items_in_the_open,
    items_in_wrong_hands,
    items_missing,
    lost_items,
    stock_take_due,
)
from luvalla.rules.ports import Claim, Finding, Verdict, claims

CAME_IN: Final = ("paper.record_print", "paper.enter_item")


def paper_is_locked_away() -> Finding:
    """S21: what was dealt with lies in a locked place, every print has its ledger row, the stock was counted lately.

    What the last stock-take didn't find breaks it until the item is found, or given up as lost: then it is a breach of
    its own (GDPR 33), and the figure stays in the evidence.
    """
    due = stock_take_due()
    breaches = {
        "in_the_open": items_in_the_open().count(),
        "missing": items_missing().count(),
        "without_ledger_row": _without_ledger_row(),
        "stock_take_late": int(due is not None and due < timezone.localdate()),
    }
    return Finding.counted(breaches, {"items": items().count(), "lost": lost_items().count()})


def paper_is_handled_by_custodians() -> Finding:
    """S22: whoever handled paper had a valid undertaking then, and whoever has it now may handle it today."""
    at = F("at")
    covered = CustodyEvent.objects.filter(
        Q(undertaking__revoked_at=None) | Q(undertaking__revoked_at__gt=at),
        undertaking__user=F("person"),
        undertaking__signed_at__lte=at,
        undertaking__valid_until__gt=at,
    )
    events = CustodyEvent.objects.count()
    breaches = {"without_undertaking": events - covered.count(), "in_wrong_hands": items_in_wrong_hands().count()}
    return Finding.counted(breaches, {"events": events})


TESTS: Final = "tests/paper/test_claims.py::"
CLAIMS: Final = (
    Claim("S21", paper_is_locked_away, TESTS + "test_paper_that_lies_open_after_its_handling_breaks_s21"),
    Claim("S22", paper_is_handled_by_custodians, TESTS + "test_paper_in_the_hands_of_somebody_who_left_breaks_s22"),
)


def take_part() -> None:
    """Register the checks at the port."""
    for claim in CLAIMS:
        claims.register(claim.id, claim)


def broken_claims() -> tuple[str, ...]:
    """Name the promises about paper that are broken at this moment: printing is closed by each."""
    return tuple(each.id for each in CLAIMS if each.check().verdict is Verdict.BROKEN)


def _without_ledger_row() -> int:
    """Count the items whose making the ledger doesn't know."""
    rows = LedgerRow.objects.filter(verb__in=CAME_IN, subject_kind="paper item")
    known = set(rows.values_list("subject_ref", flat=True))
    return sum(str(ref) not in known for ref in PaperItem.objects.values_list("ref", flat=True))
