"""The tools that read the code: each a test, so that one command and one closing line say how the house stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent


def run(*command: str) -> str:
    """Run one of the environment's tools in the checkout; give what it says, or nothing when it finds nothing."""
    tool = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if tool.returncode == 0 else tool.stdout + tool.stderr


def test_ruff_finds_nothing() -> None:
    findings = run("ruff", "check", "--output-format=concise", "src", "tests")
    assert not findings, findings


def test_the_code_is_formatted() -> None:
    findings = run("ruff", "format", "--check", "src", "tests")
    assert not findings, findings


def test_mypy_finds_nothing() -> None:
    findings = run("mypy")
    assert not findings, findings


def test_rooms_import_only_what_lies_below_them() -> None:
    findings = run("lint-imports", "--no-cache")
    assert not findings, findings


def test_the_walls_hold_an_import_upwards(tmp_path: Path) -> None:
    """Negative control: the same contracts over a house in which a rule reads a model."""
    house = tmp_path / "luvalla"
    for room in (each for each in (CHECKOUT / "src" / "luvalla").iterdir() if (each / "__init__.py").exists()):
        (house / room.name).mkdir(parents=True)
        (house / room.name / "__init__.py").touch()
    (house / "__init__.py").touch()
    (house / "config" / "environment.py").touch()
    (house / "cli" / "django.py").write_text("import luvalla.config.environment\n")
    (house / "rules" / "__init__.py").write_text("import luvalla.register\n")
    walls = subprocess.run(
        [str(TOOLS / "lint-imports"), "--no-cache", "--config", str(CHECKOUT / "pyproject.toml")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert walls.returncode == 1
    assert "luvalla.rules is not allowed to import luvalla.register" in walls.stdout


def test_djlint_finds_nothing() -> None:
    findings = run("djlint", "--lint", "--quiet", "src")
    assert not findings, findings


def test_every_table_has_its_migration() -> None:
    findings = run("python", "-m", "django", "makemigrations", "--check", "--dry-run")
    assert not findings, findings


def test_django_finds_nothing_wrong_with_the_models() -> None:
    findings = run("python", "-m", "django", "check", "--fail-level", "WARNING")
    assert not findings, findings


def silenced_without_reason(source: str) -> list[int]:
    """Give the numbers of the lines that silence a check and don't say why after a second #."""
    silencer = r"#\s*(?:noqa|type:\s*ignore)"
    explained = silencer + r"(?::\s*[\w, ]+?|\[[\w, -]+\])(?:\s+" + silencer + r"\S*\s*[\w, -]*)?\s+#\s+\w"
    lines = enumerate(source.splitlines(), 1)
    return [number for number, line in lines if re.search(silencer, line) and not re.search(explained, line)]


def test_each_silenced_check_says_why() -> None:
    found = {
        f"{place.relative_to(CHECKOUT)}:{number}"
        for top in ("src", "tests")
        for place in (CHECKOUT / top).rglob("*.py")
        if place != Path(__file__)
        for number in silenced_without_reason(place.read_text(encoding="utf-8"))
    }
    assert not found, sorted(found)


def test_a_silenced_check_without_a_reason_is_noticed() -> None:
    source = "a = 1  # noqa\nb = 2  # noqa: E501\nc = 3  # noqa: E501, F401 - because\nd = 4  # type: ignore[misc]\n"
    assert silenced_without_reason(source) == [1, 2, 3, 4]
    assert (
        silenced_without_reason("a = 1  # noqa: E501, F401  # it is a table\nb = 2  # type: ignore[misc]  # so\n") == []
    )
