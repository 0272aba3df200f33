"""A file that is read in another process keeps the locks that this process holds on it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from luvalla.jobs.process import opened_elsewhere

TRY_LOCK = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""


def somebody_else_gets_the_lock(place: Path) -> bool:
    done = subprocess.run([sys.executable, "-c", TRY_LOCK, str(place)], capture_output=True, check=False)
    return done.returncode == 0


def test_reading_elsewhere_keeps_our_locks_and_opening_here_would_drop_them(tmp_path: Path) -> None:
    place = tmp_path / "luvalla.sqlite3"
    place.write_bytes(b"content" * 1000)
    with place.open("r+b") as ours:
        fcntl.lockf(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with opened_elsewhere(place) as read:
            assert read.read() == b"content" * 1000
        assert not somebody_else_gets_the_lock(place)
        with place.open("rb") as opened_here:
            opened_here.read()
        assert somebody_else_gets_the_lock(place)


def test_what_cannot_be_read_is_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), opened_elsewhere(tmp_path) as read:
        read.read()
    with opened_elsewhere(tmp_path / "gone meanwhile") as read:
        assert read.read() == b""
