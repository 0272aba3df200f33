"""Which engine carries the jobs: on SQLite the runner of this program, on PostgreSQL procrastinate.

Rooms know the port alone. Both engines take a job in the caller's transaction, run it again where its process died, try
it again later where it failed, and keep nothing of a fault but its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.apps import apps
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from luvalla.jobs.models import Job

ENGINE: Final = "procrastinate"
"""Label of procrastinate's application, which is installed where the database is PostgreSQL."""
COUNT: Final = """
select count(*) filter (where status in ('todo', 'doing')), count(*) filter (where status = 'failed')
from procrastinate_jobs
"""
OVERDUE: Final = """
select count(*) from procrastinate_jobs job
left join procrastinate_workers worker on worker.id = job.worker_id
where (
    status = 'todo' and coalesce(
        scheduled_at, (select max(at) from procrastinate_events where job_id = job.id), '-infinity'
    ) < %(before)s
) or (
    status = 'doing' and coalesce(worker.last_heartbeat, '-infinity') < %(before)s
)
"""
"""What should have been begun before a moment, and what was begun by a worker that has been silent since."""


def uses_procrastinate() -> bool:
    """Tell whether procrastinate carries the jobs here."""
    return connection.vendor == "postgresql" and apps.is_installed("procrastinate.contrib.django")


def put_job(name: str, arguments: Mapping[str, int | str], run_at: datetime | None) -> None:
    """Put a job into the queue, in the caller's transaction."""
    if uses_procrastinate():
        from luvalla.jobs.on_postgresql import put  # noqa: PLC0415  # only where it is installed

        put(name, arguments, run_at)
        return
    Job.objects.create(name=name, arguments=dict(arguments), run_at=run_at or timezone.now())


def count_jobs() -> tuple[int, int]:
    """Count the jobs that wait or are being run, and those that were given up."""
    if not uses_procrastinate():
        failed = Job.objects.exclude(failed_at=None).count()
        return Job.objects.count() - failed, failed
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        waiting, failed = cursor.fetchone()
    return waiting, failed


def overdue_jobs(before: datetime) -> int:
    """Count the jobs that were due before a moment and that nobody has taken, or whose worker has been silent since."""
    if not uses_procrastinate():
        free = Q(lease_until=None) | Q(lease_until__lt=before)
        return Job.objects.filter(free, failed_at=None, run_at__lt=before).count()
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, {"before": before})
        (overdue,) = cursor.fetchone()
    return int(overdue)
