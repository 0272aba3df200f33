"""From the decision to the closed case: carried out in the stores, told to others, answered, and seen to arrive.

Each step is safe to run again: what the case's events say is done is not done twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from luvalla.jobs.port import enqueue
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.rights.actions.complaints import stand_as_complaint
from luvalla.rights.actions.details import note_postal
from luvalla.rights.actions.letters import (
    acknowledge_instead,
    issue_letter,
    issue_notice,
    link_values,
    note_sent_letters,
    paragraphs_of,
)
from luvalla.rights.actions.moving import move, note_event
from luvalla.rights.actions.restrictions import lifted_from
from luvalla.rights.actions.tasks import COPY, give_task, moment_of_posting
from luvalla.rights.cases import address_of_requester, said
from luvalla.rights.disclosees import changes_to_tell, disclosees_of
from luvalla.rights.execution import COPIES, carry_one_out
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import NO_ANSWERS, Kind, default_paragraphs
from luvalla.rights.links import has_copy
from luvalla.rights.meanwhile import end_meanwhile, is_restricted_meanwhile
from luvalla.rights.models import DataRequest, Decision, Letter, SecureLink, Task
from luvalla.rights.paper_to_change import have_paper_changed, note_changed, note_destroyed
from luvalla.rights.queries import (
    NOT_IDENTIFIED,
    awaits_fee,
    current_decision,
    events_now,
    has_no_data,
    is_ending_unidentified,
    is_paper_found,
    open_holds,
)
from luvalla.rights.rulings import granted_rights
from luvalla.rights.sources import note_sources_told, sources_to_tell
from luvalla.rules.case_states import DECIDED, SHUT, Right, State, Who

AGAIN_AFTER: Final = timedelta(minutes=1)
LETTERS: Final = {
    Decision.Outcome.GRANT: Kind.REPLY,
    Decision.Outcome.PARTIAL: Kind.PARTIAL,
    Decision.Outcome.REFUSE: Kind.CERTIFICATE,
}
ANSWERED: Final = frozenset({State.REPLIED, State.CLOSED, State.COMPLAINT})
"""States in which an answer has left, and may come back."""


def carry_out(request: DataRequest) -> DataRequest:
    """Go on with a decided request as far as it goes: in the stores, to the others, to the requester."""
    if request.state in DECIDED and not awaits_fee(request):
        with transaction.atomic():
            request = move(request, State.EXECUTING, actor=SYSTEM)
    if request.state == State.EXECUTING:
        request = _execute(request)
    if request.state == State.NOTIFYING:
        request = _notify(request)
    return request


def follow_up(request: DataRequest) -> DataRequest:
    """Look whether the answer has arrived and everything is done, and then close; what failed goes by post.

    A reply that comes back after the case was closed opens it again where it has to go on; so does a letter with a new
    link to the copy. While an authority looks into a complaint it is no other: the person still waits for the copy.
    """
    note_sent_letters(request=request)
    note_destroyed(request)
    note_changed(request)
    note_sources_told(request)
    request.refresh_from_db(fields=["state", "closed_at", "replied_at", "paused_on", "paused_days"])
    if request.state in ANSWERED:
        return _see_to_answer(request)
    if request.state == State.WITHDRAWN_BY_SUBJECT:
        return _end_withdrawn(request)
    return _end_unidentified(request) if is_ending_unidentified(request) else request


def _see_to_answer(request: DataRequest) -> DataRequest:
    if _has_failed(request):
        return _by_post(request)
    if request.state != State.REPLIED:
        return request
    if request.replied_at is None and _has_left(request):
        request.replied_at = _left_at(request)
        request.save(update_fields=["replied_at"])
        end_meanwhile(request)
    if request.replied_at is None or request.tasks.filter(done_at=None).exists():
        return request
    with transaction.atomic():
        return stand_as_complaint(move(request, State.CLOSED, actor=SYSTEM))


def post_to(*, request: DataRequest, name: str, postal: str, actor: Actor) -> DataRequest:
    """Note where a letter reaches the requester; an answer that waits to be posted is written anew with it.

    So is an acknowledgement, where the mailbox has taken none.
    """
    with transaction.atomic():
        row = note_postal(request=request, name=name, postal=postal, actor=actor)
        if row.state not in {State.REPLIED, *SHUT}:
            acknowledge_instead(row)
        answer = _answer_of(row)
        if row.state != State.REPLIED or answer is None or not answer.by_post or answer.state != Letter.State.ISSUED:
            return row
        Letter.objects.filter(pk=answer.pk).update(state=Letter.State.FAILED)
        unposted = _postings_of(answer).filter(done_at=None)
        unposted.update(done_at=timezone.now(), done_by=str(actor), result="not_needed")
        return _by_post(row)


def _end_unidentified(request: DataRequest) -> DataRequest:
    """Close a case whose sender nobody knows once the certificate of it has left."""
    if not _has_left(request) or request.tasks.filter(done_at=None).exists():
        return request
    with transaction.atomic():
        request.replied_at = _left_at(request)
        request.save(update_fields=["replied_at"])
        end_meanwhile(request)
        return stand_as_complaint(move(request, State.CLOSED_UNIDENTIFIED, code=NOT_IDENTIFIED, actor=SYSTEM))


def _end_withdrawn(request: DataRequest) -> DataRequest:
    """Lift the restriction of a request that was taken back, and close it, on the day that its letter has named."""
    day = lifted_from(request)
    waiting = request.letters.filter(kind=Kind.LIFTING, state=Letter.State.ISSUED).exists()
    if waiting or day is None or timezone.localdate() < day or request.tasks.filter(done_at=None).exists():
        return request
    with transaction.atomic():
        end_meanwhile(request)
        return move(request, State.CLOSED, code="withdrawn", actor=SYSTEM)


def _execute(request: DataRequest) -> DataRequest:
    """Do in the stores what was granted; a refusal does nothing there."""
    decision = current_decision(request)
    is_refused = decision is not None and decision.outcome == Decision.Outcome.REFUSE
    if not is_refused and not _carry_all_out(request, granted_rights(request, decision)):
        enqueue("rights.carry_out", ref=request.ref, run_at=timezone.now() + AGAIN_AFTER)
        return request
    with transaction.atomic():
        if not is_refused:
            have_paper_changed(request, granted_rights(request, decision))
        DataRequest.objects.filter(pk=request.pk).update(carried_out_at=timezone.now())
        return move(request, State.NOTIFYING, actor=SYSTEM)


def _carry_all_out(request: DataRequest, granted: Collection[Right]) -> bool:
    """Do all of it as far as it goes; False when a part has to be tried again.

    A copy is made before any erasure, and an address is corrected last: what is restricted or forbidden goes over to
    the right one.
    """
    in_order = sorted(granted, key=lambda each: (each not in COPIES, each is Right.RECTIFICATION))
    finished = [carry_one_out(request, each) for each in in_order]
    return all(finished)


def _notify(request: DataRequest) -> DataRequest:
    """Tell those who were given the data, and answer the requester."""
    with transaction.atomic():
        decision = current_decision(request)
        if decision is None or decision.outcome != Decision.Outcome.REFUSE:
            granted = granted_rights(request, decision)
            _tell_others(request, granted)
            if Right.PORTABILITY in granted and said(request).transmit_to and not _is_transmitted(request):
                give_task(request, Task.Kind.TRANSMISSION, role=Who.HANDLER, actor=SYSTEM)
        _answer(request, decision)
        return move(request, State.REPLIED, actor=SYSTEM)


def _tell_others(request: DataRequest, granted: Collection[Right]) -> None:
    """Write a notice to each disclosee that has the data, and give a task for it and each source (GDPR 19).

    Each is told, or it is written down why that is impossible. Whoever has been told in this case is not told again
    when the answer has to go once more.
    """
    changes = changes_to_tell(request, granted)
    if not changes or events_now(request).filter(kind="others_told").exists():
        return
    disclosees = disclosees_of(request)
    for each in disclosees:
        issue_notice(request=request, to=each, changes=changes, actor=SYSTEM)
    told = list(dict.fromkeys([*(each.name for each in disclosees), *sources_to_tell(request, granted)]))
    for name in told:
        give_task(request, Task.Kind.NOTICE, role=Who.HANDLER, about=name, actor=SYSTEM)
    note_event(request, "others_told", after=str(len(told)), actor=SYSTEM)


def _is_transmitted(request: DataRequest) -> bool:
    """Tell whether the other controller was seen to already: an answer that goes once more brings no second copy."""
    return events_now(request).filter(kind=f"task_{Task.Kind.TRANSMISSION}").exists()


def _answer(request: DataRequest, decision: Decision | None) -> None:
    if decision is None:
        # A prohibition that was carried out by itself: the acknowledgement has said so already.
        is_told = request.letters.exclude(issued_at=None).exists() and not request.by_post
        if not is_told and address_of_requester(request):
            issue_letter(request=request, kind=Kind.REPLY, actor=SYSTEM)
        return
    # Whoever was asked a fee has had that decision's letter: this one answers.
    kind = kind_of_answer(request, decision, has_told=True)
    extra, parts = _link_for(request)
    paragraphs = _words_that_failed(request, kind) or words_with_holds(request, kind)
    if is_restricted_meanwhile(request):
        parts.append("meanwhile")
    enclosed = enclosed_with(request, decision, is_made=has_copy(request))
    issue_letter(
        request=request,
        kind=kind,
        paragraphs=paragraphs,
        extra=extra,
        more_parts=[*enclosed, *parts],
        signer=signer_of(decision),
        actor=SYSTEM,
    )
    if enclosed:
        give_task(request, Task.Kind.POST, role=Who.HANDLER, about=COPY, actor=SYSTEM)


def kind_of_answer(request: DataRequest, decision: Decision, *, has_told: bool) -> Kind:
    """Tell which letter answers after a decision; has_told where a fee's own letter has left before."""
    kind = LETTERS[Decision.Outcome(decision.outcome)]
    if has_told and decision.fee is not None:
        kind = Kind.REPLY
    return Kind.NO_DATA if kind is Kind.REPLY and has_no_data(request) else kind


