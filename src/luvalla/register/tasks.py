"""What is done by itself: finishing stops whose process died, letting go what has served its time, and sealing.

The ledger and the jobs are rooms of one layer and don't know each other, so the ledger's sealer is given its work here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.jobs.port import periodic
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.chain import seal_rows
from luvalla.ledger.erasures_upkeep import mend, prune
from luvalla.ledger.rewriting import is_due, rewrite_tables
from luvalla.register.disclosee_notices import find_disclosees
from luvalla.register.forgetting import forget_token_after_source_confirmed
from luvalla.register.models import (
    Contact,
    DiscloseeNotice,
    Forgetting,
    PendingSignUp,
    PermissionProof,
    SourceNotice,
    Stop,
    Suppression,
)
from luvalla.register.single_disclosures import past_their_time
from luvalla.register.stop import finish, unfinished
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import DELIVERIES, DISCLOSURE, PERMISSION_PROOF, SOURCE_NOTICE, UNCONFIRMED_SIGN_UP

LEFT_ALONE: Final = timedelta(seconds=45)
"""A stop younger than that is still being carried out where it was asked for."""
KINDS: Final[dict[str, timedelta | None]] = {
    "pending_sign_ups": UNCONFIRMED_SIGN_UP,
    "permission_proofs": PERMISSION_PROOF,
    "source_notices": SOURCE_NOTICE,
    "suppressions": None,
    "forgettings": DELIVERIES,
    "stops": DELIVERIES,
    "single_disclosures": DISCLOSURE,
    "disclosee_notices": SOURCE_NOTICE,
}
"""What past_retention gives, by name, and for how long it is kept."""
ROWS_AT_ONCE: Final = 500


@periodic("ledger.seal", seconds=1)
def seal_new_rows() -> int:
    """Chain the rows written since the last time."""
    return seal_rows()


@periodic("ledger.seal_all", seconds=3600)
def seal_late_rows() -> int:
    """Chain also the rows that were committed so late that the look at the ledger's end missed them."""
    return seal_rows(everything=True)


@periodic("ledger.keep_erasures", seconds=3600)
def keep_erasures() -> int:
    """Let the ledger of erasures and its copy mend each other, and let go what no backup needs; tell how many lines."""
    mend()
    return prune(timezone.now())


@periodic("ledger.rewrite_tables", seconds=1200)
def rewrite_when_due() -> int:
    """Rewrite the tables in a quiet hour, so that deleted rows leave the disk; tell how many tables."""
    return rewrite_tables().tables if is_due(timezone.now()) else 0


@periodic("register.finish_stops", seconds=10)
def finish_stops() -> int:
    """Finish the stops that nobody has answered, and tell how many could be."""
    return sum(finish(each) for each in unfinished(timezone.now() - LEFT_ALONE))


@periodic("register.find_disclosees", seconds=10)
def find_disclosees_of_changes() -> int:
    """Work out who was given the data of what has changed outside a case; tell how many notices were written."""
    return find_disclosees()


@periodic("register.forget_tokens", seconds=600)
def forget_tokens() -> int:
    """Remove the tokens of those who wished to be forgotten and whose sources have all confirmed; tell how many."""
    return forget_token_after_source_confirmed()


def keeping_of(kind: str) -> Keeping:
    """Give one kind of the register's rows as the retention schedule takes it."""
    return Keeping(
        kind,
        lambda now: past_retention(now)[kind].count(),
        lambda now: _delete_all(kind, past_retention(now)[kind]),
        kept=KINDS[kind],
    )


@periodic("register.expire", seconds=3600)
def expire() -> int:
    """Delete what is past its retention, in small transactions; tell how many rows went."""
    return sum(_delete_all(kind, rows) for kind, rows in past_retention(timezone.now()).items())


def past_retention(now: datetime) -> dict[str, QuerySet[Any]]:
    """Give what is past its retention, by kind. What belongs to a restricted contact stays (GDPR 18(1)(b)-(c))."""
    restricted = Contact.objects.exclude(restricted_at=None).values("folded")
    return {
        "pending_sign_ups": PendingSignUp.objects.filter(expires_at__lt=now).exclude(folded__in=restricted),
        "permission_proofs": PermissionProof.objects.filter(expires_at__lt=now).exclude(folded__in=restricted),
        "source_notices": SourceNotice.objects.filter(created_at__lt=now - SOURCE_NOTICE).exclude(
            folded__in=restricted
        ),
        "suppressions": Suppression.objects.filter(expires_at__lt=now),
        "forgettings": Forgetting.objects.filter(forgotten_at__lt=now - DELIVERIES),
        "single_disclosures": past_their_time(timezone.localdate(now)),
        "disclosee_notices": DiscloseeNotice.objects.filter(told_at__lt=now - SOURCE_NOTICE),
        "stops": Stop.objects.filter(answered_at__lt=now - DELIVERIES).exclude(folded__in=restricted),
    }


def _delete_all(kind: str, rows: QuerySet[Any]) -> int:
    gone = 0
    while some := _delete_some(kind, rows):
        gone += some
    return gone


@transaction.atomic
def _delete_some(kind: str, rows: QuerySet[Any]) -> int:
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE])
    if some:
        rows.filter(pk__in=some).delete()
        record("register.expire", actor=SYSTEM, subject=Subject("store", kind), facts={"rows": len(some)})
    return len(some)
