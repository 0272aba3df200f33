"""The states of a data subject's request, who may move it, and what it must have before it moves. One table.

No transition touches a clock: when a request arrived never changes, and OVERDUE is computed, never stored.

>>> may_move(State.DRAFTED, State.DECIDED_GRANT, {Who.HANDLER})
True
>>> may_move(State.DPO_REVIEW, State.DECIDED_REFUSE, {Who.DATA_PROTECTION_OFFICER})
False
>>> may_move(State.DPO_REVIEW, State.DECIDED_REFUSE, {Who.REGISTER_OWNER, Who.DATA_PROTECTION_OFFICER})
False
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    AWAITING_ID = "awaiting_id"
    AWAITING_CLARIFICATION = "awaiting_clarification"
    COLLECTING = "collecting"
    NO_DATA = "no_data"
    DRAFTED = "drafted"
    DPO_REVIEW = "dpo_review"
    DECIDED_GRANT = "decided_grant"
    DECIDED_PARTIAL = "decided_partial"
    DECIDED_REFUSE = "decided_refuse"
    EXECUTING = "executing"
    NOTIFYING = "notifying"
    REPLIED = "replied"
    CLOSED = "closed"
    CLOSED_UNIDENTIFIED = "closed_unidentified"
    COMPLAINT = "complaint"
    REOPENED = "reopened"
    WITHDRAWN_BY_SUBJECT = "withdrawn_by_subject"


class Who(StrEnum):
    """Who moves a request: the desk's roles, the program itself, and the data subject."""

    CLERK = "clerk"
    HANDLER = "handler"
    REGISTER_OWNER = "register_owner"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    CUSTODIAN = "custodian"
    SYSTEM = "system"
    SUBJECT = "subject"


class Right(StrEnum):
    """What is asked for, with its article of the GDPR in the desk's words."""

    ACCESS = "access"
    PROHIBITION = "prohibition"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    ERASURE = "erasure"
    ANONYMISATION = "anonymisation"
    FORGETTING = "forgetting"
    COMPLAINT = "complaint"


_S, _W = State, Who
_DESK: Final = frozenset({_W.HANDLER, _W.REGISTER_OWNER})
_DOOR: Final = frozenset({_W.CLERK, *_DESK})
_ITSELF: Final = frozenset({_W.SYSTEM})
_OWNER: Final = frozenset({_W.REGISTER_OWNER})
_TAKES_BACK: Final = frozenset({_W.SUBJECT, *_DOOR})

