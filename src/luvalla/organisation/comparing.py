"""Comparing the list of authorities with their own pages: who did it, when, where, and what was put right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import Actor
from luvalla.organisation.authorities import COMPARED, OUTDATED, authority, listed
from luvalla.organisation.errors import NoAuthority, NotInOrder
from luvalla.organisation.models import Comparison

PERSON: Final = "person"


@transaction.atomic
def note_comparison(
    *, country: str, compared_on: date, actor: Actor, page: str = "", details: Mapping[str, str] | None = None
) -> Comparison:
    """Note that a person has compared an authority's contact details with its own page (claims S45, S46).

    page is where, the authority's website if not given. details are what the page says, by the names of
    authorities.COMPARED; what is left out is as it was known. Raises NoAuthority for a country without one, and
    NotInOrder for a day in the future or before the last comparison, an address the authority has left, a page that
    isn't https, or an actor that is nobody: only people look at pages.
    """
    if country not in listed():
        raise NoAuthority(country)
    known = authority(country)
    seen = known.details() | {name: " ".join(text.split()) for name, text in (details or {}).items()}
    _check(known.verified_on, compared_on, seen, actor)
    shipped = listed()[country].details()
    row = Comparison(
        country=country,
        compared_on=compared_on,
        compared_by=str(actor),
        page=page or known.website,
        corrections={name: text for name, text in seen.items() if text != shipped[name]},
    )
    _save(row)
    facts = {"compared_on": compared_on.isoformat(), "page": row.page, "corrections": sorted(row.corrections)}
    record("organisation.note_comparison", actor=actor, subject=Subject("authority", country), facts=facts)
    return row


def _check(before: date | None, compared_on: date, seen: Mapping[str, str], actor: Actor) -> None:
    if actor.kind != PERSON:
        message = "Comparison: only a person can look at a page"
        raise NotInOrder(message)
    if compared_on > timezone.localdate() or (before is not None and compared_on < before):
        message = "Comparison: the day lies in the future, or before the last comparison"
        raise NotInOrder(message)
    if unknown := sorted(set(seen) - set(COMPARED)):
        message = f"Comparison: an authority has no {unknown[0]}"
        raise NotInOrder(message)
    if any(old in text for text in seen.values() for old in OUTDATED):
        message = "Comparison: the authority has left that address"
        raise NotInOrder(message)
    if not seen["website"].startswith("https://"):
        message = "Comparison: the website has to begin with https://"
        raise NotInOrder(message)


def _save(row: Comparison) -> None:
    if not row.page.startswith("https://"):
        message = "Comparison: the page has to begin with https://"
        raise NotInOrder(message)
    try:
        row.full_clean()
    except ValidationError as fault:
        message = f"Comparison: {', '.join(sorted(fault.message_dict))} is not right"
        raise NotInOrder(message) from None
    row.save()
