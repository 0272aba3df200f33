"""Processes: children that die with their parent, however it dies, and files read in another process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int, *, by: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel end this process when its parent ends (prctl(2), Linux); elsewhere nothing happens.

    parent is the process id the parent had when it started this one: had it died before this call, this process ends
    at once.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, by, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), by)


@contextmanager
def opened_elsewhere(place: Path) -> Iterator[IO[bytes]]:
    """Open a file in another process and give its bytes through a pipe: the way to read a database's own files.

    A lock of POSIX belongs to the process, and closing any descriptor of a file drops all of them: reading the files of
    SQLite here would take away the locks of this process's connections, and the database with them
    (sqlite.org/howtocorrupt.html, section 2.2). Raises PermissionError for a file that can't be read.
    """
    command = ["/bin/cat", "--", str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:  # noqa: S603  # a fixed program
        if reader.stdout is None:
            raise BrokenPipeError
        yield reader.stdout
    if reader.returncode > 0 and place.exists():
        raise PermissionError
