"""Supervisory authorities of the EEA states, with the day each was verified (GDPR 13(2)(d), 77).

The list comes with the program. Whoever compares a row of it with the authority's own page notes that
(organisation.comparing); from then on what the page says stands here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from luvalla.organisation.errors import NoAuthority
from luvalla.organisation.models import Comparison

COMPARED: Final = (
    "street",
    "postcode",
    "city",
    "post_address",
    "street_sv",
    "city_sv",
    "post_address_sv",
    "phone",
    "email",
    "website",
    "complaint_page",
)
"""What is compared with the page, and may be put right by it."""
OUTDATED: Final = ("Ratapihantie", "00521 Helsinki", "00520 Helsinki")
"""Addresses the authority has left, and which are still in circulation."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority as it stands on the list; an empty field means not seen, not that none exists."""

    country: str
    names: dict[str, str]
    street: str
    postcode: str
    city: str
    post_address: str
    phone: str
    email: str
    website: str
    street_sv: str
    city_sv: str
    post_address_sv: str
    complaint_page: str
    verified_on: date | None
    """None while nobody has looked at the live page."""

    def details(self) -> dict[str, str]:
        """Give what is compared with the authority's page, by the names of COMPARED."""
        return {name: getattr(self, name) for name in COMPARED}

    def as_facts(self) -> dict[str, str]:
        """Give what a notice prints, as plain values; the Swedish address stands beside the other one."""
        return {
            **{f"name_{language}": name for language, name in self.names.items()},
            "street": self.street,
            "postcode": self.postcode,
            "city": self.city,
            "post_address": self.post_address,
            "street_sv": self.street_sv or self.street,
            "city_sv": self.city_sv or self.city,
            "post_address_sv": self.post_address_sv or self.post_address,
            "phone": self.phone,
            "email": self.email,
            "website": self.website,
        }


def authorities() -> dict[str, Authority]:
    """Give all authorities by the code of their country (ISO 3166-1; AX is Åland), as they are known now."""
    newest = {each.country: each for each in Comparison.objects.order_by("pk")}
    return {country: _as_seen(each, newest.get(country)) for country, each in listed().items()}


def authority(country: str) -> Authority:
    """Give the authority of a country as it is known now; NoAuthority when the list has none."""
    if country not in listed():
        raise NoAuthority(country)
    return _as_seen(listed()[country], Comparison.objects.filter(country=country).order_by("pk").last())


@cache
def listed() -> dict[str, Authority]:
    """Give the list as it comes with the program."""
    data = resources.files("luvalla.organisation") / "data" / "authorities.csv"
    rows = csv.DictReader(data.read_text(encoding="utf-8").splitlines())
    return {row["country"]: _authority(row) for row in rows}


@cache
def country_names() -> dict[str, dict[str, str]]:
    """Give the names of countries in fi, sv and en by their codes."""
    data = resources.files("luvalla.organisation") / "data" / "countries.csv"
    rows = csv.DictReader(data.read_text(encoding="utf-8").splitlines())
    return {row.pop("country"): row for row in rows}


def _as_seen(known: Authority, seen: Comparison | None) -> Authority:
    """Put over the list what was seen on the page since; a newer list is newer than an older look."""
    if seen is None or (known.verified_on is not None and known.verified_on > seen.compared_on):
        return known
    corrections: dict[str, Any] = {name: text for name, text in seen.corrections.items() if name in COMPARED}
    return replace(known, verified_on=seen.compared_on, **corrections)


def _authority(row: dict[str, str]) -> Authority:
    return Authority(
        country=row["country"],
        names={language: row[f"name_{language}"] for language in ("fi", "sv", "en")},
        street=row["street"],
        postcode=row["postcode"],
        city=row["city"],
        post_address=row["post_address"],
        phone=row["phone"],
        email=row["email"],
        website=row["website"],
        street_sv=row["street_sv"],
        city_sv=row["city_sv"],
        post_address_sv=row["post_address_sv"],
        complaint_page=row["complaint_page"],
        verified_on=date.fromisoformat(row["verified_on"]) if row["verified_on"] else None,
    )
