"""Versions of the privacy notice with their opinions and files, the text before them, and what the checks have seen."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from luvalla.rules.ports import Door, Verdict


class Opinion(models.Model):
    """What the data protection officer thinks of a notice before it is published (GDPR 38(1), 39(1)(a))."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True)
    version = models.PositiveIntegerField()
    """Number of the version it is about."""
    draft = models.CharField(max_length=64)
    """rendering.draft_digest() of the text that was read: an opinion on other words is none."""
    is_for = models.BooleanField()
    text = models.TextField()
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.CharField(max_length=60)

    def __str__(self) -> str:
        """Name the version and the side it takes."""
        return f"{self.version}: {'for' if self.is_for else 'against'}"


class NoticeVersion(models.Model):
    """A published notice: dated, in three languages, never changed afterwards (GDPR 12-14)."""

    version = models.PositiveIntegerField(unique=True)
    published_on = models.DateField()
    published_by = models.CharField(max_length=60)
    opinion = models.OneToOneField(Opinion, on_delete=models.PROTECT, null=True, blank=True, related_name="notice")
    """None only for the version an installation begins with."""
    reason = models.TextField(blank=True)
    """Why the register owner published against the opinion."""
    html_fi = models.TextField()
    html_sv = models.TextField()
    html_en = models.TextField()
    facts = models.JSONField(default=dict)
    """notices.facts.gather() at the time of publishing."""
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Give the version's number."""
        return f"{self.version}"

    def html_in(self, language: str) -> str:
        """Give the text in fi, sv or en."""
        return str(getattr(self, f"html_{language[:2]}", self.html_en))

    def texts(self) -> dict[str, str]:
        """Give all three texts by language."""
        return {"fi": self.html_fi, "sv": self.html_sv, "en": self.html_en}


class NoticeFile(models.Model):
    """The PDF file of a version in one language, made once and kept with its hash."""

    notice = models.ForeignKey(NoticeVersion, on_delete=models.PROTECT, related_name="files")
    language = models.CharField(max_length=2)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the content, in hex."""
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """A version has one file in each language."""

        constraints = (models.UniqueConstraint(fields=["notice", "language"], name="notices_one_file_a_language"),)

    def __str__(self) -> str:
        """Name the version and the language."""
        return f"{self.notice_id}-{self.language}"


class EarlierNotice(models.Model):
    """The notice an organisation had before: its own words, kept beside the ones that took their place."""

    language = models.CharField(max_length=2)
    dated = models.CharField(max_length=40, blank=True)
    """The date as it was written there, even where it is none."""
    digest = models.CharField(max_length=64)
    """SHA-256 of the text, in hex."""
    kept_at = models.DateTimeField(default=timezone.now)
    kept_by = models.CharField(max_length=60)

    def __str__(self) -> str:
        """Name the language and the date as written."""
        return f"{self.language} {self.dated}"


class EarlierSentence(models.Model):
    """A sentence of the earlier notice: what it was about, the claims that stand for it, and why it was changed."""

    notice = models.ForeignKey(EarlierNotice, on_delete=models.CASCADE, related_name="sentences")
    place = models.PositiveIntegerField()
    heading = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    claims = models.JSONField(default=list)
    weak_points = models.JSONField(default=list)
    """Ids of the weak points found in it (data/weak_points.toml): each has its reason and its resolution."""

    class Meta:
        """In the order of the text."""

        ordering = ("notice", "place")

    def __str__(self) -> str:
        """Name the place; the words are the organisation's own."""
        return f"{self.notice_id}/{self.place}"


class ClosedDoor(models.Model):
    """A door that a broken promise keeps shut. Written with the verdicts of a run, taken away when the claim holds."""

    door = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Door])
    claim = models.CharField(max_length=4)
    about = models.CharField(max_length=60, blank=True)
    """The purpose it is limited to; empty closes the door to all."""
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """Lower rooms ask by door, the mailroom in every window: there are few rows, mostly none."""

        constraints = (models.UniqueConstraint(fields=["door", "claim", "about"], name="notices_one_closed_door"),)

    def __str__(self) -> str:
        """Name the door and the claim."""
        return f"{self.door}: {self.claim}"


class ClaimVerdict(models.Model):
    """What one run of a claim's check saw: a verdict and figures, never personal data."""

    run = models.UUIDField(default=uuid.uuid4)
    """The run it belongs to; a run is one row of the ledger, with the hash of all its evidence."""
    claim = models.CharField(max_length=4)
    verdict = models.CharField(max_length=9, choices=[(each.value, each.value) for each in Verdict])
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The newest verdict of each claim is what counts."""

        indexes = (models.Index(fields=["claim", "-checked_at"], name="notices_newest_verdict"),)

    def __str__(self) -> str:
        """Name the claim and its verdict."""
        return f"{self.claim}: {self.verdict}"
