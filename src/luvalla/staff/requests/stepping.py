"""The steps of the desk: which there are for a request and a person now, and what each one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from luvalla.ledger.actors import Actor
from luvalla.rights import finishing, previews
from luvalla.rights.actions import (
    complaints,
    decisions,
    details,
    fees,
    letters,
    new_links,
    restrictions,
    steps,
    transmitting,
)
from luvalla.rights.cases import said
from luvalla.rights.clocks import may_be_extended
from luvalla.rights.doers import roles_of_actor
from luvalla.rights.letters.writing import Kind, default_paragraphs
from luvalla.rights.models import Complaint, DataRequest, Task
from luvalla.rights.queries import (
    authority_waits,
    awaits_fee,
    current_decision,
    events_now,
    is_ending_unidentified,
    may_be_transmitted,
    open_complaints,
)
from luvalla.rights.restricted import is_standing
from luvalla.rules.case_states import Right, State, Who, may_move
from luvalla.staff.requests import complaint_forms as c
from luvalla.staff.requests import deciding_forms as d
from luvalla.staff.requests import forms as f
from luvalla.staff.requests.authority_pack import make_pack
from luvalla.staff.requests.copy_forms import TransmitForm

Given = Mapping[str, Any]
DESK: Final = frozenset({Who.HANDLER, Who.REGISTER_OWNER})
AUTHORITY_DESK: Final = frozenset(complaints.DESK)
UNDECIDED: Final = frozenset({
    State.RECEIVED, State.TRIAGED, State.AWAITING_ID, State.AWAITING_CLARIFICATION, State.COLLECTING, State.NO_DATA,
    State.DRAFTED, State.DPO_REVIEW, State.REOPENED,
})  # fmt: skip
S: Final = State


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its words, its form, when it is there, and what it does."""

    name: str
    title: str | Promise
    act: Callable[[DataRequest, Given, Actor], object]
    form: type[forms.Form] = f.SureForm
    lead: str | Promise = ""
    to: tuple[State, ...] = ()
    """States it leads to: it is there when the table lets this person go to one of them."""
    within: frozenset[State] = UNDECIDED
    """States in which it is there, where it leads to none."""
    roles: frozenset[Who] = DESK
    when: Callable[[DataRequest], bool] = field(default=lambda _: True)
    is_main: bool = False
    """Whether it is the way on."""
    letter: Callable[[DataRequest, Given], previews.Draft] | None = None
    """The letter that leaves with it, to be looked at before."""

    def is_there(self, request: DataRequest, roles: frozenset[Who]) -> bool:
        """Tell whether these roles can take it now."""
        state = State(request.state)
        possible = any(may_move(state, each, roles) for each in self.to) if self.to else self._in_place(state, roles)
        return possible and self.when(request)

    def _in_place(self, state: State, roles: frozenset[Who]) -> bool:
        return state in self.within and bool(self.roles & roles)


def _opinion_open(request: DataRequest) -> bool:
    return request.tasks.filter(kind=Task.Kind.OPINION, done_at=None).exists()


def _heard(request: DataRequest) -> bool:
    decision = current_decision(request)
    return decision is not None and decision.opinion_at is not None and decision.decided_at is None


def _extension_heard(request: DataRequest) -> bool:
    rows = request.tasks.filter(kind=Task.Kind.OPINION, about=decisions.EXTENSION)
    return may_be_extended(request) and rows.exclude(done_at=None).exists()


def _draft_kind(request: DataRequest) -> Kind:
    return Kind.NO_DATA if events_now(request).filter(after=State.NO_DATA).exists() else Kind.REPLY


def newest_complaint(request: DataRequest) -> Complaint:
    """Give the complaint that the authority has not decided yet."""
    return open_complaints(request).latest("pk")


def _has_restriction(request: DataRequest) -> bool:
    return is_standing(request)


def _may_be_lifted(request: DataRequest) -> bool:
    day = restrictions.lifted_from(request)
    return _has_restriction(request) and (day is None or day <= timezone.localdate())


def _sort(request: DataRequest, given: Given, actor: Actor) -> None:
    """Write down what is asked for, and to which authority a complainer would turn."""
    if given["authority"] and given["authority"] != said(request).authority:
        request = details.note_authority(request=request, country=given["authority"], actor=actor)
    steps.triage(request=request, rights=given["rights"], prohibited=given["kinds"], actor=actor)


