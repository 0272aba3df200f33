"""What was given out of the register, to whom, and what its disclosees have to be told of changes (GDPR 15, 19)."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.register.models.sources import Audience
from luvalla.rules.purposes import LegalBasis


class Disclosure(models.Model):
    """Addresses of an audience were given to a disclosee: when and how many, and so to whom whose data went (GDPR 19).

    Nobody is listed here: whoever was in the audience at that moment is found by their permissions and proofs.
    """

    to = models.ForeignKey("organisation.Disclosee", on_delete=models.PROTECT, related_name="+")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    contacts = models.PositiveIntegerField(default=0)
    look = models.BigIntegerField(null=True, blank=True)
    """Number of its row in the ledger, beside which the set of those who were in it stands for two years."""

    def __str__(self) -> str:
        """Name the disclosure by its day."""
        return f"{self.at:%Y-%m-%d}"


class SingleDisclosure(models.Model):
    """Somebody's data was given otherwise than by an export: by telephone, on paper, by hand. Noted by people."""

    class Way(models.TextChoices):
        """How it was given."""

        PHONE = "by_phone"
        PAPER = "on_paper"
        MAIL = "by_mail"
        IN_PERSON = "in_person"
        PROGRAM = "by_program"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.ForeignKey("organisation.Disclosee", on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField()
    way = models.CharField(max_length=10, choices=Way.choices)
    basis = models.CharField(max_length=24, choices=[(each.value, each.value) for each in LegalBasis])
    is_for_inquiry = models.BooleanField(default=False)
    """Whether an authority got it for a particular inquiry: no recipient then, told of nothing (GDPR 4(9))."""
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    """JSON of single_disclosures.Given; bound to the folded token. The address goes with an erasure."""
    noted_by = models.CharField(max_length=60)
    noted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the disclosure by its day."""
        return f"{self.given_on:%Y-%m-%d}"


class ChangeToTell(models.Model):
    """A change outside a case, and what tells who has the data: worked out soon after, and not while a stop waits."""

    kind = models.CharField(max_length=16)
    folded = models.BinaryField(max_length=TOKEN_BYTES)
    sealed = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the change by its kind."""
        return self.kind


class DiscloseeNotice(models.Model):
    """A change that a disclosee has to make too (GDPR 19), outside a case; sealed until the disclosee was told."""

    class Kind(models.TextChoices):
        """What has changed."""

        ERASURE = "erasure"
        RECTIFICATION = "rectification"
        RESTRICTION = "restriction"

    class Result(models.TextChoices):
        """How it was told, or that it can't be."""

        MAIL = "mail"
        POST = "post"
        IMPOSSIBLE = "impossible"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.ForeignKey("organisation.Disclosee", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    by_post = models.BooleanField(default=False)
    """Whether people post it: no address for notices is recorded, or none took it."""
    message_ref = models.UUIDField(null=True, blank=True, db_index=True)
    """The service message it left in, with others."""
    printed_at = models.DateTimeField(null=True, blank=True)
    """When a letter was made with it."""
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.CharField(max_length=60, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    why = models.BinaryField(default=b"", blank=True)
    """Why it is impossible; sealed and bound to the ref."""

    class Meta:
        """What waits is looked for again and again."""

        indexes = (models.Index(fields=["to", "id"], name="register_untold", condition=models.Q(told_at=None)),)

    def __str__(self) -> str:
        """Name the notice by its kind."""
        return self.kind


class Seen(models.Model):
    """Whom a look at many showed, beside its row in the ledger: so each of them can be told of it (GDPR 15)."""

    row = models.OneToOneField(LedgerRow, on_delete=models.CASCADE, primary_key=True, related_name="seen")
    """It goes with the row."""
    lowest = models.BigIntegerField()
    highest = models.BigIntegerField()
    """The span of the contacts' numbers: what lies outside needn't be opened."""
    numbers = models.BinaryField()
    """The numbers, sealed."""

    class Meta:
        """Looked for by a contact's number."""

        indexes = (models.Index(fields=["lowest", "highest"], name="register_seen_span"),)

    def __str__(self) -> str:
        """Name it by its row."""
        return f"{self.pk}"