def signer_of(decision: Decision) -> Who:
    """Tell who answers for the letter: a refusal is the register owner's."""
    return Who.HANDLER if decision.outcome == Decision.Outcome.GRANT else Who.REGISTER_OWNER


def enclosed_with(request: DataRequest, decision: Decision, *, is_made: bool) -> list[str]:
    """Name what goes into the envelope with an answer by post: the copy, files for a program, paper that was found.

    is_made: whether the copy has been made, or will be.
    """
    if not request.by_post or decision.outcome == Decision.Outcome.REFUSE:
        return []
    has_data, granted = is_made and not has_no_data(request), granted_rights(request, decision)
    enclosed = {
        "enclosed": has_data and Right.ACCESS in granted,
        "enclosed_files": has_data and Right.PORTABILITY in granted,
        "enclosed_paper": Right.ACCESS in granted and is_paper_found(request),
    }
    return [name for name, is_there in enclosed.items() if is_there]


def _link_for(request: DataRequest) -> tuple[dict[str, str], list[str]]:
    link = request.links.filter(kind=SecureLink.Kind.DELIVER, used_at=None).order_by("-pk").first()
    if link is None or request.by_post:
        return {}, []
    return link_values(link), ["link"]


def words_with_holds(request: DataRequest, kind: Kind) -> list[str] | None:
    """Name each system that keeps data for now, with its ground and end, after what staff wrote."""
    holds = list(open_holds(request))
    if not holds:
        return None
    draft = request.letters.filter(kind=kind, state=Letter.State.DRAFT).first()
    words = texts(request.language)
    lines = [
        words["holds"]["kept"].format(
            system=each.system, ground=words["grounds"][each.ground], end=words["ends"][each.ends]
        )
        for each in holds
    ]
    return [*(paragraphs_of(draft) if draft else default_paragraphs(kind, request)), *lines]


