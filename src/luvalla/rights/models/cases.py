"""Cases: requests of data subjects with their clocks, events and tasks, and what is found. What was said is sealed."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.ledger.sealing import TOKEN_BYTES
from luvalla.rules.case_states import Right, State, Who


def _choices(values: object) -> list[tuple[str, str]]:
    return [(str(each), str(each)) for each in values]  # type: ignore[attr-defined]  # an enumeration


class DataRequest(models.Model):
    """A data subject's request. When it arrived, and so its due dates, is written once and never again."""

    class Channel(models.TextChoices):
        """How it arrived; any is as good as another (GDPR 12(2))."""

        FORM = "form"
        STOP_LINK = "stop_link"
        MAIL = "mail"
        LETTER = "letter"
        PHONE = "phone"
        VISIT = "visit"

    class Acknowledgement(models.TextChoices):
        """Whether it is acknowledged by itself: at the common pace, whatever the pace, once somebody looked, never."""

        PACED = "paced"
        FREE = "free"
        HELD = "held"
        DROPPED = "dropped"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=12, unique=True)  # 2026-0117; it opens nothing
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=2)
    rights = models.CharField(max_length=160, blank=True)
    """Values of rules.case_states.Right with spaces between."""
    prohibited = models.PositiveSmallIntegerField(default=0)
    """Sum of rules.purposes.Prohibited that a prohibition names."""
    receipt_at = models.DateTimeField()
    receipt_date = models.DateField()
    due_on = models.DateField(db_index=True)
    extended_due_on = models.DateField()
    extended_at = models.DateTimeField(null=True, blank=True)
    paused_on = models.DateField(null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=24, choices=_choices(State), default=State.RECEIVED)
    identity = models.PositiveSmallIntegerField(default=0)
    """Level of the identity ladder that was reached: 0 to 3."""
    by_representative = models.BooleanField(default=False)
    by_post = models.BooleanField(default=False)
    """Whether the answer goes by post: asked for, or no mailbox is known."""
    handler = models.CharField(max_length=60, blank=True)
    to_stop = models.PositiveSmallIntegerField(default=0)
    """Sum of rules.purposes.Prohibited that is to be stopped at once and could not be yet."""
    blocked_at = models.DateTimeField(null=True, blank=True)
    """When marketing was stopped, because the request said so or came by a stop link."""
    carried_out_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened_on = models.DateField(null=True, blank=True)
    first_replied_at = models.DateTimeField(null=True, blank=True)
    """When it was answered before it was opened again on that day, from which its time now runs."""
    minimised_at = models.DateTimeField(null=True, blank=True)
    escalated = models.PositiveSmallIntegerField(default=0)
    acknowledgement = models.CharField(
        max_length=7, choices=Acknowledgement.choices, default=Acknowledgement.PACED, db_index=True
    )
    is_canary = models.BooleanField(default=False)
    """A message of the program to itself, to see that the mailbox lives."""
    folded = models.BinaryField(max_length=TOKEN_BYTES, blank=True, db_index=True)
    sealed = models.BinaryField()
    """JSON of cases.Said: address, name, postal details, text, representative; bound to the folded token."""

    class Meta:
        """Listed by due date; one person's open requests are found by their mailbox."""

        indexes = (models.Index(fields=["state", "due_on"], name="rights_by_state"),)

    def __str__(self) -> str:
        """Name the request by its number."""
        return self.number

    @property
    def chosen(self) -> tuple[Right, ...]:
        """The rights that are asked for."""
        return tuple(Right(each) for each in self.rights.split())


