"""Random walks over the desk in the database: no path loses a clock, and none closes a case with an open task."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.rights.actions import moving
from luvalla.rights.actions.moving import move
from luvalla.rights.actions.tasks import give_task
from luvalla.rights.clocks import clocks_of
from luvalla.rights.errors import TasksOpen
from luvalla.rights.models import DataRequest, Task
from luvalla.rules.case_states import PAUSING, SHUT, Right, State, Who, steps_from
from luvalla.rules.due_dates import due_date
from tests.support.requests import ask
from tests.support.world import World

WAIT = st.integers(0, 9)
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def _everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = frozenset(Who) - {Who.DATA_PROTECTION_OFFICER}
    monkeypatch.setattr(moving, "roles_of_actor", lambda _: everyone)


@pytest.mark.usefixtures("_everybody")
@SETTINGS
@given(data=st.data())
def test_no_walk_loses_a_clock_or_shuts_a_case_with_an_open_task(world: World, data: st.DataObject) -> None:
    with transaction.atomic(), time_machine.travel(timezone.now(), tick=False) as clock:
        request = ask(Right.COMPLAINT)
        at_first = (request.receipt_at, request.receipt_date, request.due_on, request.extended_due_on)
        paused, opened_again = 0, False
        for _ in range(data.draw(st.integers(1, 14))):
            days = data.draw(WAIT)
            clock.shift(timedelta(days=days))
            paused += days if request.state in PAUSING else 0
            if data.draw(st.booleans()) and not request.tasks.filter(done_at=None).exists():
                give_task(request, Task.Kind.NOTICE, role=Who.HANDLER, about="x", actor=SYSTEM)
                request.refresh_from_db()
            after = data.draw(st.sampled_from(steps_from(State(request.state))))
            try:
                request = move(request, after, actor=SYSTEM)
            except TasksOpen:
                Task.objects.filter(request=request).update(done_at=timezone.now())
            request.refresh_from_db()
            now = (request.receipt_at, request.receipt_date, request.due_on, request.extended_due_on)
            assert now == at_first
            since = request.reopened_on
            if request.state == State.REOPENED:
                paused = 0
            clocks = clocks_of(request)
            assert clocks.first == (due_date(since) if since else request.due_on)
            assert clocks.second == clocks.first + timedelta(days=paused), "only pauses since it was opened again count"
            assert clocks.is_paused is (request.state in PAUSING)
            opened_again = opened_again or request.state == State.REOPENED
            assert (since is not None) == opened_again
            assert request.paused_days + _standing(request) == paused
            assert request.state not in SHUT or not request.tasks.filter(done_at=None).exists()
        steps = request.events.filter(kind="moved").count()
        assert LedgerRow.objects.filter(verb="rights.move_request", subject_ref=str(request.ref)).count() == steps
        transaction.set_rollback(True)


def _standing(request: DataRequest) -> int:
    return (timezone.localdate() - request.paused_on).days if request.paused_on else 0
