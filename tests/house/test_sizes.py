"""Functions are readable at a glance and files have one subject. What is larger is named here with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SOURCES = Path(__file__).resolve().parents[2] / "src"
LONGEST_FUNCTION = 45
LONGEST_FILE = 400
TYPICAL_FUNCTION = 10

# "file:function" or "file": why it may be longer
LONGER: dict[str, str] = {}


def sources() -> Iterator[tuple[str, str]]:
    """Give each file of the program with its text; migrations are written by Django."""
    for place in sorted(SOURCES.rglob("*.py")):
        if "migrations" not in place.parts:
            yield place.relative_to(SOURCES).as_posix(), place.read_text(encoding="utf-8")


def functions() -> Iterator[tuple[str, int]]:
    """Give each function with its length in lines."""
    for name, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{name}:{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_long() -> None:
    long = {name: lines for name, lines in functions() if lines > LONGEST_FUNCTION and name not in LONGER}
    assert long == {}


def test_most_functions_are_short() -> None:
    assert median(lines for _, lines in functions()) < TYPICAL_FUNCTION


def test_no_file_is_long() -> None:
    long = {
        name: text.count("\n") for name, text in sources() if text.count("\n") > LONGEST_FILE and name not in LONGER
    }
    assert long == {}


def test_the_exceptions_are_still_needed() -> None:
    lengths = dict(functions()) | {name: text.count("\n") for name, text in sources()}
    limits = {name: LONGEST_FUNCTION if ":" in name else LONGEST_FILE for name in LONGER}
    assert [name for name, limit in limits.items() if lengths.get(name, 0) <= limit] == []
