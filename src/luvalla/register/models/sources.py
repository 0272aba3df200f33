"""Where addresses come from: audiences, sources, and the exports of a source on their way into the register."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.organisation.models import ThreeLanguages
from luvalla.rules.purposes import PermissionKind


class Audience(ThreeLanguages):
    """The contacts a campaign is addressed to: customers, stakeholders, prospects and their groups."""

    key = models.SlugField(unique=True)
    language = models.CharField(max_length=2, default="fi")
    open_for_sign_up = models.BooleanField(default=False)


class Source(ThreeLanguages):
    """Where addresses come from; the customer information system is the regular one (GDPR 14(2)(f))."""

    key = models.SlugField(unique=True)
    evidence = models.TextField(blank=True)
    """Statement of what an address from here proves: who keeps the evidence and how it is shown."""
    default_audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    is_sign_up = models.BooleanField(default=False)


class Batch(models.Model):
    """One export of a source on its way into the register."""

    class State(models.TextChoices):
        """READING and STAGED change nothing that anybody can see; APPLIED is the flip."""

        READING = "reading"
        STAGED = "staged"
        AWAITING_RELEASE = "awaiting_release"
        APPLIED = "applied"
        SETTLED = "settled"
        DISCARDED = "discarded"
        FAILED = "failed"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    permission = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PermissionKind])
    state = models.CharField(max_length=20, choices=State.choices, default=State.READING)
    file_name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    upload = models.CharField(max_length=80, blank=True)
    """Name of the sealed upload in LUVALLA_HOME/uploads, while it is kept."""
    reading = models.JSONField(default=dict)
    """How the file is read: encoding, delimiter, sheet, column mapping, columns kept and dropped."""
    counts = models.JSONField(default=dict)
    """Rows by group: new, unchanged, changed, suppressed, duplicate, refused; and gone."""
    rows_read = models.PositiveIntegerField(default=0)
    rows_expected = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True)
    brought_by = models.CharField(max_length=60)
    decided_by = models.CharField(max_length=60, blank=True)
    released_by = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decide_by = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    """Until when its reader has the word; renewed with each window, so that a dead reader's batch can be discarded."""

    PENDING = (State.READING, State.STAGED, State.AWAITING_RELEASE)
    """States in which the batch's rows don't count yet."""

    class Meta:
        """A second undecided export of a source would be compared with a register that the first is about to change."""

        constraints = (
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state__in=("reading", "staged", "awaiting_release")),
                name="register_one_undecided_batch",
            ),
        )

    def __str__(self) -> str:
        """Name the batch by its number."""
        return f"{self.pk}"


class BatchLine(models.Model):
    """A line of an export that did not become a contact: its number and why, never its content."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    group = models.CharField(max_length=12)
    fault = models.CharField(max_length=30)

    class Meta:
        """Listed by fault in the order of the file."""

        indexes = (models.Index(fields=["batch", "group", "fault", "line"], name="register_lines"),)

    def __str__(self) -> str:
        """Name the line by its number and fault."""
        return f"{self.line}: {self.fault}"
