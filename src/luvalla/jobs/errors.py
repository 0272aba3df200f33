"""The exception tree of background work.

JobsError
├── UnknownTask         no task of that name is registered
├── NotAnId             an argument is neither a number nor a random reference: queues carry ids only
└── JobFailed           a job failed; carries the name of its fault and nothing else
"""

from __future__ import annotations


class JobsError(Exception):
    """Something is wrong with background work."""


class UnknownTask(JobsError):
    """No task of that name is registered."""


class NotAnId(JobsError):
    """An argument is neither a number nor a random reference: queues carry ids only."""


class JobFailed(JobsError):
    """A job failed; carries the name of its fault, never its message, which might hold what a queue must not."""
