"""The frame of the command line: the table of commands, failures, languages, output."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from luvalla import VERSION
from luvalla.cli import errors, main
from luvalla.cli.click_texts import TEXTS
from luvalla.cli.language import console_language, pgettext, use_language
from luvalla.cli.output import json_option, print_json, print_table, progress_bar


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as the launcher does."""
    command = [sys.executable, "-P", "-m", "luvalla", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_help_names_every_command_and_loads_none() -> None:
    listed = start("--help").stdout
    assert all(f"  {name} " in listed for name in main.COMMANDS)
    script = "import sys; from luvalla.cli import main; main.main(['--help']); print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")


def test_help_takes_less_than_a_second_of_work() -> None:
    """The processor's time: how busy the machine is besides doesn't count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_of_the_table_is_there_and_has_help(name: str) -> None:
    done = start(name, "--help") if name != "test" else start("test", "--help", PYTEST_ADDOPTS="--version")
    assert done.returncode == 0, done.stderr


def test_the_version_is_the_one_of_the_package() -> None:
    project = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text()
    assert start("--version").stdout == f"Luvalla {VERSION}\n"
    assert f'version = "{VERSION}"' in project


def test_an_unknown_command_is_a_usage_error() -> None:
    done = start("fly", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"
    assert "fly" in done.stderr


def test_a_module_in_the_folder_of_the_caller_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('the wrong click')")
    command = [sys.executable, "-P", "-m", "luvalla", "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Luvalla")


def fail_with(fault: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command that fails in that way; give the exit code."""

    @click.command()
    @json_option
    def failing(*, as_json: bool) -> None:
        raise fault

    monkeypatch.setattr(main.Entry, "load", lambda _entry: failing)
    return main.main(["send", "--json"])


@pytest.mark.parametrize("failure", errors.CommandFailed.__subclasses__())
def test_a_failure_gives_its_exit_code_and_one_document(
    failure: type[errors.CommandFailed], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = fail_with(failure("The relay is away."), monkeypatch)
    said = capsys.readouterr()
    assert code == failure.exit_code
    assert json.loads(said.out) == {"error": {"exit": code, "kind": failure.kind, "message": "The relay is away."}}
    assert said.err == "The relay is away.\n"


def test_the_text_of_an_unforeseen_fault_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = fail_with(ValueError("matti.meikalainen@esimerkki.fi"), monkeypatch)
    said = capsys.readouterr()
    assert code == errors.UNEXPECTED
    assert "ValueError" in said.err
    assert "esimerkki" not in said.err + said.out


def test_an_interruption_has_the_shell_s_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail_with(KeyboardInterrupt(), monkeypatch) == errors.INTERRUPTED


def test_exit_codes_are_all_different() -> None:
    codes = [failure.exit_code for failure in errors.CommandFailed.__subclasses__()]
    codes += [errors.DONE, errors.UNEXPECTED, errors.INTERRUPTED]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "fi"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "sv_FI", "LANG": "fi_FI.UTF-8"}, "sv"),
        ({"LUVALLA_LANGUAGE": "en", "LANG": "fi_FI.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_console_speaks_the_language_it_is_told_or_the_locale_s(
    environment: dict[str, str], language: str, tmp_path: Path
) -> None:
    assert console_language({"LUVALLA_HOME": str(tmp_path), **environment}) == language


def test_the_language_may_stand_in_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "luvalla.toml").write_text('language = "sv"\n')
    assert console_language({"LUVALLA_HOME": str(tmp_path), "LANG": "fi_FI.UTF-8"}) == "sv"


def test_help_is_finnish_and_swedish_where_asked() -> None:
    assert "Komennot" in start("--help", LUVALLA_LANGUAGE="fi").stdout
    assert "Kommandon" in start("--help", LUVALLA_LANGUAGE="sv").stdout


@pytest.mark.parametrize("group", ["audit", "notice", "keys", "authorities"])
def test_no_summary_of_a_command_is_cut_short(group: str) -> None:
    assert "..." not in start(group, "--help", LUVALLA_LANGUAGE="sv").stdout.partition("Kommandon")[2]


def test_click_s_own_texts_are_translated() -> None:
    done = start("fly", LUVALLA_LANGUAGE="fi")
    assert done.stderr.startswith("Käyttö: luvalla")
    assert "Komentoa 'fly' ei ole." in done.stderr
    assert "Missing option" not in start("import", "file.csv", LUVALLA_LANGUAGE="sv").stderr


def test_the_texts_named_for_click_are_click_s() -> None:
    sources = "".join(each.read_text() for each in Path(click.__file__).parent.glob("*.py"))
    assert [text for text in TEXTS if text.replace("\n\t", r"\n\t") not in sources] == []


def test_a_language_can_be_changed_and_texts_without_translation_stay() -> None:
    try:
        use_language("fi")
        assert pgettext("command", "Interrupted.") == "Keskeytetty."
        assert pgettext("command", "no such text") == "no such text"
    finally:
        use_language("en")


def test_json_keeps_letters_and_writes_dates(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Jyväskylä"})
    assert capsys.readouterr().out == '{\n  "name": "Jyväskylä"\n}\n'


def test_a_table_goes_to_standard_output_in_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["What", "Count"], [["[new]", 3]])
    said = capsys.readouterr()
    assert "[new]" in said.out
    assert said.err == ""


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as progress:
        progress.advance(progress.add_task("Sending", total=2))
    assert capsys.readouterr() == ("", "")
