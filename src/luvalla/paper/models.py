"""Paper: what was printed or came on paper, the places it lies in, who had it when, stock-takes and searches."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.people.models import Undertaking, User


class Place(models.Model):
    """Where paper lies: a site, a room and a cabinet. It is locked or it isn't."""

    site = models.CharField(max_length=60)
    room = models.CharField(max_length=60)
    cabinet = models.CharField(max_length=60, blank=True)
    is_locked = models.BooleanField()
    is_in_use = models.BooleanField(default=True)

    class Meta:
        """A place is written down once."""

        constraints = (models.UniqueConstraint(fields=["site", "room", "cabinet"], name="paper_place_once"),)

    def __str__(self) -> str:
        """Give the way to the place."""
        return ", ".join(each for each in (self.site, self.room, self.cabinet) if each)


class PaperItem(models.Model):
    """One piece of paper material with its label. Its number is its key; the ref is what the label's code holds."""

    class Kind(models.TextChoices):
        """What is on the paper."""

        LETTER = "letter"
        ATTACHMENT = "attachment"
        CASE = "case"
        CORRESPONDENCE = "correspondence"
        OTHER = "other"

    class Origin(models.TextChoices):
        """How it came into being: printed by Luvalla, come by post or over the desk, or printed by something else."""

        PRINTED = "printed"
        RECEIVED = "received"
        PRINTED_ELSEWHERE = "printed_elsewhere"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    origin = models.CharField(max_length=20, choices=Origin.choices)
    about_kind = models.CharField(max_length=40, blank=True)
    about_ref = models.CharField(max_length=40, blank=True)
    """What was printed, as the ledger names it ("campaign", "request")."""
    pages = models.PositiveSmallIntegerField(default=1)
    folded = models.BinaryField(max_length=32, default=b"", db_index=True)
    """Token of the data subject's mailbox, where the paper is about one."""
    sealed = models.BinaryField(default=b"")
    """A description that may name a person, bound to the folded token."""
    made_at = models.DateTimeField(default=timezone.now)
    arrived_on = models.DateField(null=True, blank=True)
    lock_by = models.DateField()
    """The last day it may lie open: initial handling or a check-out ends a working day before."""
    keep_until = models.DateField(null=True, blank=True)
    """The last day it is kept; None while its case keeps it."""
    custodian = models.ForeignKey(User, on_delete=models.PROTECT, related_name="paper_kept")
    holder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="paper_held")
    """Who has it in hand; nobody while it lies in its place."""
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    destruction = models.ForeignKey(
        "paper.Destruction", on_delete=models.PROTECT, null=True, blank=True, related_name="items"
    )
    """How it was destroyed; until its witness has confirmed it, it waits in the hands of whoever did it."""
    destroyed_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    """When it was given up as lost; emptied when it turns up."""
    posted_at = models.DateTimeField(null=True, blank=True)
    """When it left the house for the person it is about: posted, or handed over."""

    class Meta:
        """An item lies in a place or is in somebody's hands, until it is destroyed, lost, or posted to its person."""

        indexes = (models.Index(fields=["lock_by"], name="paper_to_lock", condition=models.Q(destroyed_at=None)),)
        constraints = (
            models.CheckConstraint(
                condition=(
                    models.Q(destroyed_at__isnull=False, lost_at=None, posted_at=None, holder=None, place=None)
                    | models.Q(destroyed_at=None, lost_at__isnull=False, posted_at=None, holder=None, place=None)
                    | models.Q(destroyed_at=None, lost_at=None, posted_at__isnull=False, holder=None, place=None)
                    | models.Q(destroyed_at=None, lost_at=None, posted_at=None, holder__isnull=False, place=None)
                    | models.Q(destroyed_at=None, lost_at=None, posted_at=None, holder=None, place__isnull=False)
                ),
                name="paper_somewhere",
            ),
        )

    def __str__(self) -> str:
        """Give the number on the label."""
        return f"P {self.pk}"


