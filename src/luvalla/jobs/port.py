"""The port to background work: rooms name their tasks here and enqueue them by name.

A task must be safe to run twice: a job whose process died is run again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar

from luvalla.jobs.errors import NotAnId, UnknownTask

Id: TypeAlias = int | uuid.UUID | str
Task: TypeAlias = Callable[..., object]
TaskT = TypeVar("TaskT", bound=Task)

LONGEST_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task without arguments that runs again and again."""

    name: str
    run: Callable[[], object]
    every: timedelta
    in_each_process: bool = False


_tasks: Final[dict[str, Task]] = {}
_periodic: Final[dict[str, Periodic]] = {}


def task(name: str) -> Callable[[TaskT], TaskT]:
    """Register a function as the task "<room>.<verb>"; its arguments are ids and short codes, by keyword."""

    def register(function: TaskT) -> TaskT:
        _tasks[name] = function
        return function

    return register


def periodic(name: str, *, seconds: float, in_each_process: bool = False) -> Callable[[TaskT], TaskT]:
    """Register a function without arguments to be run every so many seconds by one process at a time.

    in_each_process: by every process for itself, where it is about the process.
    """

    def register(function: TaskT) -> TaskT:
        _periodic[name] = Periodic(name, function, timedelta(seconds=seconds), in_each_process)
        return function

    return register


def task_named(name: str) -> Task:
    """Give the task of that name; UnknownTask when no room has registered it."""
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownTask(name) from None


def periodic_tasks() -> tuple[Periodic, ...]:
    """Give all periodic tasks."""
    return tuple(_periodic.values())


def enqueue(name: str, *, run_at: datetime | None = None, **ids: Id) -> None:
    """Ask for a task to be run, at once or at a time, in the caller's transaction.

    Raises UnknownTask, and NotAnId for an argument that is neither a number, a random reference nor a short code.
    """
    from luvalla.jobs.engines import put_job  # noqa: PLC0415  # the port is imported before the models are ready

    task_named(name)
    arguments = {key: _plain(value) for key, value in ids.items()}
    put_job(name, arguments, run_at)


def _plain(value: Id) -> int | str:
    if isinstance(value, int):
        return value
    if not isinstance(value, uuid.UUID | str):
        raise NotAnId
    text = str(value)
    if len(text) > LONGEST_WORD or not text.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise NotAnId
    return text
