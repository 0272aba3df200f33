"""Searches on paper: the rights desk asks, a custodian looks into the cabinets and answers (GDPR 15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record, record_look
from luvalla.ledger.actors import Actor
from luvalla.ledger.vault import sealer
from luvalla.paper.actions import person_of
from luvalla.paper.columns import SOUGHT
from luvalla.paper.models import PaperItem, PaperSearch
from luvalla.paper.queries import sought_of


@transaction.atomic
def ask_custodian(*, case_ref: str, sought: str, due_on: date, actor: Actor, folded: bytes = b"") -> PaperSearch:
    """Ask the custodians to look for paper about a person, by the day it is needed; it waits on their front page.

    sought says whom to look for in words (a name, an address, a date of a letter) and is kept sealed until the answer;
    folded is the token of the mailbox, where one is known. Asked again for the same case, the open question is given.
    """
    standing = PaperSearch.objects.filter(case_ref=case_ref, answered_at=None).first()
    if standing is not None:
        return standing
    search = PaperSearch.objects.create(
        case_ref=case_ref,
        asked_by=str(actor),
        due_on=due_on,
        folded=folded,
        sealed=sealer().seal(sought.encode(), column=SOUGHT, token=folded),
    )
    record("paper.ask_custodian", actor=actor, subject=_subject(search), facts={"case": case_ref})
    return search


@transaction.atomic
def show_search(*, search: PaperSearch, actor: Actor) -> str:
    """Open what is looked for, for a custodian to read; the look is a row in the ledger."""
    person_of(actor)
    record_look("paper.show_search", actor=actor, subject=_subject(search), purpose="request")
    return sought_of(search)


@transaction.atomic
def answer_search(*, search: PaperSearch, found: Iterable[PaperItem], actor: Actor) -> PaperSearch:
    """Answer with the items that were found, or none. What was looked for goes; a second answer changes nothing."""
    person = person_of(actor)
    asked = PaperSearch.objects.select_for_update().get(pk=search.pk)
    if asked.answered_at is not None:
        return asked
    asked.found.set(found)
    asked.answered_at, asked.answered_by = timezone.now(), person
    asked.folded, asked.sealed = b"", b""
    asked.save(update_fields=["answered_at", "answered_by", "folded", "sealed"])
    facts = {"found": asked.found.count(), "case": asked.case_ref}
    record("paper.answer_search", actor=actor, subject=_subject(asked), facts=facts)
    return asked


@transaction.atomic
def drop_question(*, case_ref: str, actor: Actor) -> int:
    """Take back what the custodians were asked for a case, because nobody waits for it any more; tell how many."""
    asked = PaperSearch.objects.filter(case_ref=case_ref, answered_at=None)
    for each in asked:
        record("paper.drop_question", actor=actor, subject=_subject(each), facts={"case": case_ref})
    count = asked.count()
    asked.delete()
    return count


def _subject(search: PaperSearch) -> Subject:
    return Subject("paper search", str(search.ref))
