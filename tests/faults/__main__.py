"""Runs the faults and prints what was counted: `python -m tests.faults [--full] [further arguments of pytest]`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.sizes import SETTING

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Run them on the database that LUVALLA_TEST_DATABASE_URL names, or on SQLite."""
    size = "full" if "--full" in arguments else "small"
    further = [each for each in arguments if each != "--full"]
    longest = ["--timeout", "3600"] if size == "full" else []
    command = [sys.executable, "-m", "pytest", "-q", "-s", *longest, *(further or [str(HERE)])]
    return subprocess.run(command, cwd=HERE.parents[1], env={**os.environ, SETTING: size}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
