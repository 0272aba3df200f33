"""The register: contacts as sealed addresses, and why mail may or may not be sent to them.

A contact row is only the vault of an address. It is visible through a live permission: one whose batch, if it has one,
is applied, and that hasn't ended. So an import can be staged in small transactions and take effect by one flip.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import ThreeLanguages
from luvalla.rules.purposes import LegalBasis, PermissionKind

TOKEN_BYTES = 32


class Audience(ThreeLanguages):
    """The contacts a campaign is addressed to: customers, stakeholders, prospects and their groups."""

    key = models.SlugField(unique=True)
    language = models.CharField(max_length=2, default="fi")
    open_for_sign_up = models.BooleanField(default=False)


class Source(ThreeLanguages):
    """Where addresses come from; the customer information system is the regular one (GDPR 14(2)(f))."""

    key = models.SlugField(unique=True)
    evidence = models.TextField(blank=True)
    """Statement of what an address from here proves: who keeps the evidence and how it is shown."""
    default_audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    is_sign_up = models.BooleanField(default=False)


class Batch(models.Model):
    """One export of a source on its way into the register."""

    class State(models.TextChoices):
        """READING and STAGED change nothing that anybody can see; APPLIED is the flip."""

        READING = "reading"
        STAGED = "staged"
        AWAITING_RELEASE = "awaiting_release"
        APPLIED = "applied"
        SETTLED = "settled"
        DISCARDED = "discarded"
        FAILED = "failed"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT)
    permission = models.CharField(max_length=20, choices=[(each.value, each.value) for each in PermissionKind])
    state = models.CharField(max_length=20, choices=State.choices, default=State.READING)
    file_name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    upload = models.CharField(max_length=80, blank=True)
    """Name of the sealed upload in LUVALLA_HOME/uploads, while it is kept."""
    reading = models.JSONField(default=dict)
    """How the file is read: encoding, delimiter, sheet, column mapping, columns kept and dropped."""
    counts = models.JSONField(default=dict)
    """Rows by group: new, unchanged, changed, suppressed, duplicate, refused; and gone."""
    rows_read = models.PositiveIntegerField(default=0)
    rows_expected = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True)
    brought_by = models.CharField(max_length=60)
    decided_by = models.CharField(max_length=60, blank=True)
    released_by = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decide_by = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    """Until when its reader has the word; renewed with each window, so that a dead reader's batch can be discarded."""

    PENDING = (State.READING, State.STAGED, State.AWAITING_RELEASE)
    """States in which the batch's rows don't count yet."""

    class Meta:
        """A second undecided export of a source would be compared with a register that the first is about to change."""

        constraints = (
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state__in=("reading", "staged", "awaiting_release")),
                name="register_one_undecided_batch",
            ),
        )

    def __str__(self) -> str:
        """Name the batch by its number."""
        return f"{self.pk}"


class BatchLine(models.Model):
    """A line of an export that did not become a contact: its number and why, never its content."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    group = models.CharField(max_length=12)
    fault = models.CharField(max_length=30)

    class Meta:
        """Listed by fault in the order of the file."""

        indexes = (models.Index(fields=["batch", "group", "fault", "line"], name="register_lines"),)

    def __str__(self) -> str:
        """Name the line by its number and fault."""
        return f"{self.line}: {self.fault}"


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


class Restriction(models.Model):
    """Processing restricted on a data subject's request (GDPR 18): since when, why, and the notice before lifting."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="restrictions")
    reason = models.CharField(max_length=60)
    since = models.DateTimeField(default=timezone.now)
    notified_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the restriction by its reason."""
        return self.reason


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


class PermissionProof(models.Model):
    """What proves that an erased contact's mail was lawful (GDPR 17(3)(e)): sealed, and with an end date."""

    folded = models.BinaryField(max_length=TOKEN_BYTES, db_index=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the proof by its end."""
        return f"{self.expires_at:%Y-%m-%d}"


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
