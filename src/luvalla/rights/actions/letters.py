"""Letters: drafted, edited, issued once, and sent as mail or by post."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.actions import post_service_message
from luvalla.mailroom.models import ServiceMessage
from luvalla.organisation.models import Disclosee
from luvalla.organisation.queries import the_controller
from luvalla.rights.actions.moving import move, note_event, subject_of
from luvalla.rights.actions.tasks import finish_task, give_task
from luvalla.rights.cases import address_of_requester, open_json, said, seal_json
from luvalla.rights.columns import DECISION, LETTER, LETTER_PDF
from luvalla.rights.doers import signature_of
from luvalla.rights.identity import needed_level
from luvalla.rights.letters.forms import as_html, as_pdf, as_text
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import REFUSALS, Kind, Text, capitalised, day_in, default_paragraphs, write
from luvalla.rights.links import make_link, url_of
from luvalla.rights.models import DataRequest, Decision, Letter, SecureLink, Task
from luvalla.rights.pace import has_turn
from luvalla.rights.queries import current_decision
from luvalla.rules.address import Address, normalise
from luvalla.rules.case_states import SHUT, Right, State, Who

ACKNOWLEDGEMENT: Final = "rights_acknowledgement"
MESSAGE: Final = "rights_letter"
NOTICE: Final = "rights_notice"
NEW_LINK: Final = "rights_link"
TO_PROVE: Final = frozenset({Kind.ACKNOWLEDGEMENT, Kind.LINK})
"""Letters that come back before a request was answered with the link by which its mailbox proves itself."""
POSTED_INSTEAD: Final = frozenset({Kind.QUESTION, Kind.EXTENSION, Kind.CERTIFICATE})
ACKNOWLEDGED_BY_POST: Final = timedelta(days=3)
"""Until when an acknowledgement on paper is to be posted."""
MOST_A_DAY: Final = 3
"""Acknowledgements, and new links, that one mailbox is sent in 24 hours, so that nobody can fill another's."""


@transaction.atomic
def acknowledge(*, request: DataRequest, actor: Actor) -> Letter | None:
    """Tell the requester at once that the request has arrived, in its language; None where there is no way to.

    Where the mailbox isn't proved yet, the mail holds the link that proves it. Whoever has no mailbox gets a letter,
    posted or handed over. None too for a mail that came when many did: its acknowledgement waits for people.
    """
    address = address_of_requester(request)
    if address is None:
        return _acknowledge_on_paper(request) if can_be_written_to(request) else None
    if had_enough(bytes(request.folded), ACKNOWLEDGEMENT) or not has_turn(request):
        return None
    extra, parts = {}, []
    if request.identity < needed_level(request):
        link = make_link(request, SecureLink.Kind.PROVE, actor=SYSTEM)
        extra, parts = link_values(link), ["prove"]
    paragraphs = default_paragraphs(Kind.ACKNOWLEDGEMENT, request)
    text = write(Kind.ACKNOWLEDGEMENT, request, paragraphs=paragraphs, extra=extra, more_parts=parts)
    letter = _kept(request, text, actor=SYSTEM)
    del actor
    return _send_as_mail(letter, text, message=ACKNOWLEDGEMENT, is_answer=request.channel == "mail")


def can_be_written_to(request: DataRequest) -> bool:
    """Tell whether somebody without a mailbox can be given a letter: by post, or over the desk they came to."""
    told = said(request)
    return bool(told.postal) or (request.channel == DataRequest.Channel.VISIT and bool(told.name))


def _acknowledge_on_paper(request: DataRequest) -> Letter:
    paragraphs = default_paragraphs(Kind.ACKNOWLEDGEMENT, request)
    letter = _kept(request, write(Kind.ACKNOWLEDGEMENT, request, paragraphs=paragraphs), actor=SYSTEM)
    due_on = timezone.localdate() + ACKNOWLEDGED_BY_POST
    return _to_be_posted(letter, due_on=due_on)


def _to_be_posted(letter: Letter, *, due_on: date | None = None) -> Letter:
    letter.by_post = True
    letter.save(update_fields=["by_post"])
    give_task(letter.request, Task.Kind.POST, role=Who.HANDLER, about=letter.kind, due_on=due_on, actor=SYSTEM)
    return letter


