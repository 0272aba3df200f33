"""What the checks see has proper names in three languages, and nothing else has."""

from __future__ import annotations

import ast
import inspect
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources

import pytest

from luvalla.ledger.actors import SYSTEM
from luvalla.notices.actions import check_claims
from luvalla.notices.evidence import ANY, CONTROL, VALUES, control_in_words, figure_name, figures_in_words
from luvalla.notices.facts import gather
from luvalla.notices.registry import entries
from luvalla.notices.rendering import LANGUAGES
from luvalla.notices.retention import KINDS
from luvalla.rules.ports import Claim, claims, keepings
from tests.support.world import World

TEXTS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (resources.files("luvalla.notices") / "data" / "evidence.toml").read_text(encoding="utf-8")
)


def keys_of(check: Callable[..., object], seen: set[object] | None = None) -> set[str]:
    """Give the keys of every dictionary that a check, or what of ours it asks for figures, writes down."""
    seen = seen if seen is not None else set()
    seen.add(check)
    tree = ast.parse(textwrap.dedent(inspect.getsource(check)))
    found = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    for each in _asked(check, tree):
        if each not in seen:
            found |= keys_of(each, seen)
    return found


def _asked(check: Callable[..., object], tree: ast.AST) -> Iterator[Callable[..., object]]:
    """Give the functions called by name that give a finding, or figures for one."""
    known = inspect.unwrap(check).__globals__
    for node in ast.walk(tree):
        each = known.get(node.id) if isinstance(node, ast.Name) else None
        if inspect.isfunction(each) and each.__module__.startswith("luvalla."):
            gives = str(each.__annotations__.get("return", ""))
            if gives == "Finding" or gives.startswith("dict[str, int]"):
                yield each


@pytest.mark.parametrize("claim", list(claims), ids=lambda claim: claim.id)
def test_every_figure_a_check_can_yield_has_a_name_and_no_other_has(claim: Claim) -> None:
    kinds = {each.name for each in keepings} if claim.id == "S17" else set()
    yielded = keys_of(claim.check) | kinds
    assert yielded, claim.id
    nameless = [each for each in sorted(yielded) if not figure_name(claim.id, each, "fi")]
    assert nameless == [], claim.id
    assert set(TEXTS[claim.id]) - {CONTROL} - yielded == set(), "names for figures that no check yields"


@pytest.mark.django_db
def test_whatever_the_checks_saw_has_a_name(world: World) -> None:
    for seen in check_claims(actor=SYSTEM):
        assert seen.figures, seen.claim
        for figure in seen.figures:
            assert figure_name(seen.claim, figure, "sv"), (seen.claim, figure)


def test_every_claim_with_a_check_says_what_its_negative_control_does() -> None:
    checked = {each.id for each in claims}
    assert {name for name in TEXTS if name not in {ANY, VALUES}} == checked
    for claim in checked:
        for language in LANGUAGES:
            assert control_in_words(claim, language).endswith("."), (claim, language)
    assert [control_in_words(each.id, "fi") for each in entries() if each.id not in checked] == [""] * (
        len(entries()) - len(checked)
    )


def test_names_are_whole_and_of_their_own_language() -> None:
    for table, names in TEXTS.items():
        for key, said in names.items():
            assert len(said) == len(LANGUAGES), (table, key)
            assert all(text.strip() == text and text for text in said), (table, key)
            assert said[0] not in said[1:] or table == VALUES, (table, key)


def test_names_of_a_claim_are_told_apart() -> None:
    for claim, names in TEXTS.items():
        for at, language in enumerate(LANGUAGES):
            said = [each[at] for each in names.values()]
            assert len(set(said)) == len(said), (claim, language)


def test_words_stand_for_the_keys_among_values() -> None:
    assert figures_in_words("S20", {"countries": ["FI", "US"]}, "fi") == [("Maat", ["Suomi", "Yhdysvallat"])]
    assert figures_in_words("S1", {"changed_settings": ["sources"]}, "sv")[0][1] == ["källor"]
    assert figures_in_words("X2", {"line": 3, "fault": "removed"}, "en")[1][1] == "the line was removed"
    assert figures_in_words("S17", {"cases": 0}, "en") == [("Answered requests", 0)]
    assert figures_in_words("S3", {"of_another_time": 1}, "fi") == [("of another time", 1)]


@pytest.mark.django_db
def test_purposes_and_parts_of_the_configuration_have_their_names(world: World) -> None:
    named = figures_in_words("S8", {"without_live_test": [world.research.key]}, "fi")
    assert named == [("Ilman voimassa olevaa testiä", [world.research.name_fi])]
    assert set(gather()) <= set(TEXTS[VALUES])


def test_the_kinds_of_the_schedule_have_their_names() -> None:
    assert {each.name for each in keepings} == set(KINDS)
