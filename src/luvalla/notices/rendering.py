"""Rendering the notice: the same facts always give the same bytes, in Finnish, Swedish and English."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from math import ceil
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import reverse

from luvalla.notices.facts import Facts
from luvalla.organisation.authorities import country_names
from luvalla.rules.purposes import LegalBasis

LANGUAGES: Final = ("fi", "sv", "en")
DAYS_A_YEAR: Final = 365
LEAP: Final = 4
DAYS_A_MONTH: Final = (DAYS_A_YEAR + 1 / LEAP) / 12
AND: Final = {"fi": " ja ", "sv": " och ", "en": " and "}
UNITS: Final = {
    "fi": (("päivä", "päivää"), ("kuukausi", "kuukautta"), ("vuosi", "vuotta")),
    "sv": (("dag", "dagar"), ("månad", "månader"), ("år", "år")),
    "en": (("day", "days"), ("month", "months"), ("year", "years")),
}
GROUNDS: Final[dict[str, dict[str, str]]] = {
    "adequacy": {
        "fi": "komission päätös tietosuojan riittävyydestä",
        "sv": "kommissionens beslut om adekvat skyddsnivå",
        "en": "the Commission's adequacy decision",
    },
    "clauses": {
        "fi": "komission hyväksymät vakiolausekkeet",
        "sv": "standardavtalsklausuler som kommissionen har antagit",
        "en": "standard clauses adopted by the Commission",
    },
}
ENGLISH_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def render(facts: Facts, language: str, *, version: int, published_on: date) -> str:
    """Give the notice as HTML in fi, sv or en, with a comment for each place where its proof is shown."""
    context = _context(facts, language)
    context |= {"version": version, "day": day_in(published_on, language)}
    return render_to_string(f"notices/notice_{language}.html", context)


def digest(texts: Mapping[str, str]) -> str:
    """Give the SHA-256 of a version's texts, in hex, over all three languages."""
    joined = "\0".join(texts[language] for language in LANGUAGES)
    return hashlib.sha256(joined.encode()).hexdigest()


@cache
def retention_lines() -> dict[str, dict[str, list[str]]]:
    """Give what the notice says of each period of rules.retention, and under told_by what another line says."""
    place = resources.files("luvalla.notices") / "data" / "retention.toml"
    lines: dict[str, dict[str, list[str]]] = tomllib.loads(place.read_text(encoding="utf-8"))
    return lines


def draft_digest(facts: Facts, *, version: int) -> str:
    """Give the SHA-256 of a version's texts before it has its day: what an opinion is about."""
    return digest({language: render(facts, language, version=version, published_on=date.min) for language in LANGUAGES})


def day_in(day: date, language: str) -> str:
    """Write a day as people of that language do: 2.11.2026, 2 November 2026."""
    if language == "en":
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}.{day.month}.{day.year}"


def period_in(days: int, language: str) -> str:
    """Write a period as people say it: whole years, with their leap days or without, then months; below a year days."""
    of_days, of_months, of_years = UNITS[language]
    years, rest = divmod(days, DAYS_A_YEAR)
    months = int(days / DAYS_A_MONTH)
    if years and rest <= ceil(years / LEAP):
        number, unit = years, of_years
    elif years and ceil(months * DAYS_A_MONTH) == days:
        number, unit = months, of_months
    else:
        number, unit = days, of_days
    return f"{number} {unit[0] if number == 1 else unit[1]}"


def _context(facts: Facts, language: str) -> dict[str, Any]:
    fields = [{"name": each[f"name_{language}"], "reason": each["reason"]} for each in facts["fields"]]
    return {
        "controller": facts["controller"],
        "purposes": [_purpose(each, language) for each in facts["purposes"]],
        "interests": _named(facts, language, LegalBasis.LEGITIMATE_INTEREST),
        "contracts": _named(facts, language, LegalBasis.CONTRACT),
        "obligations": _named(facts, language, LegalBasis.LEGAL_OBLIGATION),
        "sources": [{**each, "name": each[f"name_{language}"]} for each in facts["sources"]],
        "processors": [{**each, "country": _country(each["country"], language)} for each in facts["processors"]],
        "disclosees": [_disclosee(each, language) for each in facts["disclosees"]],
        "transfers": [_transfer(each, language) for each in facts["transfers"]],
        "fields": fields,
        "field_names": _listed([each["name"] for each in fields], language),
        "kept": _kept(facts["days_kept"], language),
        "authority": _authority(facts["authority"], language),
        "request_path": reverse("public:request", kwargs={"language": language}),
        "stop_path": reverse("public:ask_stop", kwargs={"language": language}),
    }


def _purpose(each: Facts, language: str) -> dict[str, str]:
    return {"name": each[f"name_{language}"], "description": each[f"description_{language}"]}


def _named(facts: Facts, language: str, basis: LegalBasis) -> str:
    return _listed([each[f"name_{language}"] for each in facts["purposes"] if each["basis"] == basis], language)


def _listed(names: list[str], language: str) -> str:
    """Join names inside a sentence: small initials, but for words that are written in capitals."""
    small = [each if each[1:2].isupper() else each[:1].lower() + each[1:] for each in names]
    return AND[language].join((", ".join(small[:-1]), small[-1])) if len(small) > 1 else "".join(small)


def _disclosee(each: Facts, language: str) -> dict[str, str]:
    return {**each, "country": _country(each["country"], language), "purpose": each[f"purpose_{language}"]}


def _transfer(each: Facts, language: str) -> dict[str, str]:
    ground = GROUNDS.get(each["ground"], {}).get(language, each["ground"])
    return {**each, "country": _country(each["country"], language), "ground": ground}


def _country(code: str, language: str) -> str:
    return country_names().get(code.upper(), {}).get(language, code)


def _kept(days: Mapping[str, int], language: str) -> list[dict[str, str]]:
    """Say how long each thing is kept, in the order of data/retention.toml."""
    lines = ((days[name], each[language]) for name, each in retention_lines().items() if name in days)
    return [{"what": what, "how": how.format(period=period_in(number, language))} for number, (what, how) in lines]


def _authority(facts: Facts, language: str) -> dict[str, str]:
    shown = {**facts, "name": facts[f"name_{language}"]}
    if language == "sv":
        shown |= {name: facts[f"{name}_sv"] for name in ("street", "city", "post_address")}
    return shown
