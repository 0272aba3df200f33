"""Campaigns from draft to frozen letter."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from wagtail.fields import StreamField
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, ImageQuerySet
from wagtail.locks import BaseLock
from wagtail.models import LockableMixin, PreviewableMixin, RevisionMixin, TranslatableMixin

from luvalla.campaigns.blocks import LetterBlocks
from luvalla.campaigns.blocks.base import validate_one_line
from luvalla.campaigns.blocks.pictures import pictures_in
from luvalla.campaigns.errors import BadPicture, CampaignFrozen, PictureFault, PictureInUse
from luvalla.campaigns.pictures import prepare_picture
from luvalla.campaigns.previews import Written, preview, preview_modes
from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import OPERATOR, Actor, person
from luvalla.organisation.models import Purpose
from luvalla.register.models import Audience

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

KEPT_BY_REVISIONS = ("ref", "author_id", "created_at")
"""What an older version of a campaign never brings back."""


class PreparedFile:
    """Marks a file whose picture was re-encoded."""


class PreparedContent(PreparedFile, ContentFile):  # type: ignore[type-arg]  # Django's class takes no argument
    """A re-encoded picture in memory."""


class Pictures(ImageQuerySet):
    """Pictures, which letters may show."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete them all, or none: PictureInUse while a letter that was submitted shows one of them."""
        submitted = Campaign.objects.exclude(lifecycle__state=Lifecycle.State.DRAFT).only("body")
        shown = {pk for each in submitted.iterator() for pk in pictures_in(each.body.raw_data)}
        if shown.intersection(self.values_list("pk", flat=True)):
            raise PictureInUse
        gone: tuple[int, dict[str, int]] = super().delete()
        return gone


class Picture(AbstractImage):
    """An image of a letter. What it shows is told in words where it is used."""

    file: Any
    objects = Pictures.as_manager()
    brought_by: Actor | None = None
    """Who brings a new picture, where it isn't its uploader: for the ledger, not stored."""
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    admin_form_fields = ("title", "file", "description", "focal_point_x", "focal_point_y")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the picture; a new file is never kept as it came, and never replaces an older one. Raises BadPicture.

        Wagtail's own views save pictures too, so a new one's row in the ledger is written here.
        """
        self._prepare_file()
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                uploader = person(self.uploaded_by_user.ref) if self.uploaded_by_user else OPERATOR
                actor = self.brought_by or uploader
                facts = {"width": self.width, "height": self.height, "bytes": self.file_size}
                record("campaigns.add_picture", actor=actor, subject=Subject("picture", str(self.pk)), facts=facts)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the picture; PictureInUse while a letter that was submitted shows it."""
        del args, kwargs  # one picture is deleted as several are
        gone: tuple[int, dict[str, int]] = Picture.objects.filter(pk=self.pk).delete()
        return gone

    def create_rendition(self, filter: Filter) -> PictureRendition:  # noqa: A002  # Wagtail's name for it
        """Make the picture at one size, and close the file that Wagtail leaves open."""
        with self.generate_rendition_file(filter) as file:
            rendition: PictureRendition = self.renditions.get_or_create(
                filter_spec=filter.spec, focal_point_key=filter.get_cache_key(self), defaults={"file": file}
            )[0]
        return rendition

    def _prepare_file(self) -> None:
        if not self.file or self.file._committed:  # noqa: SLF001  # the only word of Django on whether a file is new
            return
        if not self._state.adding:
            raise BadPicture(PictureFault.REPLACED)
        given = self.file.file
        given.seek(0)
        if not isinstance(given, PreparedFile):
            content, ending = prepare_picture(given)
            given = PreparedContent(content, name=f"picture.{ending}")
        # The name a file came with may say more than the picture.
        given.name = f"{uuid.uuid4().hex}.{given.name.rpartition('.')[2]}"
        self.file = given
        self._set_image_file_metadata()


