"""The steps of a campaign's life, each under the lock of its row and with its row in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from luvalla.campaigns.actions.locking import locked, subject_of
from luvalla.campaigns.checking import addresses_in, lacks_of
from luvalla.campaigns.errors import LetterChanged, LetterIncomplete, NotTheApprover, TimePassed, WhyNot
from luvalla.campaigns.freezing import freeze_letter
from luvalla.campaigns.lifecycle import Step, state_after
from luvalla.campaigns.models import Campaign, Lifecycle
from luvalla.campaigns.queries import last_editor
from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.organisation.queries import the_controller
from luvalla.people.models import User
from luvalla.people.queries import may, why_closed
from luvalla.people.roles import Capability


@transaction.atomic
def submit_campaign(*, campaign: Campaign, by: User, actor: Actor) -> tuple[str, ...]:
    """Submit a draft for approval; from now on nobody writes in it. Raises LetterIncomplete with what is missing.

    Gives the e-mail addresses the letter names that aren't the controller's own, masked, as a warning.
    """
    lifecycle = _step(campaign, Step.SUBMIT)
    written = Campaign.objects.get(pk=campaign.pk)
    lacks = lacks_of(written)
    if lacks:
        raise LetterIncomplete(lacks)
    named = addresses_in(written, the_controller())
    lifecycle.submitted_by, lifecycle.submitted_at = by, timezone.now()
    _record_step(campaign, lifecycle, "submit_campaign", actor, facts={"addresses_named": len(named)})
    return named


@transaction.atomic
def return_campaign(*, campaign: Campaign, note: str, actor: Actor) -> None:
    """Give a submitted campaign back to its author with a note; it is a draft again."""
    lifecycle = _step(campaign, Step.RETURN)
    lifecycle.submitted_by, lifecycle.submitted_at = None, None
    _record_step(campaign, lifecycle, "return_campaign", actor, reason=note.strip())


@transaction.atomic
def approve_campaign(*, campaign: Campaign, by: User, actor: Actor, seen: int | None = None) -> None:
    """Approve a submitted campaign and freeze its letter: bytes, digest, page and text are kept as they are now.

    Another person than the author and the last editor, with the role of an approver and a valid undertaking:
    NotTheApprover otherwise. Seen is the version (revision id) the person looked at; LetterChanged when it is another.
    """
    lifecycle = _step(campaign, Step.APPROVE)
    written = Campaign.objects.select_related("latest_revision", "purpose", "audience", "locale").get(pk=campaign.pk)
    why_not = why_not_approve(written, by)
    if why_not:
        raise NotTheApprover(why_not)
    if seen is not None and seen != written.latest_revision_id:
        raise LetterChanged
    letter = freeze_letter(written)
    lifecycle.approved_by, lifecycle.approved_at = by, timezone.now()
    _record_step(
        campaign, lifecycle, "approve_campaign", actor, facts={"digest": letter.digest, "language": letter.language}
    )


def why_not_approve(campaign: Campaign, user: User) -> WhyNot | None:
    """Tell why a person may not approve a campaign, or None."""
    if user.pk == campaign.author_id:
        return WhyNot.AUTHOR
    if user == last_editor(campaign):
        return WhyNot.LAST_EDITOR
    if why_closed(user):
        return WhyNot.UNDERTAKING
    return None if may(user, Capability.APPROVE_CAMPAIGN) else WhyNot.ROLE


@transaction.atomic
def schedule_campaign(*, campaign: Campaign, send_at: datetime, actor: Actor) -> None:
    """Have an approved campaign sent at a time to come; TimePassed when it isn't."""
    if send_at <= timezone.now():
        raise TimePassed
    _put_on_schedule(campaign, send_at, actor)


@transaction.atomic
def send_campaign_now(*, campaign: Campaign, actor: Actor) -> None:
    """Have an approved campaign sent as soon as the mailroom looks, which is at once."""
    _put_on_schedule(campaign, timezone.now(), actor)


@transaction.atomic
def unschedule_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Take a campaign off the schedule; it stays approved."""
    lifecycle = _step(campaign, Step.UNSCHEDULE)
    lifecycle.send_at = None
    _record_step(campaign, lifecycle, "unschedule_campaign", actor)


@transaction.atomic
def begin_sending(*, campaign: Campaign, actor: Actor) -> None:
    """Note that the mailroom begins to send an approved or scheduled campaign."""
    lifecycle = _step(campaign, Step.BEGIN)
    lifecycle.started_at = lifecycle.started_at or timezone.now()
    _record_step(campaign, lifecycle, "begin_sending", actor)


@transaction.atomic
def pause_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Stop claiming letters until the campaign is resumed."""
    _record_step(campaign, _step(campaign, Step.PAUSE), "pause_campaign", actor)


@transaction.atomic
def resume_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Go on sending a paused campaign."""
    _record_step(campaign, _step(campaign, Step.RESUME), "resume_campaign", actor)


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, actor: Actor, reason: str = "") -> None:
    """End a campaign before all of it is sent. What has left has left; the rest stays here for good."""
    lifecycle = _step(campaign, Step.CANCEL)
    lifecycle.send_at, lifecycle.finished_at = None, timezone.now()
    _record_step(campaign, lifecycle, "cancel_campaign", actor, reason=reason.strip())


@transaction.atomic
def finish_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Note that every letter of the campaign has its outcome."""
    lifecycle = _step(campaign, Step.FINISH)
    lifecycle.finished_at = timezone.now()
    _record_step(campaign, lifecycle, "finish_campaign", actor)


@transaction.atomic
def reopen_campaign(*, campaign: Campaign, actor: Actor) -> None:
    """Go on with a finished campaign, for those who didn't get its letter: the same letter, as it was approved."""
    lifecycle = _step(campaign, Step.REOPEN)
    lifecycle.finished_at = None
    _record_step(campaign, lifecycle, "reopen_campaign", actor)


def _put_on_schedule(campaign: Campaign, send_at: datetime, actor: Actor) -> None:
    lifecycle = _step(campaign, Step.SCHEDULE)
    lifecycle.send_at = send_at
    _record_step(campaign, lifecycle, "schedule_campaign", actor, facts={"send_at": send_at.isoformat()})


def _step(campaign: Campaign, step: Step) -> Lifecycle:
    """Lock the campaign's row and give it in its next state, not yet saved."""
    lifecycle = locked(campaign)
    lifecycle.state = state_after(lifecycle.state, step)
    return lifecycle


def _record_step(
    campaign: Campaign,
    lifecycle: Lifecycle,
    verb: str,
    actor: Actor,
    *,
    reason: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    lifecycle.save()
    campaign.lifecycle = lifecycle
    record(
        f"campaigns.{verb}",
        actor=actor,
        subject=subject_of(campaign),
        purpose=campaign.purpose.key,
        reason=reason,
        facts=facts,
    )
