"""Stops, and what they leave behind: notices to the sources, proofs, sums without people, wishes to be forgotten."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.register.models.sources import Audience, Batch, Source
from luvalla.rules.purposes import PermissionKind


class Stop(models.Model):
    """A stop from its block to its answer, so that another process can finish it. Whom it was for goes when it is done.

    The contacts' numbers stay as long as deliveries do: they show that no letter started after the answer.
    """

    class Kind(models.TextChoices):
        """What was asked for. All but RESTRICTION and PROHIBITION end in erasure; RECTIFIED erases the old address."""

        WITHDRAWAL = "withdrawal"
        OBJECTION = "objection"
        ERASURE = "erasure"
        COMPANY = "company"
        ANONYMISED = "anonymised"
        RECTIFIED = "rectified"
        RESTRICTION = "restriction"
        PROHIBITION = "prohibition"
        BOUNCED = "bounced"
        """Asked for by nobody: letters came back because there is no such mailbox."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    channel = models.CharField(max_length=20)
    actor = models.CharField(max_length=60)
    folded = models.BinaryField(max_length=TOKEN_BYTES)
    """Token of the mailbox, or of the domain of a company; empty once answered."""
    sealed = models.BinaryField(max_length=400)
    """The address, bound to the folded token, for stores that know no tokens; empty once answered."""
    contact_ids = models.JSONField(default=list)
    is_of_case = models.BooleanField(default=False)
    """Whether a request's case tells those who were given the data."""
    requested_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The unfinished are looked for again and again."""

        indexes = (
            models.Index(fields=["requested_at"], name="register_unanswered", condition=models.Q(answered_at=None)),
        )

    def __str__(self) -> str:
        """Name the stop by its kind."""
        return self.kind


class SourceNotice(models.Model):
    """A withdrawal, prohibition or erasure on its way back to the source; sealed until it is fetched and handled."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    prohibited = models.PositiveSmallIntegerField(default=0)
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    """The address as the register had it, bound to the folded token."""
    corrected = models.BinaryField(default=b"", blank=True)
    """The right address of a correction, sealed and bound likewise."""
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="signals")
    """The export that brought a suppressed address again: the notice counts from the batch's flip on."""
    created_at = models.DateTimeField(default=timezone.now)
    fetched_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the notice by its kind."""
        return self.kind


class PermissionProof(models.Model):
    """What proves that an erased contact's mail was lawful (GDPR 17(3)(e)): sealed, and with an end date."""

    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the proof by its end."""
        return f"{self.expires_at:%Y-%m-%d}"


class Forgetting(models.Model):
    """A wish to be forgotten altogether: the suppression's token goes once every source has confirmed the erasure."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    """Token of the mailbox; empty once it is forgotten."""
    notices = models.JSONField(default=list)
    """Random references of the notices to the sources that have to be handled first."""
    asked_at = models.DateTimeField(default=timezone.now)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name it by its random reference."""
        return f"{self.ref}"


class ErasedTotal(models.Model):
    """How many contacts were made anonymous, by the kind of their permission and their audience: nothing but a sum."""

    kind = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PermissionKind])
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    contacts = models.PositiveIntegerField(default=0)
    waiting = models.PositiveSmallIntegerField(default=0)
    """Fewer than ten that the sum does not have yet, so that it never grows by few."""

    class Meta:
        """One sum a group."""

        constraints = (models.UniqueConstraint(fields=["kind", "audience"], name="register_one_erased_total"),)

    def __str__(self) -> str:
        """Name the sum by its kind."""
        return self.kind
