"""What is answered: decisions, letters, and the links that prove a mailbox or deliver a copy."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.rights.models.cases import DataRequest


class Decision(models.Model):
    """What is to be answered: proposed by a handler, seen by the data protection officer, decided by the owner."""

    class Outcome(models.TextChoices):
        """What was decided."""

        GRANT = "grant"
        PARTIAL = "partial"
        REFUSE = "refuse"

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="decisions")
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    ground = models.CharField(max_length=40, blank=True)
    """Code of the legal ground of a refusal; the first one, where rights are refused on several."""
    rulings = models.JSONField(default=dict)
    """Each right with its outcome and ground; empty where all are decided as one. See rulings.py."""
    fee = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    """Euros; what was decided is carried out once it is paid or let off (GDPR 12(5)(a))."""
    fee_paid_on = models.DateField(null=True, blank=True)
    fee_let_off_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField(default=timezone.now)
    opinion_by = models.CharField(max_length=60, blank=True)
    opinion_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    sealed = models.BinaryField()
    """JSON of facts, reasons, what was done instead, and the opinion."""

    def __str__(self) -> str:
        """Name the decision by its outcome."""
        return self.outcome


class Letter(models.Model):
    """A letter of the desk: drafted, then issued once. Its legal parts are added when it is issued."""

    class State(models.TextChoices):
        """A failed one goes again, by post."""

        DRAFT = "draft"
        ISSUED = "issued"
        SENT = "sent"
        FAILED = "failed"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    by_post = models.BooleanField(default=False)
    written_by = models.CharField(max_length=60)
    written_at = models.DateTimeField(default=timezone.now)
    issued_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_ref = models.UUIDField(null=True, blank=True)
    """The mailroom's service message it left as."""
    about = models.CharField(max_length=120, blank=True)
    """Name of the organisation a notice of GDPR 19 is for; empty where the letter is the requester's."""
    pdf_hash = models.CharField(max_length=64, blank=True)
    sealed = models.BinaryField()
    """JSON of its subject and paragraphs."""
    sealed_pdf = models.BinaryField(blank=True)

    def __str__(self) -> str:
        """Name the letter by its kind."""
        return self.kind


class SecureLink(models.Model):
    """A link mailed to the registered mailbox: it proves who reads there, or delivers. It expires and works once."""

    class Kind(models.TextChoices):
        """What it is for."""

        PROVE = "prove"
        DELIVER = "deliver"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)
    sealed = models.BinaryField(blank=True)
    """The file it delivers. It goes over to the next link of the request, and away with what was said in the case."""

    def __str__(self) -> str:
        """Name the link by its kind."""
        return self.kind
