"""A letter as it will leave, for whoever is about to send it: nothing is kept but that somebody has looked.

What is made only when a decision is carried out, a link with its day, stands there as dots.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record_look
from luvalla.ledger.actors import Actor
from luvalla.rights.actions.decisions import told_of
from luvalla.rights.actions.letters import paragraphs_of, postal_of
from luvalla.rights.actions.moving import subject_of
from luvalla.rights.actions.restrictions import lifting_values
from luvalla.rights.doers import signature_of
from luvalla.rights.execution import COPIES
from luvalla.rights.finishing import enclosed_with, kind_of_answer, signer_of, words_with_holds
from luvalla.rights.letters.forms import as_pdf
from luvalla.rights.letters.writing import UNTOLD, Kind, Text, day_in, default_paragraphs, write
from luvalla.rights.meanwhile import is_restricted_meanwhile
from luvalla.rights.models import DataRequest, Decision, Letter
from luvalla.rights.queries import NOT_IDENTIFIED, current_decision
from luvalla.rights.reading import PURPOSE
from luvalla.rights.rulings import granted_rights, written
from luvalla.rules.case_states import Right, Who
from luvalla.rules.retention import SECURE_LINK

Given = Mapping[str, Any]
TO_COME: Final = "…"
TOLD: Final = ("facts", "reasons", "instead", "payment")


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it is issued."""

    kind: Kind
    paragraphs: Sequence[str] = field(repr=False)
    decision: tuple[Decision, Mapping[str, str]] | None = field(default=None, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[str] = ()
    signer: Who = Who.HANDLER
    is_signed_by_actor: bool = True
    """Whether whoever looks also signs; another signs what is decided later."""


@transaction.atomic
def show_draft(*, request: DataRequest, draft: Draft, actor: Actor) -> Text:
    """Give a letter as its reader would get it. LetterIncomplete where it lacks a part of the law."""
    facts = {"kind": draft.kind.value}
    record_look("rights.show_draft", actor=actor, subject=subject_of(request), purpose=PURPOSE, facts=facts)
    return write(
        draft.kind,
        request,
        paragraphs=draft.paragraphs,
        decision=draft.decision,
        extra=draft.extra,
        more_parts=draft.parts,
        signer=signature_of(str(actor) if draft.is_signed_by_actor else "", draft.signer, request.language),
    )


def draft_as_pdf(request: DataRequest, text: Text) -> bytes:
    """Typeset a draft as its PDF will be."""
    return as_pdf(text, to=postal_of(request))


def question(request: DataRequest, given: Given) -> Draft:
    """Preview a question."""
    del request
    return Draft(Kind.QUESTION, [given["question"]])


def extension(request: DataRequest, given: Given) -> Draft:
    """Preview the notice of an extension."""
    del request
    return Draft(Kind.EXTENSION, [given["reasons"]], signer=Who.REGISTER_OWNER)


def lifting(request: DataRequest, given: Given) -> Draft:
    """Preview the notice before a restriction is lifted."""
    return Draft(Kind.LIFTING, given["paragraphs"], extra=lifting_values(request, given["lift_on"]))


def reply(request: DataRequest, given: Given) -> Draft:
    """Preview the reply that is being edited."""
    return _answer(request, Decision(outcome=Decision.Outcome.GRANT), {}, words=given["paragraphs"])


def grant(request: DataRequest, given: Given) -> Draft:
    """Preview the answer to a request that is granted."""
    del given
    return _answer(request, Decision(outcome=Decision.Outcome.GRANT), {})


def proposal(request: DataRequest, given: Given) -> Draft:
    """Preview the certificate of a refusal, or the letter of a fee, that is being proposed."""
    rulings = written(given["rulings"]) if given["fee"] is None else {}
    decision = Decision(outcome=given["outcome"], ground=given["ground"], rulings=rulings, fee=given["fee"])
    told = {name: given[name] for name in TOLD}
    return _answer(request, decision, {**told, UNTOLD: UNTOLD} if given["keep_reasons"] else told)


def decision_as_proposed(request: DataRequest, given: Given) -> Draft:
    """Preview the letter of what is about to be decided."""
    del given
    decision = current_decision(request)
    assert decision is not None
    return _answer(request, decision, told_of(decision), is_signed_by_actor=True)


def unidentified(request: DataRequest, given: Given) -> Draft:
    """Preview the certificate for somebody who could not be identified."""
    decision = Decision(outcome=Decision.Outcome.REFUSE, ground=NOT_IDENTIFIED)
    words = default_paragraphs(Kind.CERTIFICATE, request)
    return Draft(Kind.CERTIFICATE, words, decision=(decision, dict(given)), signer=Who.REGISTER_OWNER)


def _answer(
    request: DataRequest,
    decision: Decision,
    told: Mapping[str, str],
    *,
    words: Sequence[str] | None = None,
    is_signed_by_actor: bool = False,
) -> Draft:
    """Put together what answers after a decision, as finishing does once it was carried out."""
    kind, is_grant = kind_of_answer(request, decision, has_told=False), decision.outcome == Decision.Outcome.GRANT
    granted = granted_rights(request, decision)
    is_copied = bool(COPIES & set(granted)) and decision.outcome != Decision.Outcome.REFUSE
    parts = enclosed_with(request, decision, is_made=is_copied)
    if is_copied and not request.by_post and decision.fee is None:
        parts.append("link")
    if is_restricted_meanwhile(request):
        parts.append("meanwhile")
    last_day = day_in(timezone.localdate() + SECURE_LINK, request.language)
    return Draft(
        kind,
        words if words is not None else words_with_holds(request, kind) or _drafted(request, kind, granted),
        decision=None if is_grant else (decision, told),
        extra={"link": TO_COME, "link_expires": last_day},
        parts=parts,
        signer=signer_of(decision),
        is_signed_by_actor=is_grant or is_signed_by_actor,
    )


def _drafted(request: DataRequest, kind: Kind, granted: Collection[Right]) -> list[str]:
    draft = request.letters.filter(kind=kind, state=Letter.State.DRAFT).first()
    return paragraphs_of(draft) if draft is not None else default_paragraphs(kind, request, granted)