@transaction.atomic
def draft_letter(*, request: DataRequest, kind: Kind, paragraphs: Sequence[str] | None = None, actor: Actor) -> Letter:
    """Write or rewrite the draft of a letter; each request has at most one draft of a kind."""
    said_now = list(paragraphs) if paragraphs is not None else default_paragraphs(kind, request)
    sealed = seal_json({"paragraphs": said_now}, column=LETTER, folded=bytes(request.folded))
    draft = request.letters.filter(kind=kind, state=Letter.State.DRAFT).first()
    if draft is None:
        draft = Letter(request=request, kind=kind, language=request.language, by_post=request.by_post)
    draft.sealed, draft.written_by, draft.written_at = sealed, str(actor), timezone.now()
    draft.save()
    record("rights.draft_letter", actor=actor, subject=subject_of(request), facts={"kind": kind.value})
    return draft


def paragraphs_of(letter: Letter) -> list[str]:
    """Open what a letter says besides its legal parts."""
    opened = open_json(bytes(letter.sealed), column=LETTER, folded=bytes(letter.request.folded))
    return list(opened["paragraphs"])


@transaction.atomic
def issue_letter(
    *,
    request: DataRequest,
    kind: Kind,
    paragraphs: Sequence[str] | None = None,
    extra: Mapping[str, str] | None = None,
    more_parts: Sequence[str] = (),
    signer: Who = Who.SYSTEM,
    to: Address | None = None,
    actor: Actor,
) -> Letter:
    """Finish a letter and send it: as mail to the requester's mailbox, or as a PDF for the post.

    to: where the requester's mailbox is now, if the case knows it by an address that was corrected since.

    What staff drafted is taken, else what is given, else the kind's own words. Raises LetterIncomplete.
    """
    draft = request.letters.filter(kind=kind, state=Letter.State.DRAFT).first()
    words = (
        paragraphs if paragraphs is not None else paragraphs_of(draft) if draft else default_paragraphs(kind, request)
    )
    text = write(
        kind,
        request,
        paragraphs=words,
        decision=_decision_for(kind, request),
        extra=extra,
        more_parts=more_parts,
        signer=signature_of(_signing(request, actor), signer, request.language),
    )
    letter = _kept(request, text, actor=actor, draft=draft)
    address = to or address_of_requester(request)
    if request.by_post or address is None:
        _drop_acknowledgement(request)
        return _to_be_posted(letter)
    return _send_as_mail(letter, text, to=address, message=MESSAGE)


def _drop_acknowledgement(request: DataRequest) -> None:
    """A later letter says that the request has arrived, so an acknowledgement that waits to be posted falls away."""
    waiting = request.tasks.filter(kind=Task.Kind.POST, about=Kind.ACKNOWLEDGEMENT, done_at=None)
    waiting.update(done_at=timezone.now(), done_by=str(SYSTEM), result="not_needed")


@transaction.atomic
def issue_notice(*, request: DataRequest, to: Disclosee, changes: Sequence[Right], actor: Actor) -> Letter:
    """Write the notice to a disclosee that data was rectified, erased or restricted (GDPR 19), in the house's language.

    It names whose data it is, so that it can be acted on. It leaves as mail where the disclosee has an address for
    it; else staff post the PDF, and the task of the same name says what came of it. A disclosee has one of a case.
    """
    standing = request.letters.filter(kind=Kind.DISCLOSEE, about=to.name).order_by("-pk").first()
    if standing is not None and not _is_from_before(standing):
        return standing
    language = the_controller().default_language
    words, told = texts(language), said(request)
    whose = told.address or "\n".join(each for each in (told.name, told.postal) if each)
    pairs = (
        (words["names"]["change"], capitalised(", ".join(words["rights"][each] for each in changes))),
        (words["names"]["whose"], whose),
        (words["names"]["corrected"], told.new_address if Right.RECTIFICATION in changes else ""),
    )
    text = write(
        Kind.DISCLOSEE,
        request,
        paragraphs=words[Kind.DISCLOSEE]["paragraphs"],
        pairs=[each for each in pairs if each[1]],
        language=language,
        signer=signature_of(_signing(request, actor), Who.HANDLER, language),
    )
    blank = Letter(request=request, kind=text.kind, language=language, about=to.name, by_post=not to.notice_email)
    place = "\n".join(each for each in (to.name, to.postal) if each)
    letter = _kept(request, text, to=place, draft=blank, actor=actor)
    return _send_as_mail(letter, text, to=normalise(to.notice_email), message=NOTICE) if to.notice_email else letter


