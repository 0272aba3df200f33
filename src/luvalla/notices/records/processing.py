"""The record of processing activities, made from what the installation really keeps (GDPR 30(1))."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

from django.apps import apps

from luvalla.notices.rendering import period_in
from luvalla.organisation.queries import purposes
from luvalla.rules import retention
from luvalla.rules.purposes import LegalBasis

DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity: texts by language under name, why, about (people), holds (data) and ends (erasure)."""

    key: str
    store: str
    texts: Mapping[str, Mapping[str, str]]
    bases: tuple[LegalBasis, ...]
    """Of the law or, where the purposes decide, of those that are declared."""
    is_declared: bool
    """Whether the declared purposes decide its basis."""
    days: int | None
    """After how many days the data goes; None where an event ends it."""
    origins: tuple[str, ...]
    recipients: tuple[str, ...]
    guards: tuple[str, ...]
    """The last three: closed words of records/surroundings.py."""
    claims: tuple[str, ...]
    purposes: tuple[str, ...]
    subjects: tuple[str, ...]
    data: tuple[str, ...]
    """The last three: classes of the Data Privacy Vocabulary."""

    def text(self, what: str, language: str) -> str:
        """Give a text in fi, sv or en; another language gets English."""
        said = self.texts[what]
        return said.get(language[:2], said["en"]).format(days=self.days, period=period_in(self.days or 0, language[:2]))


def activities() -> list[Activity]:
    """Give the activities whose store this installation has, with the bases of its purposes."""
    declared = tuple(dict.fromkeys(LegalBasis(each.basis) for each in purposes()))
    return [_activity(key, each, declared) for key, each in _listed().items() if _is_kept(each["store"])]


def stores_listed() -> set[str]:
    """Name the models ("room.Model") whose data some activity accounts for."""
    return {each["store"] for each in _listed().values()}


@cache
def _listed() -> dict[str, dict[str, Any]]:
    data = resources.files("luvalla.notices") / "data" / "processing.toml"
    return tomllib.loads(data.read_text(encoding="utf-8"))


def _is_kept(store: str) -> bool:
    room, _, name = store.partition(".")
    try:
        apps.get_model(room, name)
    except LookupError:
        return False
    return True


def _activity(key: str, each: Mapping[str, Any], declared: tuple[LegalBasis, ...]) -> Activity:
    named = [declared if basis == DECLARED else (LegalBasis(basis),) for basis in each["basis"]]
    period: timedelta | None = getattr(retention, each["keeps"]) if each["keeps"] else None
    return Activity(
        key=key,
        store=each["store"],
        texts={
            what: {language: each[f"{what}_{language}"] for language in ("fi", "sv", "en")}
            for what in ("name", "why", "about", "holds", "ends")
        },
        bases=tuple(dict.fromkeys(basis for bases in named for basis in bases)),
        is_declared=DECLARED in each["basis"],
        days=period.days if period else None,
        origins=tuple(each["from"]),
        recipients=tuple(each["to"]),
        guards=tuple(each["guards"]),
        claims=tuple(each["claims"]),
        purposes=tuple(each["purpose"]),
        subjects=tuple(each["subjects"]),
        data=tuple(each["data"]),
    )
