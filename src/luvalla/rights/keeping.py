"""How long cases are kept: what was said goes thirty days after the end, the case itself after three years.

A copy from another controller waits thirty days for a decision, and what was decided is kept as long.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.paper.actions import let_paper_of_cases_go
from luvalla.register.models import Contact
from luvalla.rights.actions.moving import subject_of
from luvalla.rights.cases import Said, said, sealed_said
from luvalla.rights.letters.writing import NO_ANSWERS
from luvalla.rights.models import DataRequest, Decision, Hold, IncomingCopy, Letter
from luvalla.rights.queries import answered_requests, waiting_copies
from luvalla.rights.restricted import under_restriction
from luvalla.rules.ports import Keeping
from luvalla.rules.retention import CASE, CASE_DETAILS, INCOMING_COPY


def minimise(now: datetime | None = None) -> int:
    """Let go of what was said in cases that ended thirty days ago; tell how many.

    What proves the answer stays, sealed: the steps, the decision and the letter that answered. Paper of the case says
    what was said in it, so its time is over too.
    """
    return sum(_minimise(each) for each in wordy_cases(now or timezone.now()))


def forget(now: datetime | None = None) -> int:
    """Delete cases three years after their end, with everything on them; tell how many."""
    over = old_cases(now or timezone.now())
    count = over.count()
    if count:
        with transaction.atomic():
            let_paper_of_cases_go([str(each) for each in over.values_list("ref", flat=True)])
            over.delete()
            record("rights.expire", actor=SYSTEM, facts={"rows": count})
    return count


def drop_canaries(now: datetime | None = None) -> int:
    """Delete the program's messages to itself once they have shown that the mailbox lives."""
    over = old_canaries(now or timezone.now())
    count = over.count()
    over.delete()
    return count


def wordy_cases(now: datetime) -> QuerySet[DataRequest]:
    """Give the cases that ended thirty days ago and still hold what was said; one that holds something open stays."""
    return _untied(answered_requests().filter(minimised_at=None, closed_at__lt=now - CASE_DETAILS))


def old_cases(now: datetime) -> QuerySet[DataRequest]:
    """Give the cases that ended three years ago; what another system still owes is not forgotten."""
    return _untied(DataRequest.objects.filter(closed_at__lt=now - CASE))


def _untied(cases: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    """Leave out cases with an open hold, and those of the restricted (GDPR 18(1)(b)-(c))."""
    held = Hold.objects.filter(ended_at=None).values("request")
    return cases.exclude(pk__in=held).exclude(pk__in=under_restriction().values("pk"))


def old_canaries(now: datetime) -> QuerySet[DataRequest]:
    """Give the program's messages to itself that have shown what they were to show."""
    return DataRequest.objects.filter(is_canary=True, receipt_at__lt=now - CASE_DETAILS)


@transaction.atomic
def let_copies_go(now: datetime | None = None) -> int:
    """Erase what copies say that nobody decided on in time, and forget old decisions; tell how many."""
    moment = now or timezone.now()
    expired = _undecided(moment).update(
        state=IncomingCopy.State.EXPIRED, decided_at=moment, decided_by=str(SYSTEM), folded=b"", sealed=b""
    )
    forgotten, _ = _decided_long_ago(moment).delete()
    if expired or forgotten:
        record("rights.expire_copies", actor=SYSTEM, facts={"rows": expired + forgotten})
    return expired + forgotten


def _undecided(now: datetime) -> QuerySet[IncomingCopy]:
    restricted = Contact.objects.exclude(restricted_at=None).values("folded")
    return waiting_copies().filter(came_at__lt=now - INCOMING_COPY).exclude(folded__in=restricted)


def _decided_long_ago(now: datetime) -> QuerySet[IncomingCopy]:
    return IncomingCopy.objects.filter(decided_at__lt=now - INCOMING_COPY)


COPIES: Final = Keeping(
    "incoming_copies",
    lambda now: _undecided(now).count() + _decided_long_ago(now).count(),
    let_copies_go,
    kept=INCOMING_COPY,
)
KEEPINGS: Final = (
    Keeping("case_details", lambda now: wordy_cases(now).count(), minimise, kept=CASE_DETAILS),
    Keeping("cases", lambda now: old_cases(now).count(), forget, kept=CASE),
    Keeping("canaries", lambda now: old_canaries(now).count(), drop_canaries, kept=CASE_DETAILS),
    COPIES,
)
"""What the desk keeps for a time."""


@transaction.atomic
def _minimise(request: DataRequest) -> bool:
    told, folded = said(request), bytes(request.folded)
    request.sealed = sealed_said(Said(address=told.address), folded)
    request.minimised_at = timezone.now()
    request.save(update_fields=["sealed", "minimised_at"])
    for rows in (request.attachments, request.searches, request.links):
        rows.all().delete()
    request.events.update(sealed=b"")
    request.tasks.update(sealed=b"")
    request.complaints.update(sealed=b"", sealed_pack=b"")
    proof = request.letters.exclude(issued_at=None).exclude(kind__in=NO_ANSWERS).order_by("-issued_at").first()
    Letter.objects.filter(request=request).exclude(pk=proof.pk if proof else 0).update(sealed_pdf=b"", sealed=b"")
    Decision.objects.filter(request=request, decided_at=None).delete()
    let_paper_of_cases_go([str(request.ref)])
    record("rights.minimise_request", actor=SYSTEM, subject=subject_of(request))
    return True
