"""People with accounts: their employer and their undertaking of secrecy."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from luvalla.organisation.models import Processor


class Employer(models.Model):
    """Whose people the users are: the controller, a processor or a communications partner, with its contract."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    PARTNER = "partner"
    KINDS = ((CONTROLLER, CONTROLLER), (PROCESSOR, PROCESSOR), (PARTNER, PARTNER))

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    contract_reference = models.CharField(max_length=80, blank=True)
    contract_until = models.DateField(null=True, blank=True)
    processor = models.ForeignKey(Processor, on_delete=models.PROTECT, null=True, blank=True, related_name="employers")
    """The record of the processor whose people these are: when its contract ends, their accounts shut."""

    def __str__(self) -> str:
        """Give the employer's name."""
        return self.name


class Role(models.TextChoices):
    """What a person may do; each is a group of permissions with the same name."""

    COMMUNICATIONS = "communications"
    APPROVER = "approver"
    CLERK = "clerk"
    HANDLER = "handler"
    REGISTER_OWNER = "register_owner"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    CUSTODIAN = "custodian"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class User(AbstractUser):
    """One person, one account. The ref is what the ledger names.

    The database itself refuses an open account without an undertaking of secrecy, and one that may do everything.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    last_name = None  # type: ignore[assignment]  # one name field: people write theirs as they like
    full_name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    language = models.CharField(max_length=2, default="fi")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, null=True, related_name="people")
    appointed_by = models.CharField(max_length=120, blank=True)
    """Who appointed the person (claim S23): a name, kept as it was then."""
    appointed_for = models.CharField(max_length=200, blank=True)
    appointed_on = models.DateField(null=True, blank=True)
    appointed_until = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    """When the person left: the account is shut for good. Three years later nothing but the ref is kept."""
    is_active = models.BooleanField(default=False)
    """Opened by actions.record_undertaking, shut by actions.revoke_undertaking."""
    undertaking = models.OneToOneField(
        "people.Undertaking", on_delete=models.PROTECT, null=True, blank=True, related_name="opens"
    )
    """The undertaking the account stands open by."""

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email", "full_name"]

    class Meta:
        """A mailbox belongs to one account whatever its case; capabilities are Django's permissions."""

        constraints = (
            models.UniqueConstraint(Lower("email"), name="people_one_account_a_mailbox"),
            models.UniqueConstraint(Lower("username"), name="people_one_account_a_name"),
            models.CheckConstraint(
                condition=models.Q(is_active=False) | models.Q(undertaking__isnull=False),
                name="people_open_only_with_undertaking",
            ),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="people_nobody_may_do_everything"),
        )
        permissions = (
            ("write_campaign", "Write letters"),
            ("approve_campaign", "Approve another person's letters"),
            ("send_campaign", "Send approved letters"),
            ("see_deliveries", "See deliveries"),
            ("bring_import", "Bring imports"),
            ("decide_import", "Decide on imports"),
            ("release_import", "Release another person's imports"),
            ("see_contacts", "See contacts, masked"),
            ("uncover_address", "Uncover an address"),
            ("change_contact", "Stop, restrict and prohibit for a contact"),
            ("export_contacts", "Export addresses"),
            ("handle_source_notices", "Handle notices for the source"),
            ("handle_requests", "Handle data subjects' requests"),
            ("keep_paper", "Keep paper material"),
            ("read_ledger", "Read the ledger"),
            ("see_promises", "See the claims and their evidence"),
            ("give_opinion", "Give the data protection officer's opinion"),
            ("publish_notice", "Publish the privacy notice"),
            ("see_settings", "See the settings"),
            ("change_settings", "Change the settings"),
            ("manage_users", "Manage accounts"),
            ("review_access", "Review who has access"),
            ("release_reading", "Release another person's exports and prints"),
            ("watch_reading", "Watch how much is read"),
        )

    def __str__(self) -> str:
        """Give the person's name."""
        return self.full_name or self.username

    @property
    def first_name(self) -> str:  # type: ignore[override]  # no column: what Django and Wagtail show as somebody's name
        """Give the person's name."""
        return self.full_name

    def get_full_name(self) -> str:
        """Give the person's name, as Django's forms ask for it."""
        return self.full_name

    def get_short_name(self) -> str:
        """Give the person's name, as Django's forms ask for it."""
        return self.full_name


