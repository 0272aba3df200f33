"""Letting go of old looks: who read what is kept for its time and no longer (GDPR 5(1)(e)).

The link of a row that was let go stays in its seal, so the chain goes on over it. Each letting go is itself a row of
the ledger: it names the stretch of the chain and the digest of the numbers whose rows went. A row that is missing
without such a statement is a removed one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.ledger.verbs import PRINT
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import ACCESS_LOG

VERB: Final = "ledger.let_go_looks"
SEALS_AT_ONCE: Final = 5000
LOOKS: Final = Q(is_look=True) & ~Q(verb=PRINT)
"""Not prints: the row of a print is its paper's beginning, and stays with it (claim S21)."""


def looks_past_their_time(now: datetime) -> QuerySet[LedgerRow]:
    """Give the sealed rows of looks older than the access log is kept."""
    return LedgerRow.objects.filter(LOOKS, at__lt=now - ACCESS_LOG, seal__isnull=False)


def let_go_looks(now: datetime) -> int:
    """Delete them stretch by stretch, each in a transaction with its row in the ledger; tell how many went.

    A stretch ends before the first row that is younger, so no stretch is looked at twice.
    """
    gone, last = 0, _end_of_old(now)
    while (first := _end_of_last_stretch() + 1) <= last:
        gone += _let_go_between(first, min(first + SEALS_AT_ONCE - 1, last))
    return gone


def lawfully_gone() -> frozenset[int]:
    """Give the numbers of the chain whose rows were let go, as far as a statement of the ledger covers them."""
    covered: set[int] = set()
    for facts in LedgerRow.objects.filter(verb=VERB).order_by("pk").values_list("facts", flat=True):
        numbers = list(_without_row(int(facts["first"]), int(facts["last"])))
        if _digest(numbers) == facts["digest"]:
            covered.update(numbers)
    return frozenset(covered)


def _end_of_old(now: datetime) -> int:
    """Give the number before the first row in the chain that is young enough to stay, whatever it tells."""
    young = LedgerSeal.objects.filter(row__at__gte=now - ACCESS_LOG).aggregate(first=Min("pk"))["first"]
    newest = LedgerSeal.objects.aggregate(last=Max("pk"))["last"] or 0
    return int(newest if young is None else young - 1)


def _end_of_last_stretch() -> int:
    facts = LedgerRow.objects.filter(verb=VERB).order_by("-pk").values_list("facts", flat=True).first()
    return int(facts["last"]) if facts else 0


@transaction.atomic
def _let_go_between(first: int, last: int) -> int:
    looks = LedgerRow.objects.filter(LOOKS, seal__pk__range=(first, last))
    ids = list(looks.values_list("pk", flat=True))
    LedgerSeal.objects.filter(row__in=ids).update(row=None)
    LedgerRow.objects.filter(pk__in=ids).delete()
    facts = {"first": first, "last": last, "gone": len(ids), "digest": _digest(_without_row(first, last))}
    record(VERB, actor=SYSTEM, subject=Subject("ledger", f"{first}-{last}"), facts=facts)
    return len(ids)


def _without_row(first: int, last: int) -> Iterator[int]:
    return iter(
        LedgerSeal.objects.filter(pk__range=(first, last), row=None).order_by("pk").values_list("pk", flat=True)
    )


def _digest(numbers: Iterable[int]) -> str:
    return hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()


KEEPING: Final = Keeping("access_log", lambda now: looks_past_their_time(now).count(), let_go_looks, kept=ACCESS_LOG)