@transaction.atomic
def issue_link_letter(*, request: DataRequest, link: SecureLink, actor: Actor) -> Letter:
    """Send a fresh link to the registered mailbox, in a letter of its own."""
    part = "prove" if link.kind == SecureLink.Kind.PROVE else "link"
    text = write(
        Kind.LINK,
        request,
        paragraphs=default_paragraphs(Kind.LINK, request),
        extra=link_values(link),
        more_parts=[part],
        signer=signature_of(str(actor), Who.HANDLER, request.language) if actor.kind == "person" else "",
    )
    return _send_as_mail(_kept(request, text, actor=actor), text, message=NEW_LINK)


def link_values(link: SecureLink) -> dict[str, str]:
    """Give what a letter says of a link: its address and its last day."""
    return {"link": url_of(link), "link_expires": day_in(link.expires_at, link.request.language)}


def pdf_of(letter: Letter) -> bytes:
    """Open the PDF of an issued letter."""
    sealed = bytes(letter.sealed_pdf)
    return sealer().open(sealed, column=LETTER_PDF, token=bytes(letter.request.folded)) if sealed else b""


def preview(request: DataRequest, kind: Kind, paragraphs: Sequence[str], *, signer: Who) -> Text:
    """Give the letter as it would be issued; nothing is kept."""
    name = signature_of("", signer, request.language)
    return write(kind, request, paragraphs=paragraphs, decision=_decision_for(kind, request), signer=name)


@transaction.atomic
def note_sent_letters(*, request: DataRequest) -> None:
    """Look what became of the letters that left as mail: taken by the relay, refused, or come back after all.

    A question, an extension, a certificate or the notice of a lifting that nobody took is printed and posted, since
    something hangs on it; so is a notice to somebody who was given the data, however long the case has been closed.
    """
    under_way = request.letters.filter(state__in=(Letter.State.ISSUED, Letter.State.SENT)).exclude(message_ref=None)
    for letter in under_way:
        message = ServiceMessage.objects.filter(ref=str(letter.message_ref)).first()
        if message is None or message.state == ServiceMessage.State.WAITING:
            continue
        is_sent = message.state == ServiceMessage.State.SENT
        if is_sent and letter.state == Letter.State.SENT:
            continue
        letter.state = Letter.State.SENT if is_sent else Letter.State.FAILED
        letter.sent_at = message.sent_at
        letter.save(update_fields=["state", "sent_at"])
        note_event(request, "letter_sent" if is_sent else "letter_failed", after=letter.kind, actor=SYSTEM)
        _follow(letter, is_sent=is_sent)


def _follow(letter: Letter, *, is_sent: bool) -> None:
    """Do what follows from a letter's having left, or not."""
    if letter.kind == Kind.DISCLOSEE:
        _note_notice_sent(letter, is_sent=is_sent)
    elif is_sent:
        return
    elif letter.kind == Kind.LIFTING:
        _have_posted(letter)
    elif letter.kind == Kind.CERTIFICATE and letter.request.state == State.CLOSED_UNIDENTIFIED:
        move(letter.request, State.AWAITING_ID, code="undeliverable", actor=SYSTEM)
        DataRequest.objects.filter(pk=letter.request_id).update(replied_at=None)
        _have_posted(letter)
    elif letter.request.state in {State.REPLIED, *SHUT}:
        return
    elif letter.kind in TO_PROVE:
        acknowledge_instead(letter.request)
    elif letter.kind in POSTED_INSTEAD:
        _have_posted(letter)


def acknowledge_instead(request: DataRequest) -> Letter | None:
    """Acknowledge on paper what a mailbox has not taken, once; None while it isn't known where a letter reaches them.

    A new one, since the mailed one speaks of the link that proves the mailbox: that goes there and nowhere else.
    """
    newest = request.letters.filter(kind__in=TO_PROVE).exclude(issued_at=None).order_by("-pk").first()
    if newest is None or newest.state != Letter.State.FAILED or not said(request).postal:
        return None
    on_paper = request.letters.filter(kind=Kind.ACKNOWLEDGEMENT, by_post=True)
    return None if on_paper.exists() else _acknowledge_on_paper(request)


