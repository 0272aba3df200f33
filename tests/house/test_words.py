"""One word per concept: no name and no text of the interface uses what the glossary says not to call a thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from luvalla.cli import catalogues

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "src" / "luvalla"

# The glossary's "not", as far as the word has no other meaning in this program.
WRONG_WORDS = {
    "subscriber": "contact",
    "subscribers": "contacts",
    "unsubscribe": "withdrawal or objection; the mail header List-Unsubscribe keeps its name",
    "unsubscribed": "withdrawn",
    "blacklist": "suppression",
    "blocklist": "suppression",
    "whitelist": "permission",
    "newsletter": "campaign",
    "mailing": "campaign",
    "optin": "permission",
    "optout": "objection or prohibition",
    "dsar": "data request",
    "vendor": "processor",
    "nda": "undertaking",
    "auditlog": "ledger",
}
WORDLESS_FILES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}


def words(identifier: str) -> set[str]:
    """Split a name in snake or camel case into lower-case words, neighbours joined as well."""
    parts = [each.lower() for each in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", identifier)]
    return {*parts, *(one + two for one, two in pairwise(parts))}


def names_given(source: str) -> Iterator[str]:
    """Give every name that a file gives to something: functions, classes, parameters, variables."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def wrong_names(source: str) -> set[str]:
    """Give the names that hold a wrong word."""
    return {name for name in names_given(source) if words(name) & set(WRONG_WORDS)}


def test_nothing_has_a_wrong_name() -> None:
    found = {
        place.relative_to(CHECKOUT).as_posix(): wrong
        for place in sorted(PACKAGE.rglob("*.py"))
        if (wrong := wrong_names(place.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_wrong_name_is_noticed() -> None:
    source = "class NewsletterSubscriber: ...\ndef add(opt_out: bool) -> None:\n    blackList = 1\n    contact = 2\n"
    assert wrong_names(source) == {"NewsletterSubscriber", "opt_out", "blackList"}


def test_files_are_named_for_their_subject() -> None:
    assert [place for place in PACKAGE.rglob("*.py") if place.stem in WORDLESS_FILES] == []


@pytest.mark.parametrize("room", catalogues.rooms_of(PACKAGE), ids=lambda each: each.name)
def test_the_interface_says_no_wrong_word(room: Path) -> None:
    said = {str(text.id) for text in catalogues.texts_of(room) if text.id}
    # An editor's user knows a campaign as a newsletter, and readers know the word too.
    wrong = set(WRONG_WORDS) - {"newsletter", "unsubscribe"}
    assert [text for text in said if set(re.findall(r"[a-z]+", text.lower())) & wrong] == []
