"""Jobs on PostgreSQL: in the caller's transaction, run by whoever is there, again where a worker was killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from luvalla.jobs import port
from luvalla.jobs.engines import count_jobs, overdue_jobs, put_job, uses_procrastinate
from luvalla.jobs.errors import JobFailed
from luvalla.jobs.port import enqueue, task
from luvalla.jobs.testing import run_due
from tests.support.loops import run_apart

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="procrastinate carries the jobs on PostgreSQL"),
]
WORKER = """
import os, sys, threading, time
from luvalla.cli.django import set_up_django
set_up_django()
from luvalla.jobs import on_postgresql
from luvalla.jobs.port import task
on_postgresql.SILENCE, on_postgresql.LOOK = 2.0, 0.2

@task("test.note")
def note(*, number):
    with open(sys.argv[1], "a") as file:
        file.write(f"{os.getpid()} {number}\\n")
    if sys.argv[2] == "hang":
        time.sleep(60)

on_postgresql.Worker(threading.Event()).run()
"""


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    monkeypatch.setattr(port, "_tasks", {})
    seen: list[int] = []

    @task("test.note")
    def note(*, number: int) -> None:
        seen.append(number)

    yield seen
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


def wait_until(true: Callable[[], bool], at_most: float = 30.0) -> None:
    end = time.monotonic() + at_most
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def start_worker(
    process_environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(manner: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, str(tmp_path / "notes"), manner]
        running.append(subprocess.Popen(command, env={**os.environ, **process_environment}))
        return running[-1]

    yield start
    for each in running:
        each.kill()
        each.wait()


def test_a_job_belongs_to_the_caller_s_transaction_and_carries_ids_only(known: list[int]) -> None:
    assert uses_procrastinate()
    with transaction.atomic():
        enqueue("test.note", number=1)
        transaction.set_rollback(True)  # takes no keyword
    assert count_jobs() == (0, 0)
    enqueue("test.note", number=2)
    with connection.cursor() as cursor:
        cursor.execute("select task_name, args from procrastinate_jobs")
        ((name, told),) = cursor.fetchall()
    assert name == "luvalla.run"
    assert (json.loads(told) if isinstance(told, str) else told) == {"name": "test.note", "arguments": {"number": 2}}
    assert run_due() == 1
    assert known == [2]
    assert count_jobs() == (0, 0)


def test_a_job_whose_worker_was_killed_is_run_by_another(
    start_worker: Callable[[str], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    enqueue("test.note", number=7)
    first = start_worker("hang")
    wait_until(notes.exists)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = start_worker("work")
    wait_until(lambda: count_jobs() == (0, 0))
    assert notes.read_text().splitlines() == [f"{first.pid} 7", f"{second.pid} 7"]


def test_a_job_that_nobody_takes_and_one_of_a_silent_worker_are_overdue(known: list[int]) -> None:
    hour = timedelta(hours=1)
    enqueue("test.note", number=1)
    put_job("test.note", {"number": 2}, timezone.now() + hour)
    assert overdue_jobs(timezone.now() - hour) == 0
    assert overdue_jobs(timezone.now() + timedelta(minutes=1)) == 1
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (%s) returning id", [timezone.now()])
        (worker,) = cursor.fetchone()
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [worker])
        assert overdue_jobs(timezone.now() - hour) == 0
        assert overdue_jobs(timezone.now() + hour) == 2
        cursor.execute("delete from procrastinate_workers")
    assert overdue_jobs(timezone.now() - hour) == 2


def test_of_a_fault_only_its_name_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    from luvalla.jobs.on_postgresql import run_named  # noqa: PLC0415  # needs procrastinate's application

    @task("test.fail")
    def fail(*, number: int) -> None:
        message = f"maija{number}@esimerkki.fi could not be reached"
        raise ValueError(message)

    async def run() -> None:
        await asyncio.to_thread(run_named, "test.fail", {"number": 1})

    with pytest.raises(JobFailed) as failed:
        run_apart(run())
    assert str(failed.value) == "ValueError"
    assert failed.value.__suppress_context__
    assert "maija" not in caplog.text
