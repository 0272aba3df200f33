"""Jobs on PostgreSQL, carried by procrastinate: any number of workers on any number of machines.

One task of procrastinate runs whatever the port knows by name; its arguments are ids. A worker shows every ten seconds
that it lives. A job whose worker has been silent for half a minute is given to another one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import close_old_connections, connections
from django.utils import timezone
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app as django_app
from procrastinate.exceptions import ConnectorException

from luvalla.jobs.errors import JobFailed
from luvalla.jobs.port import task_named

TASK: Final = "luvalla.run"
QUEUE: Final = "luvalla"
AGAIN: Final = RetryStrategy(max_attempts=7, exponential_wait=4)
"""After 4, 16, 64 seconds and so on: seven further attempts in about six hours."""
SILENCE: Final = 30.0
"""Seconds without a sign of life after which a worker counts as dead."""
LOOK: Final = 10.0
PAUSE: Final = 1.0
log = logging.getLogger(__name__)
# Its own words about jobs have their arguments in them: ids, and still more than a log needs.
logging.getLogger("procrastinate").setLevel(logging.ERROR)


def put(name: str, arguments: Mapping[str, int | str], run_at: datetime | None) -> None:
    """Put a job into the queue through Django's own connection, so that it belongs to the caller's transaction."""
    deferrer = django_app.configure_task(TASK, schedule_at=run_at, queue=QUEUE, allow_unknown=True)
    deferrer.defer(name=name, arguments=dict(arguments))


def run_named(name: str, arguments: Mapping[str, Any]) -> None:
    """Run the port's task of that name; of its fault only the class name gets out."""
    close_old_connections()
    try:
        task_named(name)(**arguments)
    except Exception as fault:  # noqa: BLE001  # its message might hold what neither queue nor log may have
        log.warning("a job of %s failed: %s", name, type(fault).__name__)
        raise JobFailed(type(fault).__name__) from None
    finally:
        connections.close_all()


class Worker:
    """Takes jobs in a thread of its own, until it is told to end."""

    def __init__(self, ended: threading.Event) -> None:
        """Take what tells it to end."""
        self._ended = ended

    def run(self) -> None:
        """Work until told to end; a database that is away is waited for."""
        while not self._ended.is_set():
            try:
                asyncio.run(self._work())
            except (ConnectorException, OSError) as fault:
                log.warning("jobs could not be read: %s", type(fault).__name__)
            self._ended.wait(PAUSE)
        connections.close_all()

    async def _work(self) -> None:
        app = worker_app()
        async with app.open_async():
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE], concurrency=1, install_signal_handlers=False, delete_jobs="successful",
                    fetch_job_polling_interval=PAUSE, stalled_worker_timeout=SILENCE,
                )
            )  # fmt: skip
            looking = asyncio.create_task(_look_after_stalled(app))
            while not self._ended.is_set():
                done, _ = await asyncio.wait({working, looking}, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    break
            for task in (looking, working):
                task.cancel()
            faults = await asyncio.gather(working, looking, return_exceptions=True)
        for fault in faults:
            if isinstance(fault, Exception):
                raise fault


def worker_app() -> App:
    """Make procrastinate's application for a worker, with connections of its own."""
    app = App(connector=django_app.connector.get_worker_connector())  # type: ignore[attr-defined]  # Django's connector
    app.task(name=TASK, queue=QUEUE, retry=AGAIN)(run_named)
    return app


async def retry_stalled(app: App) -> int:
    """Give the jobs of dead workers to others; tell how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENCE))
    for job in stalled:
        await app.job_manager.retry_job(job, retry_at=timezone.now())
    return len(stalled)


async def _look_after_stalled(app: App) -> None:
    while True:
        await retry_stalled(app)
        await asyncio.sleep(LOOK)