def _answer_of(request: DataRequest) -> Letter | None:
    """Give the newest letter that answers; the acknowledgement does where nothing else had to be said."""
    letters = request.letters.exclude(kind__in=NO_ANSWERS).exclude(issued_at=None)
    return letters.order_by("-issued_at", "-pk").first()


def _words_that_failed(request: DataRequest, kind: Kind) -> list[str] | None:
    """Give what staff wrote in the answer that did not arrive, for the one that goes by post."""
    answer = _answer_of(request)
    is_it = answer is not None and answer.state == Letter.State.FAILED and answer.kind == kind and bool(answer.sealed)
    return paragraphs_of(answer) if answer is not None and is_it else None


def _has_left(request: DataRequest) -> bool:
    """Tell whether the newest answer has left: taken by the relay, or posted; an answer nobody can get has."""
    answer = _answer_of(request)
    if answer is None or _is_unreachable(answer):
        return True
    if answer.by_post:
        posted = _postings_of(answer)
        return posted.exists() and not posted.filter(done_at=None).exists()
    return answer.state == Letter.State.SENT


def _left_at(request: DataRequest) -> datetime:
    """Tell when the answer left: on the last day that anything of it was posted, else now."""
    answer = _answer_of(request)
    if answer is None or not answer.by_post:
        return timezone.now()
    last = _postings_of(answer).order_by("-posted_on").values_list("posted_on", flat=True).exclude(posted_on=None)
    day = last.first()
    return moment_of_posting(day) if day else timezone.now()


