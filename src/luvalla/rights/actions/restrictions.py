"""Lifting a restriction: its data subject is told first, then it is lifted (GDPR 18(3)); and words blacked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.register.errors import LiftingNotAnnounced, NotRestricted
from luvalla.rights import carrying_out
from luvalla.rights.actions.letters import issue_letter, note_sent_letters
from luvalla.rights.actions.moving import note_event, subject_of
from luvalla.rights.cases import said, sealed_said
from luvalla.rights.doers import has_role
from luvalla.rights.errors import LiftingTooEarly, StepRefused
from luvalla.rights.letters.writing import Kind, day_in
from luvalla.rights.liftings import ANNOUNCED
from luvalla.rights.models import DataRequest, Letter, Task
from luvalla.rights.paper_to_change import have_marks_taken_off
from luvalla.rights.restricted import LIFTED, events_since_lifted, is_standing, restricted_mailboxes
from luvalla.rules.case_states import Who


@transaction.atomic
def announce_lifting(
    *, request: DataRequest, lift_on: date, paragraphs: Sequence[str] | None = None, actor: Actor
) -> None:
    """Tell the data subject on which day the restriction will be lifted, and why (GDPR 18(3)).

    It can be from that day on, once the letter has left. Raises StepRefused, also for a day that has been.
    """
    may_tell = has_role(actor, Who.HANDLER, Who.REGISTER_OWNER) and is_standing(request)
    if not may_tell or lift_on < timezone.localdate():
        raise StepRefused
    write_of_lifting(request, lift_on, paragraphs=paragraphs, actor=actor)


def write_of_lifting(
    request: DataRequest, lift_on: date, *, paragraphs: Sequence[str] | None = None, actor: Actor
) -> None:
    """Write the letter of the lifting and note its day, in the caller's transaction.

    It goes to the mailbox as it is now, corrected or not; by post to whoever has none.
    """
    issue_letter(
        request=request,
        kind=Kind.LIFTING,
        paragraphs=paragraphs,
        extra=lifting_values(request, lift_on),
        signer=Who.HANDLER,
        to=next(iter(restricted_mailboxes(request)), None),
        actor=actor,
    )
    note_event(request, ANNOUNCED, after=lift_on.isoformat(), actor=actor)


def lifting_values(request: DataRequest, lift_on: date) -> dict[str, str]:
    """Give what the letter says of the day."""
    return {"lift_on": day_in(lift_on, request.language)}


def lifted_from(request: DataRequest) -> date | None:
    """Give the day from which a restriction can be lifted, as it was last announced; None where none was named."""
    event = events_since_lifted(request).filter(kind=ANNOUNCED).order_by("-pk").first()
    return date.fromisoformat(event.after) if event is not None and event.after else None


@transaction.atomic
def lift_restriction(*, request: DataRequest, actor: Actor) -> None:
    """Lift it. Raises LiftingTooEarly before the day that was named, and what the register raises.

    That is LiftingNotAnnounced before the notice has left, and NotRestricted. Whatever paper bears its mark is a
    custodian's task then.
    """
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    day = lifted_from(request)
    if day is not None and timezone.localdate() < day:
        raise LiftingTooEarly
    if not is_standing(request):
        raise NotRestricted
    _lift_everywhere(request, actor)
    note_event(request, LIFTED, actor=actor)
    have_marks_taken_off()


def _lift_everywhere(request: DataRequest, actor: Actor) -> None:
    """Lift it in the register, wherever its mailbox is now; what stands on paper only is lifted by the case itself."""
    has_left, mailboxes = _notice_has_left(request), restricted_mailboxes(request)
    for each in mailboxes:
        if has_left:
            carrying_out.announce_lifting(each, actor)
        carrying_out.lift(each, actor)
    if mailboxes:
        return
    if not has_left:
        raise LiftingNotAnnounced
    record("rights.lift_restriction", actor=actor, subject=subject_of(request))


def _notice_has_left(request: DataRequest) -> bool:
    """Tell whether the newest notice was taken by the relay, or posted."""
    note_sent_letters(request=request)
    letter = request.letters.filter(kind=Kind.LIFTING).exclude(issued_at=None).order_by("-pk").first()
    if letter is None or lifted_from(request) is None:
        return False
    if not letter.by_post:
        return letter.state == Letter.State.SENT
    posted = request.tasks.filter(kind=Task.Kind.POST, about=Kind.LIFTING, created_at__gte=letter.issued_at)
    return posted.filter(result="done").exists()


@transaction.atomic
def black_out(*, request: DataRequest, words: Sequence[str], actor: Actor) -> DataRequest:
    """Have words about others blacked out in the copy, wherever they stand (GDPR 15(4))."""
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row = DataRequest.objects.select_for_update().get(pk=request.pk)
    told = said(row)
    hidden = tuple(dict.fromkeys([*told.hidden, *(each.strip() for each in words if each.strip())]))
    row.sealed = sealed_said(replace(told, hidden=hidden), bytes(row.folded))
    row.save(update_fields=["sealed"])
    note_event(row, "blacked_out", actor=actor)
    record("rights.black_out", actor=actor, subject=subject_of(row), facts={"words": len(hidden)})
    return row
