"""Work of this room outside a request."""

from __future__ import annotations

from django.utils import timezone

from luvalla.jobs.port import enqueue, periodic, task
from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.notices.events import TASK, claims_to_check
from luvalla.notices.keeping import let_go_evidence


@periodic("notices.check_claims", seconds=24 * 3600)
def check_every_day() -> None:
    """Ask for a check of every claim at the start and once a day, as a job: checks take their time."""
    enqueue("notices.check_all_claims")


@periodic("notices.let_go", seconds=24 * 3600)
def let_go() -> int:
    """Let go of old evidence in which nothing turned; tell how many rows."""
    return let_go_evidence(timezone.now())


@task(TASK)
def check_after(*, row: int) -> None:
    """Check the claims that an event may have broken or mended; row is the ledger's row that tells of it."""
    wanted = claims_to_check(row)
    if wanted:
        check_claims(wanted, actor=SYSTEM)


@task("notices.check_all_claims")
def check_all_claims() -> None:
    """Check every claim."""
    check_claims(actor=SYSTEM)
