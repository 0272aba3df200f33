"""Work to be done outside a request. A job carries ids only, nothing about people."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One piece of background work of the in-process runner."""

    name = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict, blank=True)
    run_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    owner = models.CharField(max_length=40, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=120, blank=True)
    """Class name of the last exception, never its message: a message might hold what a queue must not."""

    class Meta:
        """The runner looks for what is due."""

        indexes = (models.Index(fields=["run_at"], name="jobs_due", condition=models.Q(failed_at=None)),)

    def __str__(self) -> str:
        """Name the job by its task."""
        return self.name
