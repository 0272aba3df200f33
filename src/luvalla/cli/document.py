"""The organisation's document: its tables and what each has to say, looked at before anything is made.

Whether what it says is in order (a business id, a role, a basis) is decided where it is recorded. A table that nobody
reads would be passed over in silence, and its accounts be missing; so it is a fault here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from luvalla.cli.language import pgettext

NAMES: Final = ("name_fi", "name_sv", "name_en")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "purpose": ("key", "basis", "is_marketing", "forbidden_by"),
    "audience": ("key", *NAMES),
    "source": ("key", *NAMES, "evidence", "default_audience"),
    "processor": ("name",),
    "disclosee": ("name",),
    "account": ("username", "full_name", "email"),
}
"""What each of the tables that may stand several times has to say."""
SINGLE: Final[Mapping[str, tuple[str, ...]]] = {"controller": ("name",), "earlier_notice": ()}
BALANCING_TEST: Final = ("confirmed_by", "approved_on", "expires_on")


def faults_of_document(document: Mapping[str, Any]) -> Iterator[str]:
    """Say in the reader's language what keeps a document from being used: one sentence a fault, without a full stop."""
    if "controller" not in document:
        yield pgettext("document", "the table [controller] is missing")
    for name, value in document.items():
        if name in SINGLE:
            yield from _faults_of_table(f"[{name}]", value, SINGLE[name])
        elif name not in NEEDED:
            known = ", ".join((*SINGLE, *NEEDED))
            yield pgettext("document", "there is no table %(name)s; known are %(known)s") % {
                "name": name, "known": known,
            }  # fmt: skip
        elif not isinstance(value, list):
            yield pgettext("document", "%(name)s stands in double brackets: [[%(name)s]]") % {"name": name}
        else:
            yield from _faults_of_tables(name, value)


def _faults_of_tables(name: str, tables: list[Any]) -> Iterator[str]:
    for number, table in enumerate(tables, 1):
        place = pgettext("document", "[[%(name)s]] number %(number)d") % {"name": name, "number": number}
        yield from _faults_of_table(place, table, NEEDED[name])
        if isinstance(table, dict) and "balancing_test" in table:
            yield from _faults_of_table(f"{place}, balancing_test", table["balancing_test"], BALANCING_TEST)


def _faults_of_table(place: str, table: Any, needed: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(table, dict):
        yield pgettext("document", "%(place)s is no table") % {"place": place}
        return
    missing = [each for each in needed if each not in table]
    if missing:
        words = {"place": place, "missing": ", ".join(missing)}
        yield pgettext("document", "%(place)s lacks %(missing)s") % words
