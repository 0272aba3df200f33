"""Contacts as sealed addresses, and why mail may or may not be sent to them.

A contact row is only the vault of an address. It is visible through a live permission: one whose batch, if it has one,
is applied, and that hasn't ended. So an import can be staged in small transactions and take effect by one flip.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.register.models.sources import Audience, Batch, Source
from luvalla.rules.purposes import PermissionKind


class Contact(models.Model):
    """An address of the register, sealed. Implies neither consent nor a login."""

    ref = models.UUIDField(default=uuid.uuid4, editable=False)
    """Random name in ledger rows; without an index, since it only leads from here to there."""
    token = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    domain = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField(max_length=400)
    restricted_at = models.DateTimeField(null=True, blank=True)
    undeliverable_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Name the contact by its number: the address is nobody's business here."""
        return f"{self.pk}"


class Permission(models.Model):
    """Why mail may be sent to a contact, with its evidence. Append-only but for its end.

    Sources, audiences and batches are never deleted (PROTECT), so the database doesn't look each of them up again for
    every row: on PostgreSQL that takes half the time of an import.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="permissions")
    kind = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PermissionKind])
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    purposes = models.CharField(max_length=200, blank=True)
    """Keys of the purposes a consent was given for, with spaces between; empty for the other kinds."""
    since = models.DateField(null=True, blank=True)
    """Day the customer relationship or the consent began, as the source tells it."""
    proof = models.BinaryField(max_length=4000, null=True, blank=True)
    """Sealed JSON: wording, language, notice version and time of a sign-up; bound to the contact's token."""
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="granted", db_constraint=False
    )
    ending_batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="ended", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A window of an audience is read along (audience, contact). Each index costs imports a tenth of the speed."""

        indexes = (
            models.Index(fields=["audience", "contact"], name="register_audience_window"),
            models.Index(fields=["source", "contact"], name="register_of_source"),
            models.Index(
                fields=["ending_batch"], name="register_ended_by", condition=models.Q(ending_batch__isnull=False)
            ),
            # For listings by kind. Customers are the bulk of a register and are found without it.
            models.Index(
                fields=["kind", "contact", "audience", "source"],
                name="register_uncommon_kind",
                condition=~models.Q(kind=PermissionKind.CUSTOMER.value),
            ),
        )

    def __str__(self) -> str:
        """Name the permission by its kind."""
        return self.kind


class Suppression(models.Model):
    """A token that keeps an erased address, or a whole domain, from coming back (GDPR 21(3))."""

    MAILBOX, DOMAIN = "mailbox", "domain"
    token = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    scope = models.CharField(max_length=8, choices=((MAILBOX, MAILBOX), (DOMAIN, DOMAIN)), default=MAILBOX)
    reason = models.CharField(max_length=20)
    since = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the suppression by scope and reason."""
        return f"{self.scope}: {self.reason}"


class Prohibition(models.Model):
    """A mailbox's bans, kind by kind, as one sum of rules.purposes.Prohibited (GDPR 21). Outlives the contact."""

    folded = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    kinds = models.PositiveSmallIntegerField()
    since = models.DateTimeField(default=timezone.now)
    disclosure_since = models.DateTimeField(null=True, blank=True)
    """Since when disclosure is among the kinds: who was given the data before has it, and is told of changes."""

    def __str__(self) -> str:
        """Name the prohibition by its kinds."""
        return f"{self.kinds}"


class StagedProhibition(models.Model):
    """What an undecided import would forbid a mailbox: the source's column says that its owner wants no marketing.

    It counts from the batch's flip on, when it becomes a Prohibition, and goes with the batch, or with its owner.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="prohibitions")
    folded = models.BinaryField(max_length=TOKEN_BYTES)
    kinds = models.PositiveSmallIntegerField()

    class Meta:
        """Found by its mailbox when that is stopped meanwhile."""

        constraints = (models.UniqueConstraint(fields=["folded", "batch"], name="register_one_staged_prohibition"),)

    def __str__(self) -> str:
        """Name it by its kinds."""
        return f"{self.kinds}"


class Restriction(models.Model):
    """Processing restricted on a data subject's request (GDPR 18): since when, why, and the notice before lifting."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="restrictions")
    ACCURACY: ClassVar[str] = "accuracy"
    """Reason of one that stands only while somebody looks into the accuracy (GDPR 18(1)(a))."""
    reason = models.CharField(max_length=60)
    since = models.DateTimeField(default=timezone.now)
    notified_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the restriction by its reason."""
        return self.reason

    def outlast(self, reason: str) -> bool:
        """Let one that ends with an examination stand for a reason that doesn't; False where nothing changes.

        Whoever was told of its end was told of the examination's: they are told anew before this one is lifted.
        """
        if self.reason != self.ACCURACY or reason == self.ACCURACY:
            return False
        self.reason, self.notified_at = reason, None
        self.save(update_fields=["reason", "notified_at"])
        return True


class Rectification(models.Model):
    """A correction of a contact's address (GDPR 16): that there was one, and when.

    Stop links in letters to the old address still stop the contact, and exports of a source that doesn't have the new
    address yet don't end it.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="rectifications")
    at = models.DateTimeField(default=timezone.now)
    merged = models.JSONField(default=list)
    """Number and making of each contact that became this one: exports that it was in are known by its number."""

    def __str__(self) -> str:
        """Name the correction by its day."""
        return f"{self.at:%Y-%m-%d}"


class PendingSignUp(models.Model):
    """A sign-up whose mailbox hasn't confirmed it yet: sealed, gone after seven days."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    """JSON of address, purposes, language, wording, notice version and time; bound to the folded token."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the sign-up by its random reference."""
        return f"{self.ref}"


class DeclaredValue(models.Model):
    """A contact's value of a field that the organisation has declared; sealed, bound to the contact's token."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="values")
    field = models.ForeignKey("organisation.DeclaredField", on_delete=models.PROTECT)
    sealed = models.BinaryField()

    class Meta:
        """One value a field."""

        constraints = (models.UniqueConstraint(fields=["contact", "field"], name="register_one_value_a_field"),)

    def __str__(self) -> str:
        """Name the value by its field."""
        return f"{self.field_id}"
