"""Taking in what another Luvalla transmitted (GDPR 20(2)): kept sealed, decided on here, and the person asked.

A permission to one controller is none to another. Somebody whose copy is accepted is a contact for service messages,
proved by their own request; letters need a yes that the mailbox gives here.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.mailroom.actions import post_service_message
from luvalla.organisation.models import Purpose
from luvalla.organisation.queries import the_controller
from luvalla.register import sign_up
from luvalla.register.actions import add_permission
from luvalla.register.models import Contact, PendingSignUp, Source
from luvalla.register.queries import contacts_of_mailbox, is_suppressed
from luvalla.rights.cases import document_of
from luvalla.rights.columns import INCOMING
from luvalla.rights.copies.portability import Portable, read_portable
from luvalla.rights.doers import has_role
from luvalla.rights.errors import CopyDecided, NobodyCanJoin, ReasonsMissing, StepRefused, TooManyWaiting
from luvalla.rights.letters.texts import LANGUAGES, texts
from luvalla.rights.models import IncomingCopy
from luvalla.rules.address import Address, normalise
from luvalla.rules.case_states import Who
from luvalla.rules.purposes import PermissionKind

KIND: Final = "rights_taken_in"
SCHEMA: Final = "luvalla/transmission/1"
MOST_WAITING: Final = 500
"""Copies of one sender that may wait for a decision at a time."""


@transaction.atomic
def keep_copy(*, document: bytes, sender: str, number: UUID, actor: Actor) -> IncomingCopy:
    """Keep a copy that another controller's token brings, sealed, until somebody decides on it.

    number is the sender's own; the same again gives the copy that is there. Raises NotPortable and TooManyWaiting.
    """
    rows = IncomingCopy.objects.filter(brought_by=str(actor))
    standing = rows.filter(number=number).first()
    if standing is not None:
        return standing
    portable = read_portable(document)
    if rows.filter(state=IncomingCopy.State.WAITING).count() >= MOST_WAITING:
        raise TooManyWaiting
    folded = sealer().folded_token(normalise(portable.address))
    sealed = sealer().seal(document, column=INCOMING, token=folded)
    copy, is_new = IncomingCopy.objects.get_or_create(
        brought_by=str(actor), number=number, defaults={"sender": sender, "folded": folded, "sealed": sealed}
    )
    if is_new:
        record("rights.keep_copy", actor=actor, subject=_subject(copy))
    return copy


@transaction.atomic
def show_copy(*, copy: IncomingCopy, actor: Actor) -> Portable:
    """Open a copy that waits, for somebody at the desk; the look is a row in the ledger."""
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    if copy.state != IncomingCopy.State.WAITING:
        raise CopyDecided
    record_look("rights.show_copy", actor=actor, subject=_subject(copy), purpose="request")
    return read_portable(document_of(copy))


@transaction.atomic
def accept_copy(*, copy: IncomingCopy, actor: Actor) -> Contact | None:
    """Make the person a contact for service messages, proved by their request, and ask them whether they want letters.

    None where the mailbox was stopped or restricted here: then only the person's own yes brings it in (G10). Raises
    StepRefused, CopyDecided and NobodyCanJoin.
    """
    row = _decidable(copy, actor)
    document = document_of(row)
    portable, source = read_portable(document), sign_up.source_of_sign_ups()
    if source is None:
        raise NobodyCanJoin
    address = normalise(portable.address)
    contact = _taken_in(address, source, _proof(row, portable, document), actor) if _is_free(address) else None
    pending = _begun(portable, actor)
    _ask_mailbox(portable, pending, actor, other=row.sender, text="accepted" if contact else "text")
    _decided(row, IncomingCopy.State.ACCEPTED, actor)
    facts = {"contact": str(contact.ref) if contact else "", "sign_up": str(pending.ref)}
    record("rights.accept_copy", actor=actor, subject=_subject(row), facts=facts)
    return contact


@transaction.atomic
def refuse_copy(*, copy: IncomingCopy, reason: str, actor: Actor) -> None:
    """Refuse a copy; what it said is erased at once, the reason stands in the ledger. ReasonsMissing without one."""
    if not reason.strip():
        raise ReasonsMissing
    row = _decidable(copy, actor)
    _decided(row, IncomingCopy.State.REFUSED, actor)
    record("rights.refuse_copy", actor=actor, subject=_subject(row), reason=reason.strip())


@transaction.atomic
def take_in(*, document: bytes, actor: Actor) -> PendingSignUp:
    """Begin a sign-up with the data of a document that came as a file, and ask its mailbox; NotPortable for none.

    Nobody vouches for such a file, so nobody is in the register before they have said yes here themselves.
    """
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    portable = read_portable(document)
    pending = _begun(portable, actor)
    _ask_mailbox(portable, pending, actor, other=portable.controller, text="text")
    record("rights.take_in", actor=actor, subject=Subject("sign_up", str(pending.ref)))
    return pending


def _decidable(copy: IncomingCopy, actor: Actor) -> IncomingCopy:
    if not has_role(actor, Who.HANDLER, Who.REGISTER_OWNER):
        raise StepRefused
    row = IncomingCopy.objects.select_for_update().get(pk=copy.pk)
    if row.state != IncomingCopy.State.WAITING:
        raise CopyDecided
    return row


def _is_free(address: Address) -> bool:
    """Tell whether nothing that the person has said here stands against the address."""
    restricted = contacts_of_mailbox(sealer().folded_token(address)).exclude(restricted_at=None)
    return not is_suppressed(address) and not restricted.exists()


def _taken_in(address: Address, source: Source, proof: dict[str, Any], actor: Actor) -> Contact:
    fitting = [each for each in sign_up.audiences_for_sign_up() if each.language == proof["language"]]
    return add_permission(
        address=address,
        kind=PermissionKind.SERVICE_MESSAGE,
        source=source,
        audience=fitting[0] if fitting else source.default_audience,
        since=timezone.localdate(),
        proof=proof,
        actor=actor,
    ).contact


def _proof(copy: IncomingCopy, portable: Portable, document: bytes) -> dict[str, Any]:
    """Say what the permission rests on: the person's own request to the sender, as it reached us."""
    return {
        "schema": SCHEMA,
        "method": "request of the data subject (GDPR 20(2))",
        "sender": copy.sender,
        "transmission": str(copy.number),
        "document_sha256": hashlib.sha256(document).hexdigest(),
        "language": _language(portable),
        "made_at": portable.made_at[:40],
        "came_at": copy.came_at.isoformat(),
        "accepted_at": timezone.now().isoformat(),
    }


