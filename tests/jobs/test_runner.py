"""Background work is done once, is tried again when it fails, and never carries anything about people."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from luvalla.jobs import engines, port, runner
from luvalla.jobs.engines import overdue_jobs
from luvalla.jobs.errors import NotAnId, UnknownTask
from luvalla.jobs.models import Job
from luvalla.jobs.port import enqueue, periodic, task
from luvalla.jobs.runner import MOST_ATTEMPTS, Runner, run_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A register of tasks of the test's own, and what they have done."""
    monkeypatch.setattr(engines, "uses_procrastinate", lambda: False)
    monkeypatch.setattr(runner, "uses_procrastinate", lambda: False)
    monkeypatch.setattr(port, "_tasks", {})
    monkeypatch.setattr(port, "_periodic", {})
    seen: list[object] = []

    @task("test.note")
    def note(*, number: int) -> None:
        seen.append(number)

    @task("test.fail")
    def fail(*, number: int) -> None:
        seen.append(number)
        message = "maija@esimerkki.fi could not be reached"
        raise ValueError(message)

    return seen


def test_a_due_job_is_run_once_and_is_gone(done: list[object]) -> None:
    enqueue("test.note", number=7)
    assert run_due() == 1
    assert run_due() == 0
    assert done == [7]
    assert not Job.objects.exists()


def test_a_job_waits_for_its_time(done: list[object]) -> None:
    enqueue("test.note", number=7, run_at=timezone.now() + timedelta(hours=1))
    assert run_due() == 0
    assert done == []


def test_a_failing_job_is_tried_again_later_and_given_up_at_last(done: list[object]) -> None:
    moment = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    with time_machine.travel(moment, tick=False) as clock:
        enqueue("test.fail", number=1)
        for _ in range(MOST_ATTEMPTS):
            assert run_due() == 1
            assert run_due() == 0
            clock.shift(timedelta(days=1))
        assert run_due() == 0
    assert done == [1] * MOST_ATTEMPTS
    assert Job.objects.get().failed_at is not None


def test_what_a_failed_job_keeps_of_its_fault_is_the_class_name_alone(
    done: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    enqueue("test.fail", number=1)
    run_due()
    assert done == [1]
    assert Job.objects.get().fault == "ValueError"
    assert "maija" not in caplog.text


def test_a_job_whose_process_died_is_run_by_another(done: list[object]) -> None:
    enqueue("test.note", number=3)
    Job.objects.update(owner="dead", lease_until=timezone.now() + timedelta(seconds=30))
    assert run_due() == 0
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1
    assert done == [3]


def test_a_job_in_good_hands_is_not_overdue_however_long_it_takes(done: list[object]) -> None:
    enqueue("test.note", number=1)
    hour = timedelta(hours=1)
    Job.objects.update(run_at=timezone.now() - hour, owner="somebody", lease_until=timezone.now() + hour)
    assert overdue_jobs(timezone.now()) == 0
    Job.objects.update(lease_until=timezone.now() - hour)
    assert overdue_jobs(timezone.now()) == 1
    Job.objects.update(lease_until=None, failed_at=timezone.now())
    assert overdue_jobs(timezone.now()) == 0


@pytest.mark.parametrize("argument", ["maija@esimerkki.fi", "a b", "x" * 41, 1.5, b"token"])
def test_a_queue_refuses_whatever_is_not_an_id(done: list[object], argument: object) -> None:
    with pytest.raises(NotAnId):
        enqueue("test.note", number=argument)  # type: ignore[arg-type]  # that is what the test is about
    assert not Job.objects.exists()
    assert done == []


@pytest.mark.parametrize("argument", [5, uuid.UUID(int=9), "nightly"])
def test_numbers_random_references_and_short_codes_are_ids(done: list[object], argument: int | uuid.UUID | str) -> None:
    enqueue("test.note", number=argument)
    run_due()
    assert [str(each) for each in done] == [str(argument)]


def test_a_task_nobody_knows_is_refused_when_it_is_asked_for(done: list[object]) -> None:
    with pytest.raises(UnknownTask):
        enqueue("test.missing")
    assert done == []


def test_a_long_job_does_not_delay_what_runs_every_second(done: list[object]) -> None:
    ticks: list[float] = []

    @periodic("test.tick", seconds=0.05)
    def tick() -> None:
        ticks.append(time.monotonic())

    @task("test.long")
    def long() -> None:
        time.sleep(0.6)
        done.append("long")

    enqueue("test.long")
    running = Runner(pause=0.01)
    running.start()
    deadline = time.monotonic() + 10
    while "long" not in done and time.monotonic() < deadline:
        time.sleep(0.01)
    running.stop()
    assert done == ["long"]
    assert len(ticks) >= 4
