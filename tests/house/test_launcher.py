"""The launcher, in a small house of its own whose lock asks for nothing, so that no network is needed."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys\nprint('arguments:', *sys.argv[1:])\nsys.exit(7 if 'seven' in sys.argv else 0)\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Make a checkout with a launcher, an empty lock and a program that says its arguments."""
    top = tmp_path / "a house with spaces"
    (top / "src" / "luvalla").mkdir(parents=True)
    shutil.copy(CHECKOUT / "luvalla", top / "luvalla")
    (top / "requirements.lock").write_text("# nothing\n")
    (top / "src" / "luvalla" / "__main__.py").write_text(PROGRAM)
    return top


def launch(house: Path, *arguments: str, path: str | None = None, place: Path | None = None) -> tuple[int, str, str]:
    """Start the launcher; give its exit code and both outputs."""
    environment = {"PATH": path or f"{Path(sys.executable).resolve().parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [str(place or house / "luvalla"), *arguments],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_first_use_makes_the_environment_and_later_ones_only_start_the_program(house: Path) -> None:
    code, out, err = launch(house, "show", "two words", "seven")
    assert (code, out) == (7, "arguments: show two words seven\n")
    assert "making .venv from requirements.lock" in err
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert launch(house, "send") == (0, "arguments: send\n", "")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_a_symbolic_link_leads_to_the_house(house: Path, tmp_path: Path) -> None:
    launch(house)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "second").symlink_to(house / "luvalla")
    (tmp_path / "bin" / "luvalla").symlink_to("second")
    assert launch(house, "send", place=tmp_path / "bin" / "luvalla") == (0, "arguments: send\n", "")


def test_a_changed_lock_and_a_half_made_environment_are_made_anew(house: Path) -> None:
    launch(house)
    (house / "requirements.lock").write_text("# nothing, said in another way\n")
    (house / ".venv" / "left over").touch()
    assert "making .venv" in launch(house)[2]
    assert not (house / ".venv" / "left over").exists()
    (house / ".venv" / "made-from.lock").unlink()
    assert "making .venv" in launch(house)[2]


def test_two_starts_at_once_make_one_environment(house: Path) -> None:
    environment = {"PATH": f"{Path(sys.executable).resolve().parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(house / "luvalla"), "send"]
    starts = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [start.communicate() for start in starts]
    assert [out for out, _ in said] == ["arguments: send\n"] * 2
    assert "".join(err for _, err in said).count("making .venv") == 1


def tools(folder: Path, **scripts: str) -> str:
    """Make a PATH that has only what the launcher itself needs, and these scripts."""
    folder.mkdir()
    for name in ("cmp", "readlink", "sh", "rm", "cp", "mv"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    for name, script in scripts.items():
        (folder / name.replace("_", ".")).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name.replace("_", ".")).chmod(0o755)
    return str(folder)


def test_a_missing_python_gets_a_sentence(house: Path, tmp_path: Path) -> None:
    code, out, err = launch(house, path=tools(tmp_path / "tools"))
    assert (code, out) == (2, "")
    assert "Python 3.11, 3.12 or 3.13 is needed and was not found. Install it" in err


def test_an_older_python_gets_a_sentence_that_names_it(house: Path, tmp_path: Path) -> None:
    code, out, err = launch(house, path=tools(tmp_path / "tools", python3="echo 3.9"))
    assert (code, out) == (2, "")
    assert "was not found (python3 is 3.9)" in err


def test_a_python_without_venv_gets_a_sentence(house: Path, tmp_path: Path) -> None:
    script = 'case "$2" in *version_info*) echo 3.11 ;; *) exit 1 ;; esac'
    code, out, err = launch(house, path=tools(tmp_path / "tools", python3_11=script))
    assert (code, out) == (2, "")
    assert "apt install python3.11-venv" in err


def test_packages_that_cannot_be_installed_leave_nothing_that_looks_whole(house: Path) -> None:
    (house / "requirements.lock").write_text("luvalla-has-no-such-package==1.0\n")
    code, out, err = launch(house)
    assert (code, out) == (2, "")
    assert "the packages could not be installed" in err
    assert not (house / ".venv" / "made-from.lock").exists()