def _begun(portable: Portable, actor: Actor) -> PendingSignUp:
    language = _language(portable)
    words, controller = texts(language)["taken_in"], the_controller()
    purposes = list(Purpose.objects.filter(offered_at_sign_up=True).order_by("pk"))
    named = [each.name_in(language) for each in purposes]
    return sign_up.ask(
        address=normalise(portable.address),
        purposes=[each.key for each in purposes],
        language=language,
        wording="\n".join((words["wording"].format(sender=controller.sender_name), *named)),
        notice_version=0,
        actor=actor,
    )


def _ask_mailbox(portable: Portable, pending: PendingSignUp, actor: Actor, *, other: str, text: str) -> None:
    language = _language(portable)
    words, controller = texts(language)["taken_in"], the_controller()
    links = {
        "link": _link("confirm", language=language, token=sign_up.confirmation_token(pending)),
        "notice": _link("notice", language=language),
        "request": _link("request", language=language),
    }
    post_service_message(
        kind=KIND,
        address=normalise(portable.address),
        subject=words["subject"].format(sender=controller.sender_name),
        text=words[text].format(other=other, sender=controller.sender_name, **links),
        html="",
        language=language,
        actor=actor,
    )


def _link(page: str, **parts: str) -> str:
    return the_controller().base_url.rstrip("/") + reverse(f"public:{page}", kwargs=parts)


def _language(portable: Portable) -> str:
    """Give the document's language where we speak it; it is another's word."""
    return portable.language if portable.language in LANGUAGES else the_controller().default_language


def _decided(row: IncomingCopy, state: IncomingCopy.State, actor: Actor) -> None:
    row.state, row.decided_by, row.decided_at = state, str(actor), timezone.now()
    row.folded, row.sealed = b"", b""
    row.save(update_fields=["state", "decided_by", "decided_at", "folded", "sealed"])


def _subject(copy: IncomingCopy) -> Subject:
    return Subject("incoming_copy", str(copy.ref))