class Session(AbstractBaseSession):
    """A browser's session, with the account it belongs to, so that revoking an undertaking ends it at once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type[Any]:
        """Give the store that keeps these rows."""
        from luvalla.people.sessions import SessionStore  # noqa: PLC0415  # the store needs this model

        return SessionStore


class UndertakingText(models.Model):
    """One version of the text of the undertaking, in three languages."""

    version = models.CharField(max_length=20, unique=True)
    text_fi = models.TextField()
    text_sv = models.TextField()
    text_en = models.TextField()
    in_force_from = models.DateField()
    grace_days = models.PositiveSmallIntegerField(default=30)
    """How long after coming into force it leaves undertakings of the earlier text in force."""

    def __str__(self) -> str:
        """Give the version."""
        return self.version


class Undertaking(models.Model):
    """A person's signed undertaking of secrecy. Without a valid one no account opens anything."""

    IN_SYSTEM = "system"
    ON_PAPER = "paper"
    METHODS = ((IN_SYSTEM, IN_SYSTEM), (ON_PAPER, ON_PAPER))

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="undertakings")
    text = models.ForeignKey(UndertakingText, on_delete=models.PROTECT)
    language = models.CharField(max_length=2)
    typed_name = models.CharField(max_length=120)
    text_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.CharField(max_length=60)
    method = models.CharField(max_length=8, choices=METHODS, default=ON_PAPER)
    scan = models.BinaryField(null=True, blank=True)
    """Of paper, sealed; bound to the account's ref."""
    scan_type = models.CharField(max_length=20, blank=True)
    countersigned_by = models.CharField(max_length=120, blank=True)
    countersigned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The gate of every session asks for a person's valid one."""

        indexes = (models.Index(fields=["user", "valid_until"], name="people_valid_undertaking"),)

    def __str__(self) -> str:
        """Name the undertaking by its version."""
        return f"{self.text_id}/{self.pk}"


class Mailbox(models.Model):
    """A mailbox of the organisation that several people read, and who of them may: under the same undertaking (S23)."""

    KINDS = (("newsletter", "newsletter"), ("replies", "replies"), ("rights", "rights"), ("other", "other"))

    address = models.EmailField(unique=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    note = models.CharField(max_length=200, blank=True)
    users = models.ManyToManyField(User, related_name="mailboxes", blank=True)

    def __str__(self) -> str:
        """Give the mailbox: the organisation's own."""
        return self.address


class AccessReview(models.Model):
    """A look through all accounts: each is confirmed or closed, and the record is signed."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    begun_at = models.DateTimeField(default=timezone.now)
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    signed_at = models.DateTimeField(null=True, blank=True)
    typed_name = models.CharField(max_length=120, blank=True)
    record_hash = models.CharField(max_length=64, blank=True)
    """SHA-256 of the record as people.reviews writes it; the ledger has it too."""

    def __str__(self) -> str:
        """Name the review by its day."""
        return f"{self.begun_at:%Y-%m-%d}"


class AccessReviewLine(models.Model):
    """What a review found of one account, and what was decided."""

    CONFIRMED, CLOSED = "confirmed", "closed"
    DECISIONS = ((CONFIRMED, CONFIRMED), (CLOSED, CLOSED))

    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="lines")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="review_lines")
    roles = models.CharField(max_length=200, blank=True)
    """As they were when the account was decided on."""
    decision = models.CharField(max_length=9, choices=DECISIONS)
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """An account is decided on once."""

        constraints = (models.UniqueConstraint(fields=["review", "user"], name="people_one_line_a_review"),)

    def __str__(self) -> str:
        """Name the line by its number."""
        return f"{self.pk}"


class Release(models.Model):
    """A large export or print that waits for a second person, is released or refused by them, and is then used once."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    verb = models.CharField(max_length=60)
    """What is to be done, as the ledger will name it."""
    subject_kind = models.CharField(max_length=40)
    subject_ref = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    """How many addresses, when it was asked for."""
    purpose = models.CharField(max_length=60)
    to = models.ForeignKey("organisation.Disclosee", on_delete=models.PROTECT, null=True, related_name="+")
    """To whom the file goes; None where it stays in the organisation. It is released for them and nobody else."""
    reason_sealed = models.BinaryField()
    """The reason as it was typed, which may speak of people: bound to the ref."""
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="asked_releases")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="decided_releases")
    decided_at = models.DateTimeField(null=True)
    is_released = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Nobody releases what they asked for themselves: the database itself refuses it."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="people_release_by_another_person",
            ),
        )

    def __str__(self) -> str:
        """Name the release by its verb."""
        return f"{self.verb} {self.pk}"


class ReadingAlarm(models.Model):
    """A day on which somebody read unusually much, its figures, and how it was explained."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="alarms")
    day = models.DateField()
    seen = models.PositiveIntegerField()
    """Addresses seen that day."""
    usual = models.PositiveIntegerField()
    """The person's own median of the days on which they read, over the four weeks before."""
    limit = models.PositiveIntegerField()
    raised_at = models.DateTimeField(default=timezone.now)
    explained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="explained_alarms")
    explained_at = models.DateTimeField(null=True)
    explanation = models.CharField(max_length=400, blank=True)

    class Meta:
        """One alarm a person and day."""

        constraints = (models.UniqueConstraint(fields=["user", "day"], name="people_one_alarm_a_day"),)

    def __str__(self) -> str:
        """Name the alarm by its number."""
        return f"{self.pk}"