TRANSITIONS: Final[dict[tuple[State, State], frozenset[Who]]] = {
    (_S.RECEIVED, _S.TRIAGED): _DOOR,
    # An objection to marketing is carried out without anybody's judgement (GDPR 21(3)).
    (_S.RECEIVED, _S.EXECUTING): _ITSELF,
    (_S.TRIAGED, _S.AWAITING_ID): _DESK,
    (_S.TRIAGED, _S.AWAITING_CLARIFICATION): _DESK,
    (_S.TRIAGED, _S.COLLECTING): _DESK | _ITSELF,
    (_S.AWAITING_ID, _S.COLLECTING): _DESK | _ITSELF,
    # The owner decides so; the case ends by itself once the certificate has left.
    (_S.AWAITING_ID, _S.CLOSED_UNIDENTIFIED): _OWNER | _ITSELF,
    (_S.AWAITING_CLARIFICATION, _S.COLLECTING): _DESK,
    (_S.COLLECTING, _S.DRAFTED): _ITSELF,
    (_S.COLLECTING, _S.NO_DATA): _ITSELF,
    (_S.NO_DATA, _S.DRAFTED): _DESK,
    (_S.DRAFTED, _S.DECIDED_GRANT): _DESK,
    (_S.DRAFTED, _S.DPO_REVIEW): _DESK,
    (_S.DPO_REVIEW, _S.DRAFTED): _OWNER,
    # Its fee stays unpaid: it is thought over again.
    (_S.DECIDED_PARTIAL, _S.DRAFTED): _OWNER,
    (_S.DPO_REVIEW, _S.DECIDED_PARTIAL): _OWNER,
    (_S.DPO_REVIEW, _S.DECIDED_REFUSE): _OWNER,
    (_S.DECIDED_GRANT, _S.EXECUTING): _ITSELF,
    (_S.DECIDED_PARTIAL, _S.EXECUTING): _ITSELF,
    (_S.DECIDED_REFUSE, _S.EXECUTING): _ITSELF,
    (_S.EXECUTING, _S.NOTIFYING): _ITSELF,
    (_S.NOTIFYING, _S.REPLIED): _ITSELF,
    (_S.REPLIED, _S.CLOSED): _ITSELF,
    # The reply did not arrive: it is sent again, or by post.
    (_S.REPLIED, _S.NOTIFYING): _ITSELF,
    # A mail server reports days later that the reply can't be delivered after all.
    (_S.CLOSED, _S.NOTIFYING): _ITSELF,
    (_S.COMPLAINT, _S.NOTIFYING): _ITSELF,
    # A restriction was lifted whose mark a custodian has still to take off the paper; the answer stays as it was.
    (_S.CLOSED, _S.REPLIED): _ITSELF,
    # Its certificate came back: it is posted, and the sender may still say who they are.
    (_S.CLOSED_UNIDENTIFIED, _S.AWAITING_ID): _ITSELF,
    (_S.CLOSED, _S.REOPENED): _DESK,
    (_S.CLOSED_UNIDENTIFIED, _S.REOPENED): _DESK,
    # By itself where the authority has asked about a case before it was answered.
    (_S.CLOSED, _S.COMPLAINT): _OWNER | {_W.DATA_PROTECTION_OFFICER, _W.SYSTEM},
    (_S.CLOSED_UNIDENTIFIED, _S.COMPLAINT): _OWNER | {_W.DATA_PROTECTION_OFFICER, _W.SYSTEM},
    (_S.COMPLAINT, _S.CLOSED): _OWNER,
    (_S.REOPENED, _S.TRIAGED): _DOOR,
    (_S.WITHDRAWN_BY_SUBJECT, _S.CLOSED): _ITSELF,
    **{(each, _S.WITHDRAWN_BY_SUBJECT): _TAKES_BACK for each in (
        _S.RECEIVED, _S.TRIAGED, _S.AWAITING_ID, _S.AWAITING_CLARIFICATION, _S.COLLECTING, _S.NO_DATA, _S.DRAFTED,
        _S.DPO_REVIEW, _S.DECIDED_PARTIAL, _S.REOPENED,
    )},
}  # fmt: skip
"""Each step that exists, and who may take it. What is not here can't be done by anybody."""

SHUT: Final = frozenset({State.CLOSED, State.CLOSED_UNIDENTIFIED})
"""States in which nobody waits for an answer any more."""
PAUSING: Final = frozenset({State.AWAITING_ID, State.AWAITING_CLARIFICATION})
"""States in which the second clock stands still while the data subject is asked; the first one runs on."""
DECIDED: Final = frozenset({State.DECIDED_GRANT, State.DECIDED_PARTIAL, State.DECIDED_REFUSE})
UNFINISHED: Final = frozenset(State) - SHUT - {State.COMPLAINT}


def may_move(before: State, after: State, roles: Collection[Who]) -> bool:
    """Tell whether somebody with these roles may take a step.

    Whoever is data protection officer decides nothing, whatever other roles they have (GDPR 38(6)).
    """
    held = set(roles)
    if Who.DATA_PROTECTION_OFFICER in held and (after in DECIDED or after is State.CLOSED_UNIDENTIFIED):
        return False
    return bool(TRANSITIONS.get((before, after), frozenset()) & held)


def steps_from(before: State) -> tuple[State, ...]:
    """Give the states that can follow one, in the order of the table."""
    return tuple(after for start, after in TRANSITIONS if start is before)
