"""What a check saw, in words: what its figures are called and what its negative control does, in fi, sv and en."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from django.utils import translation

from luvalla.notices.rendering import LANGUAGES
from luvalla.notices.retention import KINDS
from luvalla.organisation.authorities import country_names
from luvalla.organisation.queries import purposes

CONTROL: Final = "control"
ANY, VALUES = "any", "values"
OF_PURPOSES: Final = frozenset({"without_live_test", "unsaid", "confirmed_by_nobody"})
"""Figures that list keys of purposes."""


def figure_name(claim_id: str, figure: str, language: str) -> str:
    """Give what a figure of a claim is called; empty where nobody has named it."""
    names = _texts()
    if said := names.get(claim_id, {}).get(figure) or names[ANY].get(figure):
        return _in(said, language)
    with translation.override(language):
        return str(KINDS.get(figure, ""))


def control_in_words(claim_id: str, language: str) -> str:
    """Say what a claim's negative control does to the system; empty for a claim without a check."""
    said = _texts().get(claim_id, {}).get(CONTROL)
    return _in(said, language) if said else ""


def figures_in_words(claim_id: str, figures: Mapping[str, object], language: str) -> list[tuple[str, object]]:
    """Give a finding's figures under their names, and words in place of the keys that stand as values.

    A figure that an earlier release saw, and that has no name any more, keeps its key.
    """
    return [
        (figure_name(claim_id, key, language) or key.replace("_", " "), _value(key, value, language))
        for key, value in figures.items()
    ]


def _value(figure: str, value: object, language: str) -> object:
    if isinstance(value, list):
        return [_value(figure, each, language) for each in value]
    if not isinstance(value, str):
        return value
    if figure in OF_PURPOSES:
        return next((getattr(each, f"name_{language}") for each in purposes() if each.key == value), value)
    return _word(value, language)


def _word(key: str, language: str) -> str:
    """Give the word for a key of the configuration, a fault or a country; what is none of them stays."""
    if said := _texts()[VALUES].get(key):
        return _in(said, language)
    return country_names().get(key, {}).get(language, key)


def _in(said: list[str], language: str) -> str:
    return said[LANGUAGES.index(language)]


@cache
def _texts() -> dict[str, dict[str, list[str]]]:
    data = resources.files("luvalla.notices") / "data" / "evidence.toml"
    return tomllib.loads(data.read_text(encoding="utf-8"))