def _have_posted(letter: Letter) -> None:
    _post_instead(letter)
    give_task(letter.request, Task.Kind.POST, role=Who.HANDLER, about=letter.kind, actor=SYSTEM)


def _post_instead(letter: Letter) -> None:
    letter.state, letter.by_post, letter.message_ref = Letter.State.ISSUED, True, None
    letter.save(update_fields=["state", "by_post", "message_ref"])


def _note_notice_sent(letter: Letter, *, is_sent: bool) -> None:
    """A notice that has left is done; for one that nobody took there is its task, and the PDF goes by post."""
    if is_sent:
        for task in letter.request.tasks.filter(kind=Task.Kind.NOTICE, about=letter.about, done_at=None):
            finish_task(task=task, result="done", actor=SYSTEM)
    else:
        _post_instead(letter)
        give_task(letter.request, Task.Kind.NOTICE, role=Who.HANDLER, about=letter.about, actor=SYSTEM)


def _kept(request: DataRequest, text: Text, *, to: str = "", actor: Actor, draft: Letter | None = None) -> Letter:
    """Keep an issued letter with its PDF, both sealed, and the PDF's hash in the ledger."""
    pdf, folded = as_pdf(text, to=to or postal_of(request)), bytes(request.folded)
    letter = draft or Letter(request=request, kind=text.kind, language=text.language)
    letter.sealed = seal_json({"paragraphs": text.paragraphs}, column=LETTER, folded=folded)
    letter.sealed_pdf = sealer().seal(pdf, column=LETTER_PDF, token=folded)
    letter.pdf_hash = hashlib.sha256(pdf).hexdigest()
    letter.state, letter.issued_at = Letter.State.ISSUED, timezone.now()
    letter.written_by = letter.written_by or str(actor)
    letter.save()
    note_event(request, "letter", after=text.kind, actor=actor)
    facts = {"kind": text.kind.value, "pdf_sha256": letter.pdf_hash, "parts": [name for name, _ in text.parts]}
    record("rights.issue_letter", actor=actor, subject=subject_of(request), facts=facts)
    return letter


def _is_from_before(letter: Letter) -> bool:
    """Tell whether a letter left before its request was opened again."""
    again = letter.request.reopened_on
    return again is not None and letter.issued_at is not None and timezone.localdate(letter.issued_at) < again


def postal_of(request: DataRequest) -> str:
    """Give the name and postal address of a requester, as they stand on a letter."""
    told = said(request)
    return "\n".join(each for each in (told.name, told.postal) if each)


def _send_as_mail(
    letter: Letter, text: Text, *, message: str, to: Address | None = None, is_answer: bool = False
) -> Letter:
    """Send a letter to its reader: the requester, where nobody else is named."""
    address = to or address_of_requester(letter.request)
    assert address is not None
    posted = post_service_message(
        kind=message,
        address=address,
        subject=text.subject,
        text=as_text(text),
        html=as_html(text),
        language=text.language,
        is_answer=is_answer,
        reply_to="" if message == NOTICE else the_controller().dpo_email,
        actor=SYSTEM,
    )
    letter.message_ref = posted.ref
    letter.save(update_fields=["message_ref"])
    return letter


def _decision_for(kind: Kind, request: DataRequest) -> tuple[Decision, Mapping[str, str]] | None:
    row = current_decision(request) if kind in REFUSALS else None
    if row is None:
        return None
    return row, open_json(bytes(row.sealed), column=DECISION, folded=bytes(request.folded))


def _signing(request: DataRequest, actor: Actor) -> str:
    """Name whoever answers for a letter: who issues it, or who decided where the program goes on by itself."""
    decision = current_decision(request) if actor == SYSTEM else None
    return decision.decided_by if decision is not None else str(actor)


def had_enough(folded: bytes, message: str) -> bool:
    """Tell whether a mailbox has been sent so many messages of a kind today that it gets no more."""
    since = timezone.now() - timedelta(days=1)
    return ServiceMessage.objects.filter(folded=folded, kind=message, created_at__gte=since).count() >= MOST_A_DAY
