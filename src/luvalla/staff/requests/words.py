"""Words of the requests desk for values of the rights room."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from luvalla.organisation.authorities import authority
from luvalla.register import errors as register_errors
from luvalla.rights import errors
from luvalla.rights.actions.tasks import COPY
from luvalla.rights.copies.portability import NotPortable
from luvalla.rights.models import DataRequest, Decision, Hold, Letter, Task, Transmission
from luvalla.rules.case_states import Right, State
from luvalla.staff.formats import language

RIGHTS: Final[dict[str, str | Promise]] = {
    Right.ACCESS: pgettext_lazy("right", "Access"),
    Right.PROHIBITION: pgettext_lazy("right", "Prohibition"),
    Right.PORTABILITY: pgettext_lazy("right", "Portability"),
    Right.RECTIFICATION: pgettext_lazy("right", "Rectification"),
    Right.RESTRICTION: pgettext_lazy("right", "Restriction"),
    Right.OBJECTION: pgettext_lazy("right", "Objection"),
    Right.ERASURE: pgettext_lazy("right", "Erasure"),
    Right.ANONYMISATION: pgettext_lazy("right", "Anonymisation"),
    Right.FORGETTING: pgettext_lazy("right", "Forgetting"),
    Right.COMPLAINT: pgettext_lazy("right", "Complaint"),
}
STATES: Final[dict[str, str | Promise]] = {
    State.RECEIVED: pgettext_lazy("case", "Received"),
    State.TRIAGED: pgettext_lazy("case", "Sorted"),
    State.AWAITING_ID: pgettext_lazy("case", "Identity asked"),
    State.AWAITING_CLARIFICATION: pgettext_lazy("case", "Clarification asked"),
    State.COLLECTING: pgettext_lazy("case", "Searching"),
    State.NO_DATA: pgettext_lazy("case", "No data found"),
    State.DRAFTED: pgettext_lazy("case", "Draft"),
    State.DPO_REVIEW: pgettext_lazy("case", "For an opinion"),
    State.DECIDED_GRANT: pgettext_lazy("case", "Granted"),
    State.DECIDED_PARTIAL: pgettext_lazy("case", "Granted in part"),
    State.DECIDED_REFUSE: pgettext_lazy("case", "Refused"),
    State.EXECUTING: pgettext_lazy("case", "Being carried out"),
    State.NOTIFYING: pgettext_lazy("case", "Telling others"),
    State.REPLIED: pgettext_lazy("case", "Answered"),
    State.CLOSED: pgettext_lazy("case", "Closed"),
    State.CLOSED_UNIDENTIFIED: pgettext_lazy("case", "Closed, not identified"),
    State.COMPLAINT: pgettext_lazy("case", "Complaint"),
    State.REOPENED: pgettext_lazy("case", "Opened again"),
    State.WITHDRAWN_BY_SUBJECT: pgettext_lazy("case", "Taken back"),
}
STAGES: Final = (
    (pgettext_lazy("stage", "Received"), {State.RECEIVED, State.REOPENED}),
    (pgettext_lazy("stage", "Sorted"), {State.TRIAGED}),
    (pgettext_lazy("stage", "Identity"), {State.AWAITING_ID, State.AWAITING_CLARIFICATION}),
    (pgettext_lazy("stage", "Search"), {State.COLLECTING, State.NO_DATA}),
    (pgettext_lazy("stage", "Draft"), {State.DRAFTED, State.DPO_REVIEW}),
    (pgettext_lazy("stage", "Decision"), {State.DECIDED_GRANT, State.DECIDED_PARTIAL, State.DECIDED_REFUSE}),
    (pgettext_lazy("stage", "Carried out"), {State.EXECUTING, State.NOTIFYING}),
    (
        pgettext_lazy("stage", "Answered"),
        {
            State.REPLIED, State.CLOSED, State.CLOSED_UNIDENTIFIED, State.COMPLAINT, State.WITHDRAWN_BY_SUBJECT,
        },
    ),
)  # fmt: skip
CHANNELS: Final[dict[str, str | Promise]] = {
    DataRequest.Channel.FORM: pgettext_lazy("request channel", "web form"),
    DataRequest.Channel.STOP_LINK: pgettext_lazy("request channel", "stop link"),
    DataRequest.Channel.MAIL: pgettext_lazy("request channel", "e-mail"),
    DataRequest.Channel.LETTER: pgettext_lazy("request channel", "letter"),
    DataRequest.Channel.PHONE: pgettext_lazy("request channel", "call"),
    DataRequest.Channel.VISIT: pgettext_lazy("request channel", "visit"),
}
TASKS: Final[dict[str, str | Promise]] = {
    Task.Kind.PAPER: pgettext_lazy("task", "Go through the paper"),
    Task.Kind.IDENTITY: pgettext_lazy("task", "Make sure who asks"),
    Task.Kind.REDACTION: pgettext_lazy("task", "Black out what is about others"),
    Task.Kind.OPINION: pgettext_lazy("task", "Give an opinion"),
    Task.Kind.NOTICE: pgettext_lazy("task", "See that the recipient is told and changes it too"),
    Task.Kind.POST: pgettext_lazy("task", "Print the letter, and post it or hand it over"),
    Task.Kind.HOLD: pgettext_lazy("task", "Complete it in the other system"),
    Task.Kind.TRANSMISSION: pgettext_lazy("task", "Transmit the copy to the other controller"),
    Task.Kind.FEE: pgettext_lazy("task", "Note the payment of the fee"),
    Task.Kind.DESTRUCTION: pgettext_lazy("task", "Destroy paper before a witness"),
    Task.Kind.CORRECTION: pgettext_lazy("task", "Correct what stands on paper"),
    Task.Kind.MARKING: pgettext_lazy("task", "Mark paper as restricted"),
    Task.Kind.UNMARKING: pgettext_lazy("task", "Take the mark of the restriction off the paper"),
}
POSTED: Final[dict[str, str | Promise]] = {
    COPY: pgettext_lazy("task", "Print the copy, and post it or hand it over"),
}
"""What is posted besides letters."""
RESULTS: Final[dict[str, str | Promise]] = {
    "done": pgettext_lazy("task result", "Done"),
    "found": pgettext_lazy("task result", "Something was found"),
    "nothing": pgettext_lazy("task result", "Nothing was found"),
    "impossible": pgettext_lazy("task result", "It can't be done, and I say why"),
    "not_needed": pgettext_lazy("task result", "Not needed any more"),
}
LETTERS: Final[dict[str, str | Promise]] = {
    "acknowledgement": pgettext_lazy("letter", "Acknowledgement"),
    "question": pgettext_lazy("letter", "Question"),
    "extension": pgettext_lazy("letter", "Extension"),
    "reply": pgettext_lazy("letter", "Reply"),
    "no_data": pgettext_lazy("letter", "Reply: no data"),
    "certificate": pgettext_lazy("letter", "Certificate of refusal"),
    "partial": pgettext_lazy("letter", "Certificate of partial refusal"),
    "lifting": pgettext_lazy("letter", "Notice before lifting"),
    "disclosee": pgettext_lazy("letter", "Notice to a recipient"),
    "link": pgettext_lazy("letter", "New link"),
}
LETTER_STATES: Final[dict[str, str | Promise]] = {
    Letter.State.DRAFT: pgettext_lazy("letter", "Draft"),
    Letter.State.ISSUED: pgettext_lazy("letter", "On its way"),
    Letter.State.SENT: pgettext_lazy("letter", "Sent"),
    Letter.State.FAILED: pgettext_lazy("letter", "Did not arrive"),
}
NOTICE_STATES: Final[dict[str, str | Promise]] = {
    Letter.State.ISSUED: pgettext_lazy("letter", "Written; send the PDF and finish its task"),
    Letter.State.SENT: pgettext_lazy("letter", "Sent"),
    Letter.State.FAILED: pgettext_lazy("letter", "Impossible; the task says why"),
}
"""How a notice to a recipient stands: people send it."""
TRANSMISSIONS: Final[dict[str, str | Promise]] = {
    Transmission.State.WAITING: pgettext_lazy("transmission", "On its way"),
    Transmission.State.SENT: pgettext_lazy("transmission", "The other controller has it"),
    Transmission.State.FAILED: pgettext_lazy("transmission", "Not taken; try again, or finish the task and say why"),
}
OUTCOMES: Final[dict[str, str | Promise]] = {
    Decision.Outcome.PARTIAL: pgettext_lazy("outcome of a request", "Grant in part"),
    Decision.Outcome.REFUSE: pgettext_lazy("outcome of a request", "Refuse"),
}
RULINGS: Final[dict[str, str | Promise]] = {
    Decision.Outcome.GRANT: pgettext_lazy("ruling on a right", "Grant"),
    Decision.Outcome.PARTIAL: pgettext_lazy("ruling on a right", "Grant in part"),
    Decision.Outcome.REFUSE: pgettext_lazy("ruling on a right", "Refuse"),
}
WITH_FEE: Final = pgettext_lazy("outcome of a request", "Carry out for a fee")
GROUNDS: Final[dict[str, str | Promise]] = {
    "excessive": pgettext_lazy("ground", "Manifestly unfounded or excessive (12(5)); intent must be shown"),
    "not_identified": pgettext_lazy("ground", "The requester can't be identified (11(2), 12(2))"),
    "not_ours": pgettext_lazy("ground", "We don't have the data (15(1))"),
    "others_rights": pgettext_lazy("ground", "Rights of others (15(4))"),
    "national_security": pgettext_lazy("ground", "National security, public order, crime (Act 1050/2018, 34(1)(1))"),
    "serious_danger": pgettext_lazy("ground", "Serious danger to health, care or rights (Act 1050/2018, 34(1)(2))"),
    "supervision": pgettext_lazy("ground", "Supervision and important public finance (Act 1050/2018, 34(1)(3))"),
    "ported_others": pgettext_lazy("ground", "Rights of others in a transmission (20(4))"),
    "accurate": pgettext_lazy("ground", "The data was checked and is right (16)"),
    "still_needed": pgettext_lazy("ground", "Still needed, and no ground for erasure (17(1))"),
    "expression": pgettext_lazy("ground", "Freedom of expression and information (17(3)(a))"),
    "legal_obligation": pgettext_lazy("ground", "Legal obligation (17(3)(b))"),
    "archiving": pgettext_lazy("ground", "Archiving, research or statistics (17(3)(d))"),
    "legal_claims": pgettext_lazy("ground", "Legal claims (17(3)(e))"),
    "contract_contact": pgettext_lazy("ground", "Contact person of a contract in another system"),
    "no_restriction": pgettext_lazy("ground", "No situation in which processing is restricted (18(1))"),
    "compelling": pgettext_lazy("ground", "Compelling legitimate grounds (21(1)); never for direct marketing"),
}
HOLD_GROUNDS: Final[dict[str, str | Promise]] = {
    Hold.Ground.CONTRACT_CONTACT: pgettext_lazy("ground", "Contact person of a contract in another system"),
    Hold.Ground.LEGAL_OBLIGATION: pgettext_lazy("ground", "Legal obligation (17(3)(b))"),
    Hold.Ground.LEGAL_CLAIMS: pgettext_lazy("ground", "Legal claims (17(3)(e))"),
}
ENDS: Final[dict[str, str | Promise]] = {
    Hold.Ends.END_OF_ROLE: pgettext_lazy("hold", "When the role ends"),
    Hold.Ends.END_OF_CONTRACT: pgettext_lazy("hold", "When the contract ends"),
    Hold.Ends.END_OF_LIMITATION: pgettext_lazy("hold", "When the claim expires"),
}
EVENTS: Final[dict[str, str | Promise]] = {
    "received": pgettext_lazy("event", "The request arrived."),
    "asked_again": pgettext_lazy("event", "The same was asked again."),
    "blocked": pgettext_lazy("event", "Marketing was stopped at once."),
    "acknowledgement_held": pgettext_lazy("event", "The acknowledgement waits for somebody to look."),
    "acknowledgement_let_go": pgettext_lazy("event", "The acknowledgement was let go."),
    "acknowledgement_dropped": pgettext_lazy("event", "No acknowledgement is sent."),
    "rights_chosen": pgettext_lazy("event", "It was written down what is asked for."),
    "identity": pgettext_lazy("event", "It is known better who asks."),
    "link_prove": pgettext_lazy("event", "The link was opened from the registered mailbox."),
    "link_deliver": pgettext_lazy("event", "The copy was fetched."),
    "letter": pgettext_lazy("event", "A letter was issued."),
    "letter_sent": pgettext_lazy("event", "A letter has left."),
    "letter_failed": pgettext_lazy("event", "A letter could not be delivered."),
    "file": pgettext_lazy("event", "A file was added."),
    "postal_noted": pgettext_lazy("event", "It was noted where a letter reaches the person."),
    "authority_noted": pgettext_lazy("event", "It was noted to which authority the person would turn."),
    "correction_noted": pgettext_lazy("event", "It was noted what is corrected."),
    "files_left_out": pgettext_lazy("event", "Files that came with it could not be kept."),
    "taken_over": pgettext_lazy("event", "Somebody took the case on."),
    "withheld": pgettext_lazy("event", "Something is left out of the copy."),
    "blacked_out": pgettext_lazy("event", "Words about others are blacked out."),
    "carried_out": pgettext_lazy("event", "It was carried out in every store."),
    "extension_proposed": pgettext_lazy("event", "An extension was proposed."),
    "extended": pgettext_lazy("event", "The time was extended."),
    "hold": pgettext_lazy("event", "Another system keeps the data for now."),
    "company_stopped": pgettext_lazy("event", "Letters to the whole company were stopped."),
    "lifting_announced": pgettext_lazy("event", "The person was told that the restriction will be lifted."),
    "lifting_reminded": pgettext_lazy("event", "The day of the lifting was recalled by mail."),
    "restricted_meanwhile": pgettext_lazy("event", "The processing is restricted while the data is checked."),
    "meanwhile_told": pgettext_lazy("event", "Whoever was given the data is told of the restriction."),
    "restriction_noted": pgettext_lazy("event", "It was noted what is restricted."),
    "restriction_lifted": pgettext_lazy("event", "The restriction was lifted."),
    "paper_noted": pgettext_lazy("event", "Paper about the person was noted."),
    "recipients_noted": pgettext_lazy("event", "It was noted to whom the data was disclosed."),
    "others_told": pgettext_lazy("event", "Everybody who was given the data has a notice."),
    "reminded": pgettext_lazy("event", "The due date was recalled."),
    "complaint_noted": pgettext_lazy("event", "An authority asks about the case, which goes on to its answer."),
    "complaint_deadline": pgettext_lazy("event", "The authority named another day."),
    "complaint_answered": pgettext_lazy("event", "The authority was answered."),
    "complaint_ended": pgettext_lazy("event", "The authority has decided."),
    "complaint_reminded": pgettext_lazy("event", "The authority's deadline was recalled by mail."),
    "fee_paid": pgettext_lazy("event", "The fee was paid."),
    "fee_let_off": pgettext_lazy("event", "The fee was let off."),
    "transmission_confirmed": pgettext_lazy("event", "It was confirmed that the copy goes to another controller."),
    "transmitted": pgettext_lazy("event", "The other controller has the copy."),
    "transmission_failed": pgettext_lazy("event", "The other controller did not take the copy."),
}
FAULTS: Final[dict[type[Exception], str | Promise]] = {
    errors.StepRefused: pgettext_lazy("request fault", "This step is not possible now, or not for your role."),
    errors.LittleKept: pgettext_lazy(
        "request fault",
        "So little is kept about this person that all of it is given. A question is for a great deal of data (recital "
        "63 of the Regulation). Nothing was sent.",
    ),
    errors.TasksOpen: pgettext_lazy("request fault", "A task is still open. Finish it first; nothing was changed."),
    errors.IdentityMissing: pgettext_lazy(
        "request fault", "It isn't known well enough who asks. Note how you made sure, or ask one question."
    ),
    errors.ReasonsMissing: pgettext_lazy("request fault", "Write the reasons. They stay in the case and the letter."),
    errors.TooLateToExtend: pgettext_lazy(
        "request fault", "The first month is over, so the time can't be extended any more. Nothing was sent."
    ),
    errors.OpinionMissing: pgettext_lazy("request fault", "The data protection officer has not been heard yet."),
    errors.SamePerson: pgettext_lazy(
        "request fault", "Somebody else decides: you sorted or proposed this, or gave the opinion on it."
    ),
    errors.PartlyWithheld: pgettext_lazy(
        "request fault",
        "Something is left out of the copy, so propose to grant in part: the register owner decides that.",
    ),
    errors.NothingToCorrect: pgettext_lazy(
        "request fault", "Note first what is corrected: the right address, or something else. Nothing was changed."
    ),
    errors.GroundUnfit: pgettext_lazy(
        "request fault",
        "Each right that is refused, wholly or in part, has a ground that limits it, and something is refused. Reasons "
        "are kept back only where section 34 allows it for all of them. Nothing was changed.",
    ),
    errors.NeverRefused: pgettext_lazy(
        "request fault",
        "An objection to direct marketing and a prohibition are never refused. Grant them, and refuse what is asked "
        "for besides.",
    ),
    errors.FeeUnfounded: pgettext_lazy(
        "request fault",
        "A fee is asked only of a manifestly unfounded or excessive request that is carried out for it.",
    ),
    errors.CarriedOutAlready: pgettext_lazy(
        "request fault",
        "A right that you refuse was carried out as soon as it was known who asks. Grant it, or grant it in part and "
        "say what is refused.",
    ),
    errors.NothingToTell: pgettext_lazy(
        "request fault", "Nothing waits for this recipient, or no letter was made yet. Make the PDF first."
    ),
    register_errors.NotAnAuthority: pgettext_lazy(
        "request fault", "Only an authority gets data for an inquiry of its own. Nothing was noted."
    ),
    errors.NoFeeOpen: pgettext_lazy("request fault", "No fee is waited for. Nothing was changed."),
    errors.LiftingTooEarly: pgettext_lazy(
        "request fault", "The letter named a later day. The restriction stays until then; nothing was changed."
    ),
    errors.NoLinkDue: pgettext_lazy(
        "request fault", "No link is waited for: the mailbox has answered, or the copy is no longer kept."
    ),
    errors.LetterIncomplete: pgettext_lazy(
        "request fault", "The letter lacks a part that the law asks for, so it can't be issued."
    ),
    errors.RightsMissing: pgettext_lazy("request fault", "Choose at least one right."),
    errors.PaperNotDestroyed: pgettext_lazy(
        "request fault",
        "The paper is not destroyed yet, and nothing was changed. Destroy it among the paper before a witness: "
        "that finishes the task.",
    ),
    errors.PaperNotChanged: pgettext_lazy(
        "request fault",
        "Nothing was changed. A custodian corrects or marks the paper and notes it among the paper: that finishes the "
        "task.",
    ),
    errors.WayMissing: pgettext_lazy(
        "request fault",
        "Nothing was changed. Write how the other controller was given the copy, or say why that can't be done.",
    ),
    errors.TaskUnknown: pgettext_lazy("request fault", "The task is done already, or is another role's."),
    errors.FileInfected: pgettext_lazy(
        "request fault",
        "The virus scanner found something in this file. It stays sealed and shut; the request itself is whole.",
    ),
    errors.FileUnscanned: pgettext_lazy(
        "request fault",
        "This file came while the virus scanner gave no answer, and still does. It stays sealed; try again later.",
    ),
    errors.FileRefused: pgettext_lazy(
        "request fault", "A file was not kept: send a PDF, a picture or a document of at most 10 MB, no program."
    ),
    NotPortable: pgettext_lazy(
        "request fault", "This is no file of that kind, or it was changed on its way. Nothing was taken in."
    ),
    errors.NothingToTransmit: pgettext_lazy(
        "request fault", "No copy waits to be transmitted, or it is on its way already. Nothing was sent."
    ),
    errors.CopyDecided: pgettext_lazy(
        "request fault", "Somebody has decided on this copy already, or its time was over. Nothing was changed."
    ),
    errors.NobodyCanJoin: pgettext_lazy(
        "request fault",
        "No source for people who come by themselves is declared, so nobody can be taken in. The copy still waits.",
    ),
    register_errors.LiftingNotAnnounced: pgettext_lazy(
        "request fault", "Tell the person first; only then can the restriction be lifted."
    ),
    register_errors.NotRestricted: pgettext_lazy("request fault", "There is no restriction to lift."),
}


def sentence_of(fault: Exception) -> str:
    """Say why a step was not taken."""
    return str(next((said for kind, said in FAULTS.items() if isinstance(fault, kind)), type(fault).__doc__))


def task_word(kind: str, about: str = "") -> str | Promise:
    """Say what a task is; of one of posting, what is to be posted."""
    if kind == Task.Kind.POST and about in POSTED:
        return POSTED[about]
    if kind == Task.Kind.POST and about in LETTERS:
        return pgettext("task", "Print, and post or hand over: %(letter)s") % {"letter": LETTERS[about]}
    return TASKS[kind]


def rights_of(request: DataRequest) -> str:
    """Name what is asked for."""
    return ", ".join(str(RIGHTS[each]) for each in request.chosen) or str(pgettext_lazy("right", "Not sorted yet"))


def authority_name(country: str) -> str:
    """Name the authority of a state in the reader's language; empty for none."""
    return authority(country).names[language()] if country else ""
