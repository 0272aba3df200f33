"""Tokens of programs, and the webhooks that tell them something: ids only, whatever happened."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.organisation.models import Processor
from luvalla.people.models import User
from luvalla.register.models import Source


class Token(models.Model):
    """The key of one program: a person's, that of a processor's system with its contract, or another controller's.

    The token itself is shown once; kept is its SHA-256, which is enough for 256 random bits.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.CharField(max_length=200)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="tokens")
    processor = models.ForeignKey(Processor, on_delete=models.PROTECT, null=True, blank=True, related_name="tokens")
    controller = models.CharField(max_length=120, blank=True)
    """Name of another controller: such a token only lets copies in that are transmitted to us (GDPR 20(2))."""
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """A token has one owner."""

        constraints = (
            models.CheckConstraint(
                condition=(
                    models.Q(person__isnull=False, processor=None, controller="")
                    | models.Q(person=None, processor__isnull=False, controller="")
                    | (models.Q(person=None, processor=None) & ~models.Q(controller=""))
                ),
                name="api_token_has_one_owner",
            ),
        )

    def __str__(self) -> str:
        """Give the program's name."""
        return self.name


class Webhook(models.Model):
    """Where a program wants to be told. The host is on the list of outgoing hosts, or nothing is sent."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    url = models.CharField(max_length=300)
    events = models.CharField(max_length=200)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signing_key = models.BinaryField()
    """The key of its signatures, sealed and bound to the ref."""
    told_until = models.DateTimeField(default=timezone.now)
    """Until when it was told of finished campaigns."""
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the webhook by its number."""
        return f"{self.pk}"


class WebhookCall(models.Model):
    """One thing a webhook is told, until it has answered."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    event = models.CharField(max_length=40)
    about = models.CharField(max_length=40)
    """The random reference of what it is about."""
    made_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        """A webhook is told each thing once."""

        constraints = (models.UniqueConstraint(fields=["webhook", "event", "about"], name="api_told_once"),)

    def __str__(self) -> str:
        """Name the call by its event."""
        return self.event


class BroughtChange(models.Model):
    """A change that a source has told of and that was carried out: told again, it isn't done again."""

    digest = models.BinaryField(max_length=32, unique=True)
    """SHA-256 of the source and the source's number of the change."""
    outcome = models.CharField(max_length=20)
    """What became of it; empty while a call is carrying it out."""
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        """Name the change by what became of it."""
        return self.outcome
