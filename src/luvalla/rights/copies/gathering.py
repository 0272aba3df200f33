"""What a copy holds: the data store by store, who looked at it, and what article 15(1)(a)-(h) and (2) tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from luvalla.mailroom.models import Relay
from luvalla.organisation.authorities import country_names
from luvalla.organisation.models import Disclosee, Processor, Transfer
from luvalla.organisation.queries import purposes, the_controller
from luvalla.register.disclosures import disclosed_to
from luvalla.register.models import Permission, Source
from luvalla.rights.cases import said
from luvalla.rights.collecting import found_in
from luvalla.rights.copies.looks import looks_of
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import day_in, moment_in, values_of
from luvalla.rights.models import DataRequest, Transmission
from luvalla.rules import retention

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
YEAR: Final = 365
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*(?:Z|[+-]\d\d:\d\d)")
BLACK: Final = "█████"
SCHEMA: Final = "luvalla/copy/1"


def gather(request: DataRequest) -> dict[str, Any]:
    """Give the whole copy as plain JSON values, in the requester's language; words about others are blacked out."""
    language = request.language
    hidden = said(request).hidden
    stores = [
        {"store": each.store, "name": store_name(each.store, language), "items": _items(found_in(each), hidden)}
        for each in request.searches.order_by("pk")
    ]
    return {
        "schema": SCHEMA,
        "case": request.number,
        "controller": the_controller().name,
        "made_at": timezone.now().isoformat(),
        "stores": stores,
        "looks": looks_of(request),
        "information": information(request),
    }


def store_name(store: str, language: str) -> str:
    """Give a store's name in a language; one that a later room brings keeps its own."""
    return str(texts(language)["stores"].get(store, store))


def plainly(value: object, language: str) -> str:
    """Say a value as its reader does: codes by their words, days and moments as people write them, nothing for none."""
    text = "" if value is None else str(value)
    known: str | None = texts(language)["values"].get(text) or texts(language)["rights"].get(text)
    if known is not None:
        return known
    if DAY.fullmatch(text):
        return day_in(date.fromisoformat(text), language)
    return moment_in(datetime.fromisoformat(text), language) if MOMENT.fullmatch(text) else text


def information(request: DataRequest) -> list[tuple[str, list[str]]]:
    """Give heading and sentences of what is told with a copy: article 15(1)(a)-(h) and 15(2)."""
    language = request.language
    words, values = texts(language)["copy"], values_of(request)
    kept = {
        "deliveries": _span(retention.DELIVERIES, words),
        "proofs": _span(retention.PERMISSION_PROOF, words),
        "cases": _span(retention.CASE, words),
        "looks": _span(retention.ACCESS_LOG, words),
    }
    return [
        (words["purposes"], _purposes(language)),
        (words["categories"], [words["categories_text"]]),
        (words["recipients"], _recipients(request) or [words["no_recipients"]]),
        (words["retention"], [words["retention_text"].format_map(kept)]),
        (words["rights"], [words["rights_text"]]),
        (words["complaint"], [texts(language)["parts"]["complaint"].format_map(values)]),
        (words["source"], _sources(request) or [words["own_source"]]),
        (words["decisions"], [words["decisions_text"]]),
        (words["transfers"], _transfers(language) or [words["no_transfers"]]),
    ]


def _items(found: list[dict[str, Any]], hidden: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"kind": each["kind"], "at": each["at"], "withheld": True}
        if "withheld" in each
        else _blackened({name: value for name, value in each.items() if name != "files"}, hidden)
        for each in found
    ]


def _blackened(value: Any, hidden: Iterable[str]) -> Any:
    """Black out words about others wherever they stand (GDPR 15(4))."""
    if isinstance(value, Mapping):
        return {name: _blackened(each, hidden) for name, each in value.items()}
    if isinstance(value, list):
        return [_blackened(each, hidden) for each in value]
    if isinstance(value, str):
        for word in hidden:
            value = re.sub(re.escape(word), BLACK, value, flags=re.IGNORECASE)
    return value


def _purposes(language: str) -> list[str]:
    return [f"{each.name_in(language)} ({plainly(each.basis, language)})" for each in purposes()]


def _recipients(request: DataRequest) -> list[str]:
    """Name the actual recipients (C-154/21): processors, the servers letters leave through, disclosees.

    Of the disclosees those to whom this person's data was disclosed, an ended disclosure with its last day. And the
    controllers to which the person has had a copy transmitted.
    """
    language = request.language
    processors = [_where(each.name, each.country, language) for each in Processor.objects.order_by("pk")]
    relays = [_where(each.name, each.country, language) for each in Relay.objects.order_by("pk") if each.country]
    given = [_disclosure(each, language) for each in disclosed_to(bytes(request.folded))]
    sent = Transmission.objects.filter(state=Transmission.State.SENT, request__folded=bytes(request.folded))
    at_wish = [each.to.name for each in sent.select_related("to").order_by("pk")] if request.folded else []
    return list(dict.fromkeys([*processors, *relays, *given, *at_wish]))


def _disclosure(disclosee: Disclosee, language: str) -> str:
    said, last = f"{disclosee.name}: {disclosee.purpose_in(language)}", disclosee.disclosed_until
    if last is None or last >= timezone.localdate():
        return said
    return str(texts(language)["copy"]["ended"].format(recipient=said, day=day_in(last, language)))


def _sources(request: DataRequest) -> list[str]:
    if not request.folded:
        return []
    used = Permission.objects.filter(contact__folded=bytes(request.folded)).values("source")
    return [each.name_in(request.language) for each in Source.objects.filter(pk__in=used).order_by("pk")]


def _transfers(language: str) -> list[str]:
    rows = Transfer.objects.select_related("processor").order_by("pk")
    grounds = ((each, f"{plainly(each.ground, language)} {each.reference}".strip()) for each in rows)
    return [f"{_where(each.processor.name, each.country, language)}: {ground}" for each, ground in grounds]


def _where(name: str, country: str, language: str) -> str:
    names = country_names().get(country)
    return f"{name} ({names[language] if names else country})"


def _span(kept: timedelta, words: Mapping[str, Any]) -> str:
    """Say how long something is kept: in years where they come out even."""
    years, rest = divmod(kept.days, YEAR)
    return str(words["days"].format(days=kept.days) if rest else words["years"].format(years=years))
