"""Imports against everything that can happen at the same moment: stops, crashes, other imports, killed processes."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from luvalla.ledger.actors import OPERATOR, SUBJECT
from luvalla.register import stop
from luvalla.register.importing import staging
from luvalla.register.importing.actions import apply_batch, begin_batch, discard_abandoned, discard_batch, stage_batch
from luvalla.register.importing.clearing import clear_batch, clear_leftovers, drop_stopped
from luvalla.register.importing.comparing import Comparison, Judged
from luvalla.register.importing.errors import Lost
from luvalla.register.importing.export import Options
from luvalla.register.importing.preparing import Prepared
from luvalla.register.importing.settling import settle_batch
from luvalla.register.importing.staging import Staging
from luvalla.register.models import Batch, Contact, Permission, Source, Suppression
from luvalla.register.queries import find_contact, is_suppressed, open_address, visible_contacts
from luvalla.rules.address import normalise
from luvalla.rules.purposes import PermissionKind
from tests.register.conftest import PatientBarrier
from tests.register.importing.conftest import Bring, Stage
from tests.support.files import bytes_of

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "email;sopimus alkoi\n"
MAIJA = normalise("maija@esimerkki.fi")
READER = """
import sys
from luvalla.cli.django import set_up_django
set_up_django()
from luvalla.register.importing import staging
from luvalla.register.importing.staging import Staging
from luvalla.cli.main import main
write = Staging._write
def halfway(self, judged):
    write(self, judged)
    if self.rows_written(len(judged.new)) > 1000:
        print("halfway", flush=True)
        sys.stdin.read()
Staging.total = 0
def count(self, rows):
    Staging.total += rows
    return Staging.total
Staging.rows_written, Staging._write = count, halfway
main(["import", sys.argv[1], "--source", "crm", "--permission", "customer"])
"""


def many(count: int, *, first: int = 0) -> str:
    """Write an export of so many customers."""
    return HEADER + "".join(
        f"asiakas{number}@esimerkki{number % 7}.example;1.1.2020\n" for number in range(first, count)
    )


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    """Do something from another connection."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def withdraw_maija() -> None:
    """Let Maija stop the letters."""
    stop.withdraw(address=MAIJA, channel="test", actor=SUBJECT)


def test_a_withdrawal_between_staging_and_the_flip_wins(stage: Stage, barrier: PatientBarrier) -> None:
    batch = stage(HEADER + "maija@esimerkki.fi;\npekka@esimerkki.fi;\n")
    withdraw_maija()
    apply_batch(batch=batch, actor=OPERATOR)
    assert {open_address(each) for each in visible_contacts()} == {"pekka@esimerkki.fi"}
    settle_batch(batch)
    assert Contact.objects.count() == 1


