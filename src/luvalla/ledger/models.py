"""Rows of the ledger, their seals, and the proof that the keys are the right ones."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from luvalla.ledger.verbs import told_by_verb


class LedgerRow(models.Model):
    """One thing somebody did or read. Written in the transaction of the write, never changed."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=60)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_ref = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    is_look = models.GeneratedField(expression=told_by_verb(), output_field=models.BooleanField(), db_persist=True)
    """Whether it tells of reading, by its verb. The database works it out; it is no part of what is sealed."""

    class Meta:
        """Indexes for a thing's history, a person's own log and looks, and the newest first. No look is aimless."""

        indexes = (
            models.Index(fields=["subject_kind", "subject_ref"], name="ledger_by_subject"),
            models.Index(fields=["actor", "-id"], name="ledger_by_actor"),
            models.Index(fields=["verb", "-id"], name="ledger_by_verb"),
            models.Index(fields=["actor", "-id"], name="ledger_looks_by_actor", condition=models.Q(is_look=True)),
            models.Index(fields=["id"], name="ledger_aimless", condition=models.Q(is_look=True, purpose="")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(is_look=False) | ~models.Q(purpose=""), name="ledger_looks_have_a_purpose"
            ),
        )

    def __str__(self) -> str:
        """Name the row by number and verb."""
        return f"{self.pk} {self.verb}"


class LedgerSeal(models.Model):
    """The link of one row in the chain: hash over the link before it and the row, keyed with the ledger key."""

    row = models.OneToOneField(LedgerRow, on_delete=models.PROTECT, null=True, related_name="seal")
    """None once the row's time was over: its link goes on carrying the chain."""
    link = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        """Name the seal by its place in the chain."""
        return f"{self.pk}"


class KeyCheck(models.Model):
    """What each key makes of a known text, so that a lost or wrong key is noticed at start, before anything is read."""

    name = models.CharField(max_length=40, unique=True)
    value = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        """Name the key."""
        return self.name


class ErasuresMark(models.Model):
    """The last line of the ledger of erasures this database knows: there is one row. A restored backup's is older."""

    seq = models.PositiveBigIntegerField()
    mac = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        """Give the line's number."""
        return f"{self.seq}"


class Replay(models.Model):
    """How far the ledger of erasures was carried out again in a restored backup: there is one row, of one restore.

    It commits with the effects of the lines up to that one. The mark is moved by other writers too and can't tell.
    """

    began_at = models.DateTimeField()
    """When that restore began: the row of an earlier one, which a backup brings along, says nothing of this one."""
    seq = models.PositiveBigIntegerField()
    mac = models.BinaryField(max_length=32)
    rows = models.PositiveBigIntegerField()
    effects = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        """Give the line's number."""
        return f"{self.seq}"


class Rekeying(models.Model):
    """How far a table's tokens have been brought up to a new token key: rows up to that id are done."""

    table = models.CharField(max_length=60, unique=True)
    generation = models.PositiveSmallIntegerField()
    done_up_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        """Name the table."""
        return self.table
