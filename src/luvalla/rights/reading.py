"""Looks at what was said in a case: each one is a row in the ledger (claim X3)."""

from __future__ import annotations

from django.db import transaction

from luvalla.ledger.actions import record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.rights.actions.letters import pdf_of
from luvalla.rights.actions.moving import subject_of
from luvalla.rights.cases import Said, said
from luvalla.rights.collecting import found_in
from luvalla.rights.columns import PACK
from luvalla.rights.copies.on_paper import copy_on_paper
from luvalla.rights.files import CheckedFile, open_file, settle_scan
from luvalla.rights.models import Attachment, Complaint, DataRequest, Letter, StoreSearch
from luvalla.rights.queries import notes_of
from luvalla.rules.address import masked

PURPOSE = "request"
ASKED_AGAIN = "asked_again"


def masked_address(request: DataRequest) -> str:
    """Give the requester's address masked, domain and all; empty where none is known."""
    text = said(request).address
    return masked(text, show_domain=False) if text else ""


@transaction.atomic
def show_request(*, request: DataRequest, actor: Actor) -> Said:
    """Open what a request says, for somebody at the desk."""
    record_look("rights.show_request", actor=actor, subject=subject_of(request), purpose=PURPOSE)
    return said(request)


def further_words(request: DataRequest) -> list[str]:
    """Give what the requester has written again since; whoever shows it has called show_request."""
    return [said_again for event, said_again in notes_of(request) if event.kind == ASKED_AGAIN and said_again]


@transaction.atomic
def show_found(*, search: StoreSearch, actor: Actor) -> list[dict[str, object]]:
    """Open what was found in a store."""
    facts = {"store": search.store}
    record_look("rights.show_found", actor=actor, subject=subject_of(search.request), purpose=PURPOSE, facts=facts)
    return list(found_in(search))


def show_file(*, file: Attachment, actor: Actor) -> CheckedFile:
    """Open a file that came with a request; FileInfected or FileUnscanned for one that must stay shut."""
    settle_scan(file, actor=actor)
    with transaction.atomic():
        record_look("rights.show_file", actor=actor, subject=subject_of(file.request), purpose=PURPOSE)
        return open_file(file)


@transaction.atomic
def show_copy_made(*, request: DataRequest, actor: Actor) -> bytes:
    """Open the copy that was made for a requester, as the PDF that is printed."""
    record_look("rights.show_copy_made", actor=actor, subject=subject_of(request), purpose=PURPOSE)
    return copy_on_paper(request)


@transaction.atomic
def show_pack(*, complaint: Complaint, actor: Actor) -> bytes:
    """Open the documents that were made for an authority; empty where none were, or their time is over."""
    record_look("rights.show_authority_pack", actor=actor, subject=subject_of(complaint.request), purpose=PURPOSE)
    sealed = bytes(complaint.sealed_pack)
    return sealer().open(sealed, column=PACK, token=bytes(complaint.request.folded)) if sealed else b""


@transaction.atomic
def show_letter(*, letter: Letter, actor: Actor) -> bytes:
    """Open the PDF of a letter."""
    facts = {"kind": letter.kind}
    record_look("rights.show_letter", actor=actor, subject=subject_of(letter.request), purpose=PURPOSE, facts=facts)
    return pdf_of(letter)
