from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from luvalla.jobs.port import periodic_tasks
from luvalla.jobs.testing import run_periodic
from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow, LedgerSeal
from luvalla.register import tasks
from luvalla.register.actions import restrict_contact
from luvalla.register.models import (
    Contact,
    PendingSignUp,
    PermissionProof,
    Source,
    SourceNotice,
    Stop,
    Suppression,
)
from luvalla.register.tasks import expire

pytestmark = pytest.mark.django_db
Bring = Callable[[str], Contact]
PAST, COMING = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)


def test_the_tasks_are_registered_at_the_port() -> None:
    names = {each.name for each in periodic_tasks()}
    assert {"ledger.seal", "ledger.seal_all", "register.finish_stops", "register.expire"} <= names


def test_the_sealer_runs_as_a_task() -> None:
    with transaction.atomic():
        record("register.test", actor=SYSTEM)
    run_periodic("ledger.seal")
    run_periodic("ledger.seal_all")
    assert LedgerSeal.objects.count() == 1


def test_what_is_past_its_time_goes_and_the_rest_stays(crm: Source) -> None:
    for at in (PAST, COMING):
        PendingSignUp.objects.create(folded=bytes(32), sealed=b"x", expires_at=at)
        PermissionProof.objects.create(folded=bytes(32), sealed=b"x", expires_at=at)
        Suppression.objects.create(token=str(at).encode(), reason="test", expires_at=at)
    Suppression.objects.create(token=b"for ever", reason="withdrawal")
    for days in (89, 91):
        made = timezone.now() - timedelta(days=days)
        SourceNotice.objects.create(source=crm, kind="withdrawal", folded=b"", sealed=b"", created_at=made)
    for answered in (29, 31):
        at = timezone.now() - timedelta(days=answered)
        Stop.objects.create(kind="erasure", channel="x", actor="x", folded=b"", sealed=b"", answered_at=at)
    Stop.objects.create(kind="erasure", channel="x", actor="x", folded=b"", sealed=b"", requested_at=PAST)
    assert expire() == 5
    assert [PendingSignUp.objects.count(), PermissionProof.objects.count(), SourceNotice.objects.count()] == [1, 1, 1]
    assert [Suppression.objects.count(), Stop.objects.count()] == [2, 2]
    facts = {row.subject_ref: row.facts for row in LedgerRow.objects.filter(verb="register.expire")}
    assert facts["pending_sign_ups"] == {"rows": 1}
    assert len(facts) == 5
    assert expire() == 0


def test_expiring_goes_in_small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "ROWS_AT_ONCE", 3)
    PendingSignUp.objects.bulk_create([PendingSignUp(folded=bytes(32), sealed=b"x", expires_at=PAST) for _ in range(7)])
    assert expire() == 7
    rows = LedgerRow.objects.filter(verb="register.expire").order_by("pk")
    assert [each.facts["rows"] for each in rows] == [3, 3, 1]


def test_what_belongs_to_a_restricted_contact_is_not_purged(register_address: Bring) -> None:
    contact = register_address("maija@esimerkki.fi")
    folded = bytes(contact.folded)
    PendingSignUp.objects.create(folded=folded, sealed=b"x", expires_at=PAST)
    PermissionProof.objects.create(folded=folded, sealed=b"x", expires_at=PAST)
    restrict_contact(contact=contact, reason="needed for a claim", actor=SYSTEM)
    assert expire() == 0