class Destruction(models.Model):
    """That somebody destroyed paper, and who saw it: a person who confirms it, or an outsider's signed protocol."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(default=timezone.now)
    method = models.CharField(max_length=16)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undertaking = models.ForeignKey(Undertaking, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    outsider = models.BinaryField(default=b"")
    """The name of a witness from outside, sealed."""
    protocol = models.BinaryField(default=b"")
    """The scan of their signed protocol, sealed; both go when their time is over."""
    protocol_type = models.CharField(max_length=20, blank=True)

    class Meta:
        """Nobody witnesses what they did themselves; without a person as witness it was confirmed by a protocol."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(witness__isnull=True, confirmed_at__isnull=False)
                | (models.Q(witness__isnull=False) & ~models.Q(witness=models.F("person"))),
                name="paper_witness_is_another",
            ),
        )

    def __str__(self) -> str:
        """Name it by its number."""
        return f"{self.pk}"


class CustodyEvent(models.Model):
    """Somebody handled an item. The undertaking of secrecy they did it under stands beside, or there is no row."""

    class What(models.TextChoices):
        """What was done."""

        MADE = "made"
        LOCKED_AWAY = "locked_away"
        CHECKED_OUT = "checked_out"
        COUNTED = "counted"
        WITNESSED = "witnessed"
        DESTROYED = "destroyed"
        UNCONFIRMED = "unconfirmed"
        LOST = "lost"
        POSTED = "posted"
        CORRECTED = "corrected"
        MARKED = "marked"
        UNMARKED = "unmarked"

    item = models.ForeignKey(PaperItem, on_delete=models.PROTECT, related_name="events")
    what = models.CharField(max_length=12, choices=What.choices)
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undertaking = models.ForeignKey(Undertaking, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    method = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        """Name the event by its kind."""
        return f"{self.item_id} {self.what}"


class StockTake(models.Model):
    """A count of everything that should lie in a place; its differences are written down when it ends."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    missed = models.ManyToManyField(PaperItem, related_name="+")
    """What should have lain in its place and was not seen."""

    class Meta:
        """One stock-take runs at a time."""

        constraints = (
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(finished_at=None), name="paper_one_stock_take_at_a_time"
            ),
        )

    def __str__(self) -> str:
        """Name the stock-take by its day."""
        return f"{self.started_at:%Y-%m-%d}"


class Count(models.Model):
    """An item that was seen in a stock-take, and where."""

    stock_take = models.ForeignKey(StockTake, on_delete=models.CASCADE, related_name="counts")
    item = models.ForeignKey(PaperItem, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    written_place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    """Where it should have lain; None for an item that somebody was thought to hold."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Each item counts once."""

        constraints = (models.UniqueConstraint(fields=["stock_take", "item"], name="paper_counted_once"),)

    def __str__(self) -> str:
        """Name the count by its item."""
        return f"{self.item_id}"


class PaperSearch(models.Model):
    """A question of the rights desk: is there paper about this person? A custodian looks and answers."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_ref = models.CharField(max_length=40, db_index=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=60)
    due_on = models.DateField()
    folded = models.BinaryField(max_length=32, default=b"")
    sealed = models.BinaryField(default=b"")
    """What to look for, bound to the folded token; emptied with the answer."""
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    found = models.ManyToManyField(PaperItem, related_name="searches")

    def __str__(self) -> str:
        """Name the search by its number."""
        return f"{self.pk}"


class PaperChange(models.Model):
    """A question of the rights desk: correct this item, mark it as restricted, or take the mark off (GDPR 16, 18)."""

    class Result(models.TextChoices):
        """What came of it."""

        DONE = "done"
        IMPOSSIBLE = "impossible"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case_ref = models.CharField(max_length=40, db_index=True)
    item = models.ForeignKey(PaperItem, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=12, choices=CustodyEvent.What.choices)
    """CORRECTED, MARKED or UNMARKED, as the item's ledger will have it."""
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    folded = models.BinaryField(max_length=32, default=b"")
    sealed = models.BinaryField(default=b"")
    """What is to be written on the paper, then why it can't be; bound to the folded token, emptied by the desk."""
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    """When the desk had taken the answer over; then its words go."""

    class Meta:
        """The same is asked once of an item for a case."""

        constraints = (
            models.UniqueConstraint(
                fields=["case_ref", "item", "what"],
                condition=models.Q(answered_at=None),
                name="paper_one_open_change",
            ),
        )

    def __str__(self) -> str:
        """Name the question by what is to be done."""
        return self.what
