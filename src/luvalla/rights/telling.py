"""Telling those who were given the data of changes outside a case (GDPR 19): gathered, by mail, or on paper by people.

One letter a disclosee names what has changed since the last one. A mailed one counts as told once no mail server has
sent it back for some days; then the addresses go. One that comes back is posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.mailroom.actions import post_service_message
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import the_controller
from luvalla.register.disclosee_notices import change_of, note_told, untold
from luvalla.register.models import DiscloseeNotice
from luvalla.rights.actions.letters import NOTICE
from luvalla.rights.doers import has_role, signature_of
from luvalla.rights.errors import NothingToTell, StepRefused
from luvalla.rights.letters.forms import as_html, as_pdf, as_text
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import Kind, Text, capitalised, contact_of, day_in
from luvalla.rules.address import normalise
from luvalla.rules.case_states import Right, Who

IN_ONE_LETTER: Final = 100
COMES_BACK_WITHIN: Final = timedelta(days=3)
"""How long after a mail has left its address may still send it back; so long it is known what it said."""
RIGHTS: Final = {
    DiscloseeNotice.Kind.ERASURE: Right.ERASURE,
    DiscloseeNotice.Kind.RECTIFICATION: Right.RECTIFICATION,
    DiscloseeNotice.Kind.RESTRICTION: Right.RESTRICTION,
}
Result = DiscloseeNotice.Result


def tell_disclosees() -> int:
    """Mail each disclosee with an address for it what has changed; tell how many letters left."""
    with_address = Disclosee.objects.exclude(notice_email="").order_by("pk")
    return sum(_tell(each) for each in with_address)


def note_arrived() -> int:
    """Note as told what no mail server has sent back in its time, and have the rest posted; tell how many were told."""
    told = 0
    under_way = untold().filter(by_post=False).exclude(message_ref=None)
    for ref in set(under_way.order_by().values_list("message_ref", flat=True)):
        message = ServiceMessage.objects.filter(ref=str(ref)).first()
        in_it = under_way.filter(message_ref=ref)
        if message is not None and message.state == ServiceMessage.State.FAILED:
            in_it.update(by_post=True)
        elif message is None or _has_stayed(message):
            told += note_told(notices=list(in_it), result=Result.MAIL, actor=SYSTEM)
    return told


def to_post(to: Disclosee) -> QuerySet[DiscloseeNotice]:
    """Give what people have to tell a disclosee: nobody can mail it, or its mail came back. The oldest come first."""
    waiting = untold(to)
    if to.notice_email:
        return waiting.filter(by_post=True).exclude(message_ref=None, printed_at=None)
    return waiting.filter(Q(message_ref=None) | Q(by_post=True))


@transaction.atomic
def show_letter(*, to: Disclosee, actor: Actor) -> bytes:
    """Make the letter of what a disclosee is to be told by post, as a tagged PDF; the look is a row in the ledger.

    NothingToTell where nothing waits, StepRefused for whoever isn't of the desk.
    """
    _require_desk(actor)
    notices = list(to_post(to)[:IN_ONE_LETTER])
    if not notices:
        raise NothingToTell
    facts = {"notices": len(notices)}
    record_look("rights.show_disclosee_letter", actor=actor, subject=_subject(to), purpose="request", facts=facts)
    DiscloseeNotice.objects.filter(pk__in=[each.pk for each in notices]).update(printed_at=timezone.now())
    text = letter_of(notices, signer=signature_of(str(actor), Who.HANDLER, the_controller().default_language))
    return as_pdf(text, to="\n".join(each for each in (to.name, to.postal) if each))


@transaction.atomic
def note_posted(*, to: Disclosee, posted_on: date, actor: Actor) -> int:
    """Note that the letters that were made for a disclosee were posted; tell how many changes they told.

    What has come since waits for the next one. NothingToTell where no letter was made, StepRefused.
    """
    _require_desk(actor)
    printed = list(to_post(to).exclude(printed_at=None))
    if not printed:
        raise NothingToTell
    return note_told(notices=printed, result=Result.POST, on=posted_on, actor=actor)


@transaction.atomic
def note_impossible(*, to: Disclosee, why: str, actor: Actor) -> int:
    """Note why a disclosee can't be told of what waits (GDPR 19). ReasonMissing, NothingToTell, StepRefused."""
    _require_desk(actor)
    waiting = list(to_post(to))
    if not waiting:
        raise NothingToTell
    return note_told(notices=waiting, result=Result.IMPOSSIBLE, why=why, actor=actor)


def letter_of(notices: Sequence[DiscloseeNotice], *, signer: str = "") -> Text:
    """Write the letter of some notices to one disclosee, in the house's language: each change with its addresses."""
    language = the_controller().default_language
    words = texts(language)
    own = words[Kind.DISCLOSEE]
    reference = notices[0].ref.hex[:8]
    return Text(
        kind=Kind.DISCLOSEE,
        language=language,
        subject=own["subject"].format(number=reference),
        title=own["title"],
        case=reference,
        day=day_in(timezone.localdate(), language),
        paragraphs=tuple(own["paragraphs"]),
        pairs=tuple(_changes(notices, words["rights"])),
        parts=(("disclosee", words["parts"]["disclosee"].format(contact=contact_of(the_controller()))),),
        signer=signer or words["names"]["role_system"],
        has_case=False,
    )


def _changes(notices: Sequence[DiscloseeNotice], rights: dict[str, str]) -> list[tuple[str, str]]:
    lines: dict[str, list[str]] = {}
    for each in notices:
        address, corrected = change_of(each)
        lines.setdefault(each.kind, []).append(f"{address} → {corrected}" if corrected else address)
    names = {kind: capitalised(rights[right]) for kind, right in RIGHTS.items()}
    return [(names[kind], "\n".join(dict.fromkeys(lines[kind]))) for kind in names if kind in lines]


@transaction.atomic
def _tell(to: Disclosee) -> bool:
    notices = list(untold(to).select_for_update(of=("self",)).filter(message_ref=None, printed_at=None)[:IN_ONE_LETTER])
    if not notices:
        return False
    text = letter_of(notices)
    message = post_service_message(
        kind=NOTICE,
        address=normalise(to.notice_email),
        subject=text.subject,
        text=as_text(text),
        html=as_html(text),
        language=text.language,
        reply_to=the_controller().dpo_email,
        actor=SYSTEM,
    )
    DiscloseeNotice.objects.filter(pk__in=[each.pk for each in notices]).update(message_ref=message.ref, by_post=False)
    facts = {"notices": len(notices), "reference": text.case}
    record("rights.tell_disclosee", actor=SYSTEM, subject=_subject(to), facts=facts)
    return True


def _has_stayed(message: ServiceMessage) -> bool:
    is_sent = message.state == ServiceMessage.State.SENT
    return is_sent and (message.sent_at or message.created_at) < timezone.now() - COMES_BACK_WITHIN


def _require_desk(actor: Actor) -> None:
    if not has_role(actor, Who.CLERK, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused


def _subject(to: Disclosee) -> Subject:
    return Subject("disclosee", str(to.pk))