class CaseEvent(models.Model):
    """Something that happened to a request; a step has its row in the ledger, written in the same transaction."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    before = models.CharField(max_length=24, blank=True)
    after = models.CharField(max_length=24, blank=True)
    actor = models.CharField(max_length=60)
    sealed = models.BinaryField(blank=True)
    """What was said of it, as text; empty when nothing was."""

    def __str__(self) -> str:
        """Name the event by its kind."""
        return self.kind


class Task(models.Model):
    """Something to be done for a request. Nothing is decided or closed while one is open."""

    class Kind(models.TextChoices):
        """What is to be done."""

        PAPER = "paper"
        IDENTITY = "identity"
        REDACTION = "redaction"
        OPINION = "opinion"
        NOTICE = "notice"
        POST = "post"
        HOLD = "hold"
        TRANSMISSION = "transmission"
        FEE = "fee"
        DESTRUCTION = "destruction"
        CORRECTION = "correction"
        MARKING = "marking"
        UNMARKING = "unmarking"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    role = models.CharField(max_length=24, choices=_choices(Who))
    about = models.CharField(max_length=120, blank=True)
    """A code or the name of a system or disclosee it concerns, never of a person."""
    due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=60, blank=True)
    result = models.CharField(max_length=20, blank=True)  # done, found, nothing, impossible, not_needed
    posted_on = models.DateField(null=True, blank=True)
    """The day on which what was printed was posted or handed over."""
    sealed = models.BinaryField(blank=True)

    def __str__(self) -> str:
        """Name the task by its kind."""
        return self.kind


class Attachment(models.Model):
    """A scan or file that came with a request; its bytes and name are sealed together."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="attachments")
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    came_at = models.DateTimeField(default=timezone.now)
    sealed = models.BinaryField()
    is_unscanned = models.BooleanField(default=False)
    """Whether the virus scanner gave no answer when the file came: it is scanned before it is first opened."""

    def __str__(self) -> str:
        """Name the file by its type."""
        return self.media_type


class StoreSearch(models.Model):
    """What one store of the house keeps about the requester, found for a request and sealed until it is answered."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="searches")
    store = models.CharField(max_length=60)
    found = models.PositiveIntegerField(default=0)
    withheld = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    sealed = models.BinaryField()
    """JSON list of what was found, with what is withheld and why."""

    class Meta:
        """A store is searched once for a request; a job that died goes on with the next."""

        constraints = (models.UniqueConstraint(fields=["request", "store"], name="rights_one_search_a_store"),)

    def __str__(self) -> str:
        """Name the search by its store."""
        return self.store


class Hold(models.Model):
    """Why another system keeps the data of a company's contact for now, and until when (GDPR 17(3)(b), (e))."""

    class Ground(models.TextChoices):
        """Grounds that can hold data elsewhere; none of them holds a row of this register."""

        LEGAL_OBLIGATION = "legal_obligation"
        CONTRACT_CONTACT = "contract_contact"
        LEGAL_CLAIMS = "legal_claims"

    class Ends(models.TextChoices):
        """What ends it, where no day is known."""

        END_OF_ROLE = "end_of_role"
        END_OF_CONTRACT = "end_of_contract"
        END_OF_LIMITATION = "end_of_limitation"

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="holds")
    system = models.CharField(max_length=80)
    ground = models.CharField(max_length=20, choices=Ground.choices, blank=True)
    ends = models.CharField(max_length=20, choices=Ends.choices, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the hold by its ground."""
        return self.ground


class Complaint(models.Model):
    """A complaint to a supervisory authority about a request (GDPR 77), with the authority's clock."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="complaints")
    authority = models.CharField(max_length=2)
    reference = models.CharField(max_length=60, blank=True)
    received_on = models.DateField()
    answer_by = models.DateField(null=True, blank=True)
    """The last day to explain to the authority; None while it has named none."""
    answered_on = models.DateField(null=True, blank=True)
    """When it was answered; emptied when it asks for more."""
    ended_on = models.DateField(null=True, blank=True)
    """When the authority had decided. Until then the case keeps what was said in it."""
    escalated = models.PositiveSmallIntegerField(default=0)
    sealed = models.BinaryField(blank=True)
    sealed_pack = models.BinaryField(blank=True)
    """The documents for the authority, as a ZIP file."""
    pack_made_at = models.DateTimeField(null=True, blank=True)
    pack_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        """Name the complaint by its authority."""
        return self.authority
