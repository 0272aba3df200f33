"""What is committed belongs to the product alone, and what the documents say can be done."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from luvalla.cli.errors import DONE, INTERRUPTED, UNEXPECTED, CommandFailed
from luvalla.cli.main import COMMANDS

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
NOT_TEXT = {".png", ".jpg", ".woff2", ".pdf", ".mo", ".xlsx", ".zip", ".ico"}
REGISTRY = re.compile(
    r"https?://[^\s\"']+\.(?:whl|tar\.gz|tgz|deb)\b|\b(?:extra-)?index" + r"-url\b|\"resolved\":\s*\"http",
    re.IGNORECASE,
)
# Written so that this file doesn't hold what it looks for.
MACHINE = re.compile(r"(?<![\w.])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]+")) + r")/")


def committed() -> list[Path]:
    """Give the text files under version control; all of the checkout's where git isn't at hand."""
    git = shutil.which("git")
    if git is None or not (CHECKOUT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    files = [CHECKOUT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.exists() and file.suffix not in NOT_TEXT]


@pytest.mark.parametrize("wrong", [REGISTRY, MACHINE], ids=["a registry's addresses", "a machine's paths"])
def test_no_committed_file_holds(wrong: re.Pattern[str]) -> None:
    found = [f"{file.relative_to(CHECKOUT)}: {hit[0]}" for file in committed() if (hit := wrong.search(text_of(file)))]
    assert found == []


def text_of(file: Path) -> str:
    """Read a file that should be text; one that isn't has no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_unfinished_mark_is_left() -> None:
    mark = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|NotImplemented" + r"Error)\b")
    sources = [file for file in committed() if file.suffix in {".py", ".html", ".js", ".css", ".md"}]
    assert [str(file.relative_to(CHECKOUT)) for file in sources if mark.search(text_of(file))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_the_commands_that_a_document_names_exist(document: Path) -> None:
    named = set(re.findall(r"\./luvalla ([a-z]+)", document.read_text(encoding="utf-8")))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_s_map_has_every_room() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    rooms = [each.parent.name for each in (CHECKOUT / "src" / "luvalla").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}`" not in readme] == []


def test_the_documented_exit_codes_are_the_program_s() -> None:
    reference = (CHECKOUT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| (\d+) \| `(\w+)` \|", reference, re.MULTILINE))
    codes = {str(failure.exit_code): failure.kind for failure in CommandFailed.__subclasses__()}
    assert documented == codes | {str(DONE): "done", str(UNEXPECTED): "unexpected", str(INTERRUPTED): "interrupted"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Give each command with its whole name, those inside groups too."""
    for name, entry in COMMANDS.items():
        loaded = entry.load()
        if isinstance(loaded, click.Group):
            yield from ((f"{name} {inner}", command) for inner, command in loaded.commands.items())
        else:
            yield name, loaded


def test_the_reference_names_every_command_and_option() -> None:
    reference = (CHECKOUT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    documented = {
        match[1]: set(re.findall(r"^- `(--[a-z-]+)`", match[2], re.MULTILINE))
        for match in re.finditer(
            r"^## `luvalla ([a-z ]+?)(?: [A-Z ]+)?`$(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL
        )
    }
    options = {
        name: {long for each in command.params for long in each.opts if long.startswith("--")}
        for name, command in commands()
    }
    assert documented == options


def test_every_setting_is_documented() -> None:
    reference = (CHECKOUT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    sources = "".join(place.read_text() for place in (CHECKOUT / "src").rglob("*.py"))
    settings = set(re.findall(r"\bLUVALLA_[A-Z_]+\b", sources))
    settings |= {f"LUVALLA_{name.upper()}" for name in re.findall(r'setting\("(\w+)"', sources)}
    documents = reference + (CHECKOUT / "docs" / "how-to" / "develop.md").read_text(encoding="utf-8")
    assert sorted(name for name in settings if name not in documents) == []


def test_the_wheel_holds_the_package_and_its_entry_point() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/luvalla"]
    assert project["project"]["scripts"] == {"luvalla": "luvalla.cli.main:main"}


def test_both_locks_are_made_from_the_project_s_requirements() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    for lock, asked in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-test.lock", project["dependencies"] + project["optional-dependencies"]["test"]),
    ):
        held = set(re.findall(r"^([A-Za-z0-9._-]+)==", (CHECKOUT / lock).read_text(), re.MULTILINE))
        names = {re.split(r"[\[<>=!~ ]", each)[0].lower() for each in asked}
        assert names <= {each.lower() for each in held}, lock


def test_every_locked_package_has_hashes() -> None:
    for lock in ("requirements.lock", "requirements-test.lock"):
        entries = re.split(r"\n(?=\S)", (CHECKOUT / lock).read_text())
        assert [entry.split(" ")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
