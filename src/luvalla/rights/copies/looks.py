"""Who has looked at somebody's data: for the person, every look with its moment, its kind and what it was for.

Employees are not named (C-579/21, 22.6.2023): days and purposes are what shows whether the looks were lawful.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from luvalla.ledger.actors import SYSTEM
from luvalla.ledger.models import LedgerRow
from luvalla.ledger.verbs import PRINT
from luvalla.organisation.models import Purpose
from luvalla.paper.days import OF_A_CASE
from luvalla.paper.models import PaperItem, PaperSearch
from luvalla.register.models import Contact, SourceNotice
from luvalla.register.seen import looks_that_showed
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import moment_in
from luvalla.rights.models import DataRequest, IncomingCopy
from luvalla.rules.purposes import LookedAtFor

KINDS: Final = {
    "register.search": "search",
    "register.export_contacts": "export",
    "register.fetch_notices": "source",
    "api.read_contacts": "program",
    "mailroom.show_failures": "failures",
    PRINT: "print",
    "paper.uncover_description": "paper",
    "paper.show_search": "paper",
    "paper.show_change": "paper",
}
"""What the reader is told a look was, by its verb; any other is a look at the data."""


def looks_of(request: DataRequest) -> list[dict[str, str]]:
    """List the looks at what is kept about a requester's mailbox, the newest first: at, how and purpose in words.

    Nothing where no mailbox is known. The program's own searches are no looks of anybody.
    """
    if not request.folded:
        return []
    language = request.language
    told = [(row.at, KINDS.get(row.verb, "look"), row.purpose) for row in rows_about(bytes(request.folded))]
    told += [(at, "source", LookedAtFor.SOURCE.value) for at in _fetched_for_sources(bytes(request.folded))]
    words, purposes = texts(language)["look_kinds"], _purpose_words(language)
    said = [
        (moment_in(at, language), str(words[kind]), purposes.get(purpose, purpose))
        for at, kind, purpose in sorted(told, reverse=True)
    ]
    return [{"at": at, "how": how, "purpose": purpose} for at, how, purpose in dict.fromkeys(said)]


def rows_about(folded: bytes) -> list[LedgerRow]:
    """Give the ledger's rows of looks that showed something about a mailbox, alone or among others."""
    contacts = list(Contact.objects.filter(folded=folded))
    refs = {str(each.ref) for each in contacts}
    alone = (row for kind, some in _kept_about(folded, refs) for row in _rows(kind, some))
    whole = (row for row in LedgerRow.objects.filter(verb="register.show_person") if refs & _named_in(row))
    found = {row.pk: row for rows in (alone, whole, looks_that_showed(contacts)) for row in rows}
    return list(found.values())


def _kept_about(folded: bytes, contacts: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Give what the ledger calls each thing that is kept about a mailbox: its kind, and its random references."""
    requests = _refs(DataRequest.objects.filter(folded=folded))
    paper = PaperItem.objects.filter(folded=folded) | PaperItem.objects.filter(
        about_kind=OF_A_CASE, about_ref__in=requests
    )
    yield "contact", contacts
    yield "request", requests
    yield "paper item", _refs(paper)
    yield "paper search", _refs(PaperSearch.objects.filter(case_ref__in=requests))
    yield "incoming_copy", _refs(IncomingCopy.objects.filter(folded=folded))


def _rows(kind: str, refs: set[str]) -> QuerySet[LedgerRow]:
    rows = LedgerRow.objects.filter(subject_kind=kind, subject_ref__in=refs, is_look=True)
    return rows.exclude(actor=str(SYSTEM))


def _refs(
    things: QuerySet[DataRequest] | QuerySet[PaperItem] | QuerySet[PaperSearch] | QuerySet[IncomingCopy],
) -> set[str]:
    return set(map(str, things.values_list("ref", flat=True)))


def _named_in(row: LedgerRow) -> set[str]:
    return set(row.facts.get("contacts", ()))


def _fetched_for_sources(folded: bytes) -> list[datetime]:
    """Give when notices about a mailbox were fetched, whose contact may be gone by now."""
    fetched = SourceNotice.objects.filter(folded=folded)
    return [each.fetched_at for each in fetched if each.fetched_at is not None]


def _purpose_words(language: str) -> dict[str, str]:
    """Name what looks are for: the fixed words, and the purposes of letters."""
    letters = {each.key: each.name_in(language) for each in Purpose.objects.all()}
    return letters | {key: str(words) for key, words in texts(language)["look_purposes"].items()}
