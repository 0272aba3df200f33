"""Adequacy decisions: countries outside the EEA that the Commission has found to protect data as well (GDPR 45).

The list holds for the day it was checked on; an organisation that relies on a decision looks at the Commission's own
list on the day it records the transfer.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it stands on the list. scope says whom it covers; without an end it holds until repealed."""

    country: str
    names: dict[str, str]
    scope: str
    number: str
    decided_on: date
    expires_on: date | None
    checked_on: date

    @property
    def covers_whole_country(self) -> bool:
        """Whether every recipient there is covered; otherwise each one has to be looked up."""
        return self.scope.startswith("whole")

    def is_in_force(self, on: date) -> bool:
        """Tell whether the decision holds on a day."""
        return self.decided_on <= on and (self.expires_on is None or self.expires_on >= on)


@cache
def decisions() -> dict[str, Decision]:
    """Give the decisions by country (ISO 3166-1); an organisation without a country stands under the empty code."""
    data = resources.files("luvalla.organisation") / "data" / "adequacy.csv"
    rows = csv.DictReader(data.read_text(encoding="utf-8").splitlines())
    return {row["country"]: _decision(row) for row in rows}


def decision_for(country: str, on: date) -> Decision | None:
    """Give the decision that holds for a country on a day, if there is one."""
    found = decisions().get(country.upper()) if country else None
    return found if found and found.is_in_force(on) else None


def _decision(row: dict[str, str]) -> Decision:
    return Decision(
        country=row["country"],
        names={language: row[f"name_{language}"] for language in ("fi", "sv", "en")},
        scope=row["scope"],
        number=row["decision"],
        decided_on=date.fromisoformat(row["decided_on"]),
        expires_on=date.fromisoformat(row["expires_on"]) if row["expires_on"] else None,
        checked_on=date.fromisoformat(row["checked_on"]),
    )
