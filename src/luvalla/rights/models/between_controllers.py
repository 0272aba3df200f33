"""Copies that travel between controllers at their data subject's wish (GDPR 20(2)): those we transmit, those we get."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.rights.models.cases import DataRequest


class ReceivingController(models.Model):
    """Another controller with a Luvalla of its own, to which a copy goes at its data subject's wish (GDPR 20(2))."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=300)
    """Where its site answers; copies are posted below it. Its host is on the list of outgoing hosts."""
    sealed_key = models.BinaryField()
    """The token it has given us, sealed and bound to the ref."""
    added_by = models.CharField(max_length=60)
    added_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Give its name."""
        return self.name


class Transmission(models.Model):
    """A person's copy on its way to another controller, confirmed by somebody at the desk."""

    class State(models.TextChoices):
        """SENT: the other controller has it and says so. FAILED: it did not take it; nothing more is tried."""

        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """Also the number under which the other controller knows it, so that it is taken once."""
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="transmissions")
    to = models.ForeignKey(ReceivingController, on_delete=models.PROTECT, related_name="transmissions")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    confirmed_by = models.CharField(max_length=60)
    confirmed_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=40, blank=True)
    """The other controller's random reference of what it took, or the code of why it did not."""

    class Meta:
        """One is under way at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(state="waiting"), name="rights_one_transmission_under_way"
            ),
        )

    def __str__(self) -> str:
        """Name the transmission by its state."""
        return self.state


class IncomingCopy(models.Model):
    """A person's copy that another controller has transmitted: sealed until somebody here decides on it."""

    class State(models.TextChoices):
        """What became of it; EXPIRED when nobody decided in its time."""

        WAITING = "waiting"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        EXPIRED = "expired"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sender = models.CharField(max_length=120)
    """The controller whose token brought it."""
    brought_by = models.CharField(max_length=60)
    """That token, as the ledger names it."""
    number = models.UUIDField()
    """The sender's own number of the transmission: brought again, it is the same copy."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    came_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    folded = models.BinaryField(max_length=TOKEN_BYTES, blank=True, db_index=True)
    sealed = models.BinaryField(blank=True)
    """The document, bound to the folded token; both are emptied when it is decided."""

    class Meta:
        """A transmission is taken once."""

        constraints = (models.UniqueConstraint(fields=["brought_by", "number"], name="rights_one_copy_a_number"),)

    def __str__(self) -> str:
        """Name the copy by its state."""
        return self.state