class PictureRendition(AbstractRendition):
    """A picture at one size."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        """One file for each size."""

        constraints = (
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="campaigns_one_rendition"),
        )


class Campaign(PreviewableMixin, LockableMixin, RevisionMixin, TranslatableMixin, models.Model):
    """One letter to one audience for one purpose. Its lifecycle is in a table of its own, out of the editor's reach.

    Once it has left the state of a draft, neither saving nor deleting it is possible by any door: CampaignFrozen.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = models.CharField(
        pgettext_lazy("campaign field", "subject"), max_length=150, validators=[validate_one_line]
    )
    preheader = models.CharField(
        pgettext_lazy("campaign field", "preheader"), max_length=150, blank=True, validators=[validate_one_line]
    )
    purpose = models.ForeignKey(
        Purpose, on_delete=models.PROTECT, verbose_name=pgettext_lazy("campaign field", "purpose")
    )
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, verbose_name=pgettext_lazy("campaign field", "audience")
    )
    body = StreamField(LetterBlocks(), blank=True, verbose_name=pgettext_lazy("campaign field", "letter"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="campaigns", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TranslatableMixin.Meta):
        """Newest first in listings."""

        ordering = ("-pk",)
        verbose_name = pgettext_lazy("campaign", "newsletter")
        verbose_name_plural = pgettext_lazy("campaign", "newsletters")

    def __str__(self) -> str:
        """Give the subject."""
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a draft; CampaignFrozen for anything else."""
        self._refuse_unless_draft()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete a draft; CampaignFrozen for anything else."""
        self._refuse_unless_draft()
        return super().delete(*args, **kwargs)

    @property
    def language(self) -> str:
        """The language the letter is written in."""
        return str(self.locale.language_code)

    @property
    def preview_modes(self) -> list[tuple[str, Promise]]:
        """The ways to preview the letter."""
        return preview_modes()

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the letter as it is being written."""
        from luvalla.campaigns.queries import letter_content  # noqa: PLC0415  # the queries need the models

        del request  # a letter is the same for everybody who looks at it
        return preview(Written(letter_content(self, newest=False)), mode_name)

    @property
    def is_draft(self) -> bool:
        """Whether the campaign can still be written: it has no lifecycle yet, or stands at its beginning."""
        return not Lifecycle.objects.filter(pk=self.pk).exclude(state=Lifecycle.State.DRAFT).exists()

    def get_lock(self) -> BaseLock | None:
        """Give the lock that keeps everybody's editor shut once the campaign has left its draft."""
        return super().get_lock() if self.is_draft else LifecycleLock(self)

    def with_content_json(self, content: dict[str, Any]) -> Campaign:
        """Read an older version. Whose the campaign is and what it is called in the ledger stays as it is now."""
        older: Campaign = super().with_content_json(content)
        for name in KEPT_BY_REVISIONS:
            setattr(older, name, getattr(self, name))
        return older

    def _refuse_unless_draft(self) -> None:
        if self.pk and not self.is_draft:
            raise CampaignFrozen(Lifecycle.objects.get(pk=self.pk).state)


class LifecycleLock(BaseLock):
    """The lock of a campaign that was submitted: nobody opens it, whoever they are."""

    def for_user(self, user: object) -> bool:
        """Lock out everybody."""
        del user  # the lock asks for nobody
        return True

    def get_message(self, user: object) -> str:
        """Say why the editor is shut."""
        del user  # the sentence is the same for everybody
        return str(CampaignFrozen(self.object.lifecycle.state))


class Lifecycle(models.Model):
    """Where a campaign stands, and who brought it there."""

    class State(models.TextChoices):
        """DRAFT until it is submitted; frozen from APPROVED on."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        SCHEDULED = "scheduled"
        SENDING = "sending"
        PAUSED = "paused"
        FINISHED = "finished"
        CANCELLED = "cancelled"

    class UnknownPolicy(models.TextChoices):
        """Whether a letter with an unknown outcome goes again with the same Message-ID, or is only reported."""

        REPORT = "report"
        RESEND = "resend"

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, primary_key=True, related_name="lifecycle")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    unknown_policy = models.CharField(max_length=8, choices=UnknownPolicy.choices, default=UnknownPolicy.REPORT)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    send_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Give the state."""
        return self.state


class FrozenLetters(models.QuerySet["Letter"]):
    """Letters cannot be changed or deleted, one by one or together."""

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        del kwargs  # nothing of it is done
        raise CampaignFrozen(Lifecycle.State.APPROVED)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise CampaignFrozen(Lifecycle.State.APPROVED)

    def bulk_update(self, objs: Iterable[Letter], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Refuse."""
        del objs, fields, batch_size  # nothing of it is done
        raise CampaignFrozen(Lifecycle.State.APPROVED)


class Letter(models.Model):
    """The compiled, frozen form of a campaign in one language: constant segments and holes, and its web page.

    Written once, at approval. Later code never changes it: CampaignFrozen.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="letters")
    language = models.CharField(max_length=2)
    compiled = models.BinaryField()
    """sending.letter.CompiledLetter.to_bytes()."""
    digest = models.CharField(max_length=64)
    web_html = models.TextField()
    """The page of the archive: the same letter without any hole."""
    text = models.TextField()
    grounds = models.JSONField(default=dict)
    """What its footer says of its audience: kinds of permission, and sources by key."""
    frozen_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Letter]] = FrozenLetters.as_manager()

    class Meta:
        """One letter for each language."""

        constraints = (models.UniqueConstraint(fields=["campaign", "language"], name="campaigns_one_letter"),)

    def __str__(self) -> str:
        """Name the letter by the start of its digest."""
        return self.digest[:8]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the letter once; CampaignFrozen afterwards."""
        if not self._state.adding:
            raise CampaignFrozen(Lifecycle.State.APPROVED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: a frozen letter stays."""
        del args, kwargs  # nothing of it is done
        raise CampaignFrozen(Lifecycle.State.APPROVED)