def _postings_of(answer: Letter) -> QuerySet[Task]:
    """Give the tasks of posting of an answer: the letter's own, and the copy's."""
    tasks = answer.request.tasks.filter(kind=Task.Kind.POST, about__in=(answer.kind, COPY))
    return tasks.filter(created_at__gte=answer.issued_at)


def _has_failed(request: DataRequest) -> bool:
    """Tell whether the answer, or the newest letter with a link to its copy, came back and can still go by post."""
    answer = _answer_of(request)
    if answer is not None and _has_link_failed(answer):
        return True
    failed = answer is not None and answer.state == Letter.State.FAILED and not answer.by_post
    return failed and answer is not None and not _is_unreachable(answer)


def _has_link_failed(answer: Letter) -> bool:
    """Tell whether a link to the copy that was sent after the answer came back: the copy waits for nobody then."""
    if answer.by_post or not has_copy(answer.request):
        return False
    links = answer.request.letters.filter(kind=Kind.LINK, issued_at__gte=answer.issued_at).order_by("-pk")
    newest = links.first()
    return newest is not None and newest.state == Letter.State.FAILED


def _is_unreachable(answer: Letter) -> bool:
    """Tell whether a stop was acknowledged to a mailbox that takes nothing, and nothing else is known of its person."""
    is_lost = answer.kind == Kind.ACKNOWLEDGEMENT and answer.state == Letter.State.FAILED
    return is_lost and not said(answer.request).postal


def _by_post(request: DataRequest) -> DataRequest:
    """Answer again on paper, because the mailbox did not take the letter."""
    with transaction.atomic():
        request.by_post, request.replied_at = True, None
        request.save(update_fields=["by_post", "replied_at"])
        row = move(request, State.NOTIFYING, code="undeliverable", actor=SYSTEM)
    enqueue("rights.carry_out", ref=row.ref)
    return row
