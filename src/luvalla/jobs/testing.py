"""The port's twin for tests: runs what is due at once, and lets faults through."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.utils import timezone

from luvalla.jobs.engines import uses_procrastinate
from luvalla.jobs.models import Job
from luvalla.jobs.port import periodic_tasks, task_named

NEXT = """
select id, args from procrastinate_jobs
where status = 'todo' and (scheduled_at is null or scheduled_at <= %s) order by scheduled_at nulls first, id limit 1
"""
DONE = "delete from procrastinate_jobs where id = %s"


def run_due() -> int:
    """Run every due job in this process and let its exceptions through; tell how many were run."""
    done = 0
    while job := _next():
        name, arguments, forget = job
        task_named(name)(**arguments)
        forget()
        done += 1
    return done


def run_periodic(name: str) -> None:
    """Run the periodic task of that name once."""
    next(each for each in periodic_tasks() if each.name == name).run()


def _next() -> tuple[str, dict[str, Any], Callable[[], object]] | None:
    """Give the next due job and how it is forgotten."""
    if not uses_procrastinate():
        job = Job.objects.filter(failed_at=None, run_at__lte=timezone.now()).order_by("run_at", "pk").first()
        return None if job is None else (job.name, job.arguments, job.delete)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, (timezone.now(),))
        row = cursor.fetchone()
    if row is None:
        return None
    told = json.loads(row[1]) if isinstance(row[1], str) else row[1]
    return told["name"], told["arguments"], lambda: _execute(DONE, row[0])


def _execute(statement: str, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, (number,))
