"""Background work of a process: its jobs, and the periodic tasks whose turn is its own.

On SQLite jobs are taken under a lease and run here; on PostgreSQL procrastinate brings them (on_postgresql.py).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from luvalla.jobs.engines import uses_procrastinate
from luvalla.jobs.models import Job
from luvalla.jobs.port import Periodic, periodic_tasks, task_named
from luvalla.jobs.turns import Turns

LEASE: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 8
BACKOFF_SECONDS: Final = 5
log = logging.getLogger(__name__)


def run_due(*, owner: str = "") -> int:
    """Run every job that is due now, one after the other; tell how many were run."""
    name, done = owner or secrets.token_hex(8), 0
    while (job := _take(name)) is not None:
        _run(job)
        done += 1
    return done


def _take(owner: str) -> Job | None:
    """Take one due job that nobody holds. The update decides between two takers."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    for job in Job.objects.filter(free, failed_at=None, run_at__lte=now).order_by("run_at", "pk")[:5]:
        mine = Job.objects.filter(free, pk=job.pk, failed_at=None).update(
            owner=owner, lease_until=now + LEASE, attempts=F("attempts") + 1
        )
        if mine:
            job.refresh_from_db()
            return job
    return None


def _run(job: Job) -> None:
    renewal = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(job.pk, renewal), daemon=True)
    keeper.start()
    try:
        task_named(job.name)(**job.arguments)
    except Exception as fault:  # noqa: BLE001  # whatever a task raises, the runner goes on and the job is tried again
        _put_back(job, fault)
    else:
        Job.objects.filter(pk=job.pk).delete()
    finally:
        renewal.set()
        keeper.join()


def _keep_lease(pk: int, ended: threading.Event) -> None:
    """Renew the lease of a long job, from a connection of its own, until the job has ended."""
    while not ended.wait(LEASE.total_seconds() / 3):
        Job.objects.filter(pk=pk).update(lease_until=timezone.now() + LEASE)
    connections.close_all()


def _put_back(job: Job, fault: Exception) -> None:
    """Try again later, or give up; only the fault's class is kept, since its message might hold personal data."""
    job.fault = type(fault).__name__
    log.warning("job %s of %s failed: %s (attempt %s)", job.pk, job.name, job.fault, job.attempts)
    job.owner, job.lease_until = "", None
    if job.attempts >= MOST_ATTEMPTS:
        job.failed_at = timezone.now()
    else:
        job.run_at = timezone.now() + timedelta(seconds=BACKOFF_SECONDS * 2 ** (job.attempts - 1))
    with transaction.atomic():
        job.save(update_fields=["fault", "owner", "lease_until", "failed_at", "run_at"])


class Runner:
    """Two threads of `luvalla run`: due jobs in one, periodic tasks in the other, so that no long job delays a seal."""

    def __init__(self, *, pause: float = 0.2) -> None:
        """Make the threads; pause is how long one rests, in seconds, when nothing is due."""
        self._pause = pause
        self._ended = threading.Event()
        self._next = dict.fromkeys((each.name for each in periodic_tasks()), 0.0)
        self._turns = Turns()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("luvalla-jobs", self._do_jobs), ("luvalla-periodic", self._do_periodic_tasks))
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, at_most: float = 10.0) -> None:
        """Ask both threads to end after what they are doing, and wait at most so many seconds for each."""
        self._ended.set()
        for thread in self._threads:
            thread.join(at_most)

    def _do_jobs(self) -> None:
        if uses_procrastinate():
            from luvalla.jobs.on_postgresql import Worker  # noqa: PLC0415  # only where it is installed

            Worker(self._ended).run()
        else:
            self._repeat(self._run_jobs)

    def _do_periodic_tasks(self) -> None:
        self._repeat(self._run_periodic_tasks)
        self._turns.give_up()

    def _repeat(self, step: Callable[[], object]) -> None:
        while not self._ended.is_set():
            step()
            self._ended.wait(self._pause)
        connections.close_all()

    def _run_jobs(self) -> None:
        try:
            run_due(owner=secrets.token_hex(8))
        except DatabaseError as fault:
            log.warning("jobs could not be read: %s", type(fault).__name__)
            connections.close_all()

    def _run_periodic_tasks(self) -> None:
        for each in periodic_tasks():
            if time.monotonic() >= self._next.setdefault(each.name, 0.0):
                self._next[each.name] = time.monotonic() + each.every.total_seconds()
                self._run_one(each)

    def _run_one(self, each: Periodic) -> None:
        try:
            if each.in_each_process or self._turns.is_mine(each.name):
                each.run()
        except Exception as fault:  # noqa: BLE001  # one failing task may not stop the others
            log.warning("periodic task %s failed: %s", each.name, type(fault).__name__)
            connections.close_all()