STEPS: Final = (
    Step("triage", pgettext_lazy("step", "Sort"), _sort, f.RightsForm, to=(S.TRIAGED,), is_main=True),
    Step("collect", pgettext_lazy("step", "Search the stores"), lambda r, _, a: steps.collect(request=r, actor=a),
         lead=pgettext_lazy("step", "Every store is searched, and the custodian is asked about paper."),
         to=(S.COLLECTING,), is_main=True),
    Step("identity-question", pgettext_lazy("step", "Ask who it is"), lambda r, g, a: steps.ask_about_identity(
        request=r, doubt=g["doubt"], question=g["question"], actor=a), f.QuestionForm, to=(S.AWAITING_ID,),
         letter=previews.question),
    Step("clarification", pgettext_lazy("step", "Ask what is meant"), lambda r, g, a: steps.ask_for_clarification(
        request=r, question=g["question"], actor=a), f.ClarificationForm, to=(S.AWAITING_CLARIFICATION,),
         letter=previews.question),
    Step("identity", pgettext_lazy("step", "Note who asks"), lambda r, g, a: steps.note_identity(
        request=r, level=g["level"], how=g["how"], actor=a), f.IdentityForm),
    Step("no-data", pgettext_lazy("step", "Draft the reply"),
         lambda r, _, a: steps.answer_without_data(request=r, actor=a),
         lead=pgettext_lazy("step", "Nothing was found in the electronic stores. The reply says so."),
         to=(S.DRAFTED,), when=lambda r: r.state == S.NO_DATA, is_main=True),
    Step("letter", pgettext_lazy("step", "Edit the reply"), lambda r, g, a: letters.draft_letter(
        request=r, kind=_draft_kind(r), paragraphs=g["paragraphs"], actor=a), f.LetterForm,
         lead=pgettext_lazy(
             "step", "The parts that the law asks for are added when it is issued; they can't be removed."),
         within=frozenset({S.DRAFTED}), letter=previews.reply),
    Step("grant", pgettext_lazy("step", "Grant and answer"), lambda r, _, a: decisions.grant(request=r, actor=a),
         lead=pgettext_lazy("step", "It is carried out in every store, and the answer leaves at once."),
         to=(S.DECIDED_GRANT,), is_main=True, letter=previews.grant),
    Step("propose", pgettext_lazy("step", "Propose a refusal or a fee"), lambda r, g, a: decisions.propose(
        request=r, ground=g["ground"], rulings=g["rulings"], facts=g["facts"], reasons=g["reasons"],
        instead=g["instead"], fee=g["fee"], payment=g["payment"], tell_reasons=not g["keep_reasons"],
        actor=a), d.ProposalForm,
         lead=pgettext_lazy("step", "The data protection officer gives an opinion, then the register owner decides."),
         to=(S.DPO_REVIEW,), letter=previews.proposal),
    Step("opinion", pgettext_lazy("step", "Give the opinion"), lambda r, g, a: decisions.give_opinion(
        request=r, opinion=g["opinion"], actor=a), d.OpinionForm,
         roles=frozenset({Who.DATA_PROTECTION_OFFICER}), when=_opinion_open, is_main=True),
    Step("decide", pgettext_lazy("step", "Decide as proposed"), lambda r, _, a: decisions.decide(request=r, actor=a),
         lead=pgettext_lazy("step", "The certificate is issued with its reasons and the ways to complain."),
         to=(S.DECIDED_PARTIAL, S.DECIDED_REFUSE), when=_heard, is_main=True, letter=previews.decision_as_proposed),
    Step("fee-paid", pgettext_lazy("step", "Note the payment"), lambda r, g, a: fees.record_payment(
        request=r, paid_on=g["paid_on"], actor=a), d.PaymentForm,
         lead=pgettext_lazy("step", "The request is carried out and answered at once."),
         within=frozenset({S.DECIDED_PARTIAL}), roles=DESK | {Who.CLERK}, when=awaits_fee, is_main=True),
    Step("fee-let-off", pgettext_lazy("step", "Let the fee off"), lambda r, g, a: fees.let_fee_off(
        request=r, note=g["note"], actor=a), f.NoteForm,
         lead=pgettext_lazy("step", "The request is carried out without a fee."),
         within=frozenset({S.DECIDED_PARTIAL}), roles=frozenset({Who.REGISTER_OWNER}), when=awaits_fee),
    Step("send-back", pgettext_lazy("step", "Send back to the draft"), lambda r, g, a: decisions.send_back(
        request=r, note=g["note"], actor=a), f.NoteForm, to=(S.DRAFTED,),
         when=lambda r: r.state == S.DPO_REVIEW or awaits_fee(r)),
    Step("propose-extension", pgettext_lazy("step", "Propose an extension"),
         lambda r, g, a: decisions.propose_extension(
        request=r, reasons=g["reasons"], actor=a), d.ReasonsForm,
         when=lambda r: may_be_extended(r) and not _extension_heard(r)),
    Step("extend", pgettext_lazy("step", "Extend the time"), lambda r, g, a: decisions.extend(
        request=r, reasons=g["reasons"], actor=a), d.ReasonsForm,
         roles=frozenset({Who.REGISTER_OWNER}), when=_extension_heard, letter=previews.extension),
    Step("unidentified", pgettext_lazy("step", "Close: not identified"), lambda r, g, a: decisions.close_unidentified(
        request=r, facts=g["facts"], reasons=g["reasons"], actor=a), d.UnidentifiedForm, to=(S.CLOSED_UNIDENTIFIED,),
         when=lambda r: not is_ending_unidentified(r), letter=previews.unidentified),
    Step("new-link", pgettext_lazy("step", "Send a new link"), lambda r, _, a: new_links.send_new_link(
        request=r, actor=a),
         lead=pgettext_lazy(
             "step", "It goes to the registered mailbox and to nowhere else. Earlier links stop working."),
         within=frozenset(State), when=lambda r: new_links.link_due(r) is not None),
    Step("take", pgettext_lazy("step", "Take the case on"), lambda r, _, a: steps.take_over(request=r, actor=a)),
    Step("black-out", pgettext_lazy("step", "Black out words"), lambda r, g, a: restrictions.black_out(
        request=r, words=g["words"], actor=a), f.WordsForm, within=frozenset({S.DRAFTED, S.NO_DATA, S.DPO_REVIEW})),
    Step("correction", pgettext_lazy("step", "Note what is corrected"), lambda r, g, a: details.note_correction(
        request=r, to=g["email"], what=g["what"], actor=a), f.CorrectionForm,
         when=lambda r: Right.RECTIFICATION in r.chosen),
    Step("postal", pgettext_lazy("step", "Note the postal address"), lambda r, g, a: finishing.post_to(
        request=r, name=g["name"], postal=g["postal"], actor=a), f.PostalForm,
         lead=pgettext_lazy("step", "An answer that waits to be posted is written anew, with this address on it."),
         within=UNDECIDED | {S.REPLIED}),
    Step("hold", pgettext_lazy("step", "Note another system's hold"), lambda r, g, a: decisions.add_hold(
        request=r, system=g["system"], ground=g["ground"], ends=g["ends"], actor=a), d.HoldForm,
         lead=pgettext_lazy("step", "It holds nothing in this register: the row here goes in any case.")),
    Step("company", pgettext_lazy("step", "Stop the whole company"), lambda r, _, a: steps.prohibit_for_company(
        request=r, actor=a),
         lead=pgettext_lazy("step", "Its own prohibition (act 917/2014, section 202): every address of it."),
         roles=DESK | {Who.CLERK}, when=lambda r: bool(r.folded)),
    Step("transmit", pgettext_lazy("step", "Transmit the copy"), lambda r, g, a: transmitting.transmit(
        request=r, to=g["to"], actor=a), TransmitForm,
         lead=pgettext_lazy(
             "step", "Read what was said: it names where the person wants the copy. It leaves at once, over https, "
                     "and the other controller decides there whether it takes the person in."),
         within=frozenset({S.REPLIED}), when=may_be_transmitted, is_main=True),
    Step("announce-lifting", pgettext_lazy("step", "Tell that the restriction ends"), lambda r, g, a:
         restrictions.announce_lifting(
        request=r, lift_on=g["lift_on"], paragraphs=g["paragraphs"], actor=a), f.LiftingForm,
         lead=pgettext_lazy("step", "The letter of GDPR 18(3) leaves now. The restriction stays until that day."),
         within=frozenset(State), when=_has_restriction, letter=previews.lifting),
    Step("lift", pgettext_lazy("step", "Lift the restriction"), lambda r, _, a: restrictions.lift_restriction(
        request=r, actor=a), within=frozenset(State), when=_may_be_lifted),
    Step("take-back", pgettext_lazy("step", "The person takes it back"), lambda r, g, a: steps.take_back(
        request=r, note=g["note"], actor=a), f.NoteForm, to=(S.WITHDRAWN_BY_SUBJECT,)),
    Step("reopen", pgettext_lazy("step", "Open again"), lambda r, g, a: steps.reopen(
        request=r, note=g["note"], actor=a), f.NoteForm, to=(S.REOPENED,)),
    Step("complaint", pgettext_lazy("step", "Note a complaint"), lambda r, g, a: complaints.record_complaint(
        request=r, country=g["country"], reference=g["reference"], received_on=g["received_on"],
        answer_by=g["answer_by"], note=g["note"], actor=a), c.ComplaintForm,
         lead=pgettext_lazy(
             "step", "An authority asks about this request. A case that is still open goes on to its answer."),
         within=frozenset(State) - {S.WITHDRAWN_BY_SUBJECT}, roles=AUTHORITY_DESK,
         when=lambda r: not open_complaints(r).exists()),
    Step("authority-pack", pgettext_lazy("step", "Make the documents for the authority"),
         lambda r, _, a: make_pack(newest_complaint(r), a),
         lead=pgettext_lazy(
             "step", "The case, its letters, files and rows of the ledger in one ZIP file, which is sealed here."),
         within=frozenset(State), roles=AUTHORITY_DESK, when=lambda r: open_complaints(r).exists()),
    Step("answer-complaint", pgettext_lazy("step", "The authority was answered"),
         lambda r, g, a: complaints.answer_complaint(
        request=r, answered_on=g["answered_on"], note=g["note"], actor=a), c.AnsweredForm,
         lead=pgettext_lazy("step", "The case waits for the authority's decision, and keeps what it holds until then."),
         within=frozenset(State), roles=AUTHORITY_DESK, when=lambda r: authority_waits(r) is not None, is_main=True),
    Step("authority-deadline", pgettext_lazy("step", "The authority names another day"),
         lambda r, g, a: complaints.set_deadline(
        request=r, answer_by=g["answer_by"], note=g["note"], actor=a), c.DeadlineForm,
         lead=pgettext_lazy("step", "It has given more time, or asks for more. Its clock runs until the new day."),
         within=frozenset(State), roles=AUTHORITY_DESK, when=lambda r: open_complaints(r).exists()),
    Step("end-complaint", pgettext_lazy("step", "The authority has decided"), lambda r, g, a: complaints.end_complaint(
        request=r, note=g["note"], actor=a), c.DecidedForm,
         lead=pgettext_lazy("step", "An answered case closes. If something has to be changed, open it again then."),
         within=frozenset(State), roles=frozenset({Who.REGISTER_OWNER}),
         when=lambda r: open_complaints(r).exists()),
)  # fmt: skip
BY_NAME: Final = {each.name: each for each in STEPS}


def steps_for(request: DataRequest, actor: Actor) -> tuple[Step | None, list[Step]]:
    """Give the way on, if this person has one, and the other steps that are possible now."""
    roles = roles_of_actor(actor)
    there = [each for each in STEPS if each.is_there(request, roles)]
    main = next((each for each in there if each.is_main), None)
    return main, [each for each in there if each is not main]


def lifting_words(request: DataRequest) -> str:
    """Give what the notice before a lifting says at first, to be edited."""
    return "\n\n".join(default_paragraphs(Kind.LIFTING, request))


def draft_of(request: DataRequest) -> str:
    """Give the text of the reply as it stands, to be edited."""
    draft = request.letters.filter(kind=_draft_kind(request), state="draft").first()
    words = letters.paragraphs_of(draft) if draft else default_paragraphs(_draft_kind(request), request)
    return "\n\n".join(words)
