"""A stop against everything that can happen at the same moment: a staging import, another stop, a killed process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from luvalla.ledger.actors import SUBJECT, SYSTEM
from luvalla.ledger.erasures import read_lines
from luvalla.register import actions, stop
from luvalla.register.actions import add_permission
from luvalla.register.admission import admit, close_door
from luvalla.register.claims import stopped_addresses_are_gone
from luvalla.register.errors import RegisterError, Suppressed
from luvalla.register.models import Contact, Source, SourceNotice, Stop, Suppression
from luvalla.register.queries import is_suppressed
from luvalla.register.tasks import finish_stops
from luvalla.rules.address import normalise
from luvalla.rules.ports import Verdict
from luvalla.rules.purposes import PermissionKind
from tests.register.conftest import PatientBarrier

pytestmark = pytest.mark.django_db(transaction=True)
MAIJA = normalise("maija@esimerkki.fi")
Bring = Callable[[str], Contact]


class Thread(threading.Thread):
    """A thread that closes its connection and keeps what its work raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.fault: BaseException | None = None
        self.start()

    def run(self) -> None:
        """Work."""
        try:
            self.work()
        except Exception as fault:  # noqa: BLE001  # the test looks at it
            self.fault = fault
        finally:
            connections.close_all()


def test_the_door_is_held_inside_a_transaction_only() -> None:
    for take in (admit, close_door):
        with pytest.raises(RegisterError):
            take()


def test_a_stop_waits_for_an_import_that_is_staging_and_erases_what_it_brought(
    on_postgres: None, crm: Source, barrier: PatientBarrier
) -> None:
    """The import has read that nothing is suppressed and has not committed its rows when the stop begins."""
    staged, may_commit = threading.Event(), threading.Event()

    def stage() -> None:
        with transaction.atomic():
            add_permission(
                address=MAIJA, kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience, actor=SYSTEM
            )
            staged.set()
            may_commit.wait(10)

    importing = Thread(stage)
    assert staged.wait(10)
    stopping = Thread(lambda: stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT))
    time.sleep(0.3)
    assert stopping.is_alive()
    may_commit.set()
    importing.join()
    stopping.join()
    assert (importing.fault, stopping.fault) == (None, None)
    assert not Contact.objects.exists()
    assert is_suppressed(MAIJA)


def test_without_the_door_the_address_would_come_back(
    on_postgres: None, crm: Source, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: an import that doesn't hold the door commits after the stop has answered."""
    monkeypatch.setattr(actions, "admit", lambda: None)
    staged, may_commit = threading.Event(), threading.Event()

    def stage() -> None:
        with transaction.atomic():
            add_permission(
                address=MAIJA, kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience, actor=SYSTEM
            )
            staged.set()
            may_commit.wait(10)

    importing = Thread(stage)
    assert staged.wait(10)
    assert stop.withdraw(address=MAIJA, channel="web", actor=SUBJECT).finished
    may_commit.set()
    importing.join()
    assert Contact.objects.count() == 1
    assert stopped_addresses_are_gone().verdict is Verdict.BROKEN


def test_an_import_that_comes_after_the_block_sees_the_suppression(
    on_postgres: None, crm: Source, barrier: PatientBarrier
) -> None:
    """The import begins while the stop holds the door: it waits, and then reads what the stop has written."""
    blocked, may_commit = threading.Event(), threading.Event()

    def block() -> None:
        with transaction.atomic():
            close_door()
            Suppression.objects.create(token=stop.sealer().folded_token(MAIJA), reason="withdrawal")
            blocked.set()
            may_commit.wait(10)

    def stage() -> None:
        add_permission(
            address=MAIJA, kind=PermissionKind.CUSTOMER, source=crm, audience=crm.default_audience, actor=SYSTEM
        )

    stopping = Thread(block)
    assert blocked.wait(10)
    importing = Thread(stage)
    time.sleep(0.3)
    assert importing.is_alive()
    may_commit.set()
    stopping.join()
    importing.join()
    assert isinstance(importing.fault, Suppressed)
    assert not Contact.objects.exists()


def test_imports_don_t_wait_for_each_other(on_postgres: None, crm: Source) -> None:
    inside = threading.Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            admit()
            inside.wait(10)

    threads = [Thread(hold), Thread(hold)]
    for each in threads:
        each.join()
    assert [each.fault for each in threads] == [None, None]


def test_imports_and_stops_of_the_same_address_never_leave_it_behind(
    crm: Source, register_address: Bring, barrier: PatientBarrier
) -> None:
    """Round after round, an import brings an address while a stop takes it: it is gone at the end."""

    def bring(text: str) -> None:
        with suppress(Suppressed):
            register_address(text)

    for number in range(12):
        text = f"maija{number}@esimerkki.fi"
        address = normalise(text)
        threads = [
            Thread(lambda text=text: bring(text)),
            Thread(lambda address=address: stop.withdraw(address=address, channel="web", actor=SUBJECT)),
            Thread(lambda text=text: bring(text.replace("@", "+x@"))),
            Thread(lambda address=address: stop.withdraw(address=address, channel="one_click", actor=SUBJECT)),
        ]
        for each in threads:
            each.join()
        assert [each.fault for each in threads] == [None] * 4
    assert not Contact.objects.exists()
    assert Suppression.objects.count() == 12
    assert not Stop.objects.filter(answered_at=None).exists()
    assert [each.seq for each in read_lines()] == list(range(1, len(list(read_lines())) + 1))


KILLED = """
import os, sys, django
django.setup()
from luvalla.ledger.actors import SUBJECT
from luvalla.register import actions, stop
from luvalla.rules.address import normalise
from luvalla.rules.ports import Registry

class Forever:
    def wait(self, contact_ids, *, at_most):
        print("waiting", flush=True)
        sys.stdin.read()

stop.barriers = Registry("barrier")
stop.barriers.register("forever", Forever())
stop.withdraw(address=normalise("maija@esimerkki.fi"), channel="web", actor=SUBJECT)
"""


def test_a_stop_whose_process_was_killed_is_finished_by_another(
    register_address: Bring, process_environment: dict[str, str], barrier: PatientBarrier
) -> None:
    register_address("maija@esimerkki.fi")
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env={**process_environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    process.stdin.close()
    assert is_suppressed(MAIJA)
    assert [each.entry.operation.value for each in read_lines()] == ["erase", "suppress"]
    assert Contact.objects.count() == 1
    Stop.objects.update(requested_at=timezone.now() - timedelta(minutes=1))
    assert finish_stops() == 1
    assert not Contact.objects.exists()
    assert SourceNotice.objects.count() == 1