def test_a_withdrawal_while_its_window_is_being_written_wins(
    stage: Stage, barrier: PatientBarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    judge = Comparison.judge

    def judge_and_be_overtaken(self: Comparison, rows: list[Prepared]) -> Judged:
        judged = judge(self, rows)
        if not threads and rows:
            threads.append(in_a_thread(withdraw_maija))
            time.sleep(0.3)  # the stop comes now, between the reading of suppressions and the commit
        return judged

    monkeypatch.setattr(Comparison, "judge", judge_and_be_overtaken)
    batch = stage(HEADER + "maija@esimerkki.fi;\npekka@esimerkki.fi;\n")
    threads[0].join()
    apply_batch(batch=batch, actor=OPERATOR)
    assert is_suppressed(MAIJA)
    assert {open_address(each) for each in visible_contacts()} == {"pekka@esimerkki.fi"}
    assert Contact.objects.count() == 1


def test_what_a_stop_could_not_see_is_dropped_before_the_flip(stage: Stage) -> None:
    """Put back by hand what the door keeps from happening: a suppression, and the staged row still there."""
    batch = stage(HEADER + "maija@esimerkki.fi;\npekka@esimerkki.fi;\n")
    Suppression.objects.create(token=bytes(Contact.objects.order_by("pk")[0].folded), reason="withdrawal")
    assert drop_stopped(batch) == 1
    assert Contact.objects.count() == 1
    assert drop_stopped(batch) == 0


def test_many_withdrawals_during_staging_all_win(stage: Stage, barrier: PatientBarrier) -> None:
    stopped = [normalise(f"asiakas{number}@esimerkki{number % 7}.example") for number in range(0, 4000, 200)]
    started = threading.Event()

    def stop_them() -> None:
        started.wait(10)
        for address in stopped:
            stop.withdraw(address=address, channel="test", actor=SUBJECT)

    thread = in_a_thread(stop_them)
    text = many(4000)
    batch = begin_batch(source=Source.objects.get(key="crm"), permission=PermissionKind.CUSTOMER, actor=OPERATOR)
    opener = lambda: _Slowly(text.encode(), started)  # noqa: E731  # a file that is read while the stops come
    stage_batch(batch=batch, opener=opener, options=Options(), actor=OPERATOR)
    apply_batch(batch=batch, actor=OPERATOR)
    thread.join()
    settle_batch(Batch.objects.get(pk=batch.pk))
    for address in stopped:
        assert find_contact(address) is None
    assert Contact.objects.count() == 4000 - len(stopped)


class _Slowly(io.BytesIO):
    """A file that tells when its rows begin to be read."""

    def __init__(self, content: bytes, started: threading.Event) -> None:
        super().__init__(content)
        self._started = started

    def read(self, size: int | None = -1) -> bytes:
        self._started.set()
        return super().read(size)


def test_stops_are_answered_in_the_middle_of_an_import(stage: Stage, barrier: PatientBarrier, crm: Source) -> None:
    """How long they wait is measured in bench/import_speed.py; that they needn't wait for its end is seen here."""
    answered: list[int] = []
    ended = threading.Event()

    def keep_stopping() -> None:
        while not ended.is_set():
            unknown = normalise(f"tuntematon{len(answered)}@esimerkki.fi")
            stop.withdraw(address=unknown, channel="test", actor=SUBJECT)
            answered.append(Permission.objects.count())

    thread = in_a_thread(keep_stopping)
    try:
        stage(many(20_000))
    finally:
        ended.set()
        thread.join()
    assert any(0 < staged < 20_000 for staged in answered)


def test_a_reader_that_was_killed_leaves_nothing_visible_and_is_cleared_away(
    process_environment: dict[str, str], crm: Source, tmp_path: Path
) -> None:
    file = tmp_path / "vienti.csv"
    file.write_text(many(5000), encoding="utf-8")
    command = [sys.executable, "-c", READER, str(file)]
    with subprocess.Popen(
        command, env=process_environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "halfway\n"
        reader.send_signal(signal.SIGKILL)
    batch = Batch.objects.get()
    assert batch.state == Batch.State.READING
    assert not visible_contacts().exists()
    assert Permission.objects.filter(batch=batch).exists()
    assert discard_abandoned() == 0
    assert discard_abandoned(now=timezone.now() + timedelta(minutes=3)) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.fault) == (Batch.State.FAILED, "interrupted")
    assert not Contact.objects.exists()


def test_the_next_import_gives_a_dead_one_up(stage: Stage, crm: Source) -> None:
    dead = begin_batch(source=crm, permission=PermissionKind.CUSTOMER, actor=OPERATOR)
    Batch.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert stage(many(10)).counts["new"] == 10
    dead.refresh_from_db()
    assert dead.state == Batch.State.FAILED


def test_a_reader_that_was_given_up_stages_nothing_more(
    stage: Stage, crm: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging.Pace, "__init__", _small_pace)
    write = Staging._write
    taken: list[int] = []

    def write_until_given_up(self: Staging, judged: Judged) -> None:
        write(self, judged)
        taken.append(len(judged.new))
        if len(taken) == 3:
            Batch.objects.filter(pk=self.batch.pk).update(state=Batch.State.FAILED)

    monkeypatch.setattr(Staging, "_write", write_until_given_up)
    with pytest.raises(Lost):
        stage(many(1000))
    # Where two windows are staged beside each other, more may be written before the mark is committed; never all ten.
    assert 3 <= len(taken) <= (9 if connection.features.has_select_for_update else 3)
    assert not Contact.objects.exists()


def _small_pace(self: staging.Pace, size: int = 100) -> None:
    del size
    self.size, self.longest = 100, 0.0
    self._is_alone = connection.vendor == "sqlite"
    self._busy_since = self._free_since = time.monotonic()


def test_an_error_in_the_middle_leaves_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Staging, rows: list[Prepared]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Staging, "_signal", fail)
    with pytest.raises(ZeroDivisionError):
        stage(many(100))
    assert Batch.objects.get().state == Batch.State.FAILED
    assert not Contact.objects.exists()
    assert not Permission.objects.exists()


