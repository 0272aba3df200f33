"""The ledger's rows as people read them: who, what, when and why, with the names that are known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Model

from luvalla.campaigns.models import Campaign
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.models import Purpose
from luvalla.people.models import User
from luvalla.register.models import Audience, Source
from luvalla.rights.models import DataRequest
from luvalla.staff.formats import number
from luvalla.staff.ledger.sentences import ACTORS, SENTENCES
from luvalla.staff.words import WHAT_FOR

NAMED: Final[dict[str, tuple[type[Model], str]]] = {
    "campaign": (Campaign, "ref"),
    "audience": (Audience, "key"),
    "source": (Source, "key"),
    "purpose": (Purpose, "key"),
    "request": (DataRequest, "ref"),
}
"""Kinds of subjects that have a name to show, and the field the ledger knows them by."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row as people read it."""

    number: int
    at: datetime
    who: str
    what: str
    about: str
    verb: str
    reason: str
    purpose: str


PART: Final = re.compile(r"<(?:\w+:)?\w+>")
"""A part of an address as the program's list of addresses writes it, such as `<int:pk>`."""
SEVERAL: Final = 999_999_999
"""Stands for any number while a sentence is made without one."""


class _Several(dict[str, object]):
    """Any facts whatever."""

    def __missing__(self, key: str) -> int:
        return SEVERAL


class _Figure(int):
    """A number that chooses between one and many, and stands in its sentence with its thousands apart."""

    def __str__(self) -> str:
        return number(int(self))


class _Facts(dict[str, object]):
    """Facts of a row; an older row may lack what its sentence speaks of today."""

    def __getitem__(self, key: str) -> object:
        fact = self.get(key, 0)
        if isinstance(fact, str):
            return PART.sub("…", fact)
        return _Figure(fact) if isinstance(fact, int) else fact


def sentences_of(rows: Iterable[LedgerRow]) -> list[Sentence]:
    """Say some rows as sentences; the people's names are read at once."""
    read = list(rows)
    people = {row.actor.partition(":")[2] for row in read if row.actor.startswith("person:")}
    names = _Names(read, {*people, *(row.subject_ref for row in read if row.subject_kind == "user")})
    return [_sentence(row, names) for row in read]


class _Names:
    """What the rows of a page are about, by the names people know; each kind is read at once."""

    def __init__(self, rows: list[LedgerRow], people: set[str]) -> None:
        """Read the names."""
        about = {kind: {row.subject_ref for row in rows if row.subject_kind == kind} for kind in NAMED}
        self.people = {str(each.ref): str(each) for each in User.objects.filter(ref__in=people)}
        letters = Purpose.objects.all() if any(row.purpose not in WHAT_FOR for row in rows if row.purpose) else ()
        self._purposes = {each.key: str(each) for each in letters} | {key: str(word) for key, word in WHAT_FOR.items()}
        self._about: dict[tuple[str, str], str] = {("user", ref): name for ref, name in self.people.items()}
        for kind, (model, field) in NAMED.items():
            found = model._default_manager.filter(**{f"{field}__in": about[kind]})  # noqa: SLF001  # of any model
            for each in found if about[kind] else ():
                self._about[kind, str(getattr(each, field))] = str(each)

    def about(self, row: LedgerRow) -> str:
        """Name what the row is about; empty for contacts and what has no name."""
        name = self._about.get((row.subject_kind, row.subject_ref), "")
        return "" if row.subject_kind == "user" and row.actor.endswith(row.subject_ref) else name

    def purpose(self, row: LedgerRow) -> str:
        """Say what it was for: a look's purpose, or the purpose of letters that it was about."""
        return self._purposes.get(row.purpose, row.purpose)


def plain_sentence(verb: str) -> str:
    """Say a verb without its figures, to choose by."""
    said = str(SENTENCES[verb] % _Several())
    return " ".join(said.replace(str(SEVERAL), "…").split()).rstrip(".")


def _sentence(row: LedgerRow, names: _Names) -> Sentence:
    kind, _, ref = row.actor.partition(":")
    who = names.people.get(ref) or str(ACTORS.get(kind, row.actor))
    said = SENTENCES.get(row.verb)
    what = str(said % _Facts(row.facts)) if said else row.verb
    return Sentence(row.pk, row.at, who, what, names.about(row), row.verb, row.reason, names.purpose(row))