def test_what_a_process_that_died_while_clearing_left_is_cleared_later(stage: Stage, bring: Bring) -> None:
    bring(many(100))
    batch = stage(many(140, first=2))
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.FAILED)
    assert clear_leftovers() == 1
    assert visible_contacts().count() == Contact.objects.count() == Permission.objects.count() == 100
    assert not Permission.objects.exclude(ending_batch=None).exists()
    assert clear_leftovers() == 0


def test_settling_twice_or_clearing_what_was_applied_does_no_harm(stage: Stage, bring: Bring) -> None:
    bring(many(100))
    batch = bring(many(95))
    settle_batch(batch)
    clear_batch(batch)
    assert visible_contacts().count() == Contact.objects.count() == 95


def test_a_contact_that_the_next_import_brings_back_survives_the_settling(stage: Stage, bring: Bring) -> None:
    bring(many(100))
    leaving = apply_batch(batch=stage(many(95)), actor=OPERATOR)
    returning = stage(many(100))
    assert returning.counts["new"] == 5
    settle_batch(leaving)
    apply_batch(batch=returning, actor=OPERATOR)
    assert visible_contacts().count() == 100


def test_discarding_spares_contacts_that_another_source_brought_meanwhile(
    stage: Stage, bring: Bring, crm: Source
) -> None:
    partner = Source.objects.create(
        key="partner", evidence="x", default_audience=crm.default_audience, name_fi="P", name_sv="P", name_en="P"
    )
    staged = stage(many(50))
    bring(many(20), source=partner)
    clear_batch(discard_batch(batch=staged, actor=OPERATOR))
    assert visible_contacts().count() == Contact.objects.count() == 20


def test_two_sources_can_be_staged_at_once(stage: Stage, crm: Source) -> None:
    partner = Source.objects.create(
        key="partner", evidence="x", default_audience=crm.default_audience, name_fi="P", name_sv="P", name_en="P"
    )
    found: list[Batch] = []
    thread = in_a_thread(lambda: found.append(stage(many(3000), source=partner)))
    found.append(stage(many(3000)))
    thread.join()
    assert [each.counts["new"] for each in found] == [3000, 3000]
    for each in found:
        settle_batch(apply_batch(batch=each, actor=OPERATOR))
    assert Contact.objects.count() == 3000
    assert Permission.objects.count() == 6000


def test_no_imported_address_stands_in_any_file_of_the_home(bring: Bring, barrier: PatientBarrier) -> None:
    home, address = Path(settings.LUVALLA_HOME), "erityinen.nimi@harvinainen-verkko.example"
    bring(f"{HEADER}{address};\n{address.title()};\n{address.replace('@', '+x@')};\nviallinen-osoite@;\n")
    stop.withdraw(address=normalise(address), channel="test", actor=SUBJECT)
    bring(f"{HEADER}{address};\ntoinen@harvinainen-verkko.example;\n")
    read = b"".join(bytes_of(each).lower() for each in home.rglob("*") if each.is_file() and not each.is_symlink())
    assert len(read) > (10_000 if connection.vendor == "sqlite" else 100)
    for part in (b"harvinainen-verkko", b"erityinen.nimi", b"viallinen-osoite"):
        assert part not in read
