"""What a test needs from the machine: a missing thing skips it with the reason, or fails it where all is required.

Mark a test with `@pytest.mark.needs_chromium` (or another name of NEEDS). LUVALLA_TEST_REQUIRE_ALL=1, which CI sets,
turns each such skip into a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Final

import pytest

from luvalla.cli.test import POSTGRES, answers


def chromium() -> str | None:
    """Give the browser's path."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def program(name: str) -> Callable[[], object]:
    """Give a look for a program, also where administrators' programs are."""
    path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/sbin"
    return lambda: shutil.which(name, path=path)


def postgres() -> bool:
    """Say whether the PostgreSQL of the suite's second half answers."""
    return answers(os.environ.get("LUVALLA_TEST_POSTGRES", POSTGRES))


NEEDS: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "needs_postgres": (postgres, "no PostgreSQL answers at LUVALLA_TEST_POSTGRES"),
    "needs_chromium": (chromium, "Chromium is not installed"),
    "needs_postfix": (program("smtp-source"), "Postfix is not installed"),
    "needs_node": (program("node"), "Node.js is not installed"),
    "needs_pdf_tools": (program("pdftotext"), "poppler-utils is not installed"),
}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    for name, (_, reason) in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: skipped where {reason}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose needs this machine does not meet."""
    for name, (is_there, reason) in NEEDS.items():
        if item.get_closest_marker(name) and not is_there():
            missing(reason)


def missing(reason: str) -> None:
    """Skip with the reason, or fail where everything is required."""
    if os.environ.get("LUVALLA_TEST_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and LUVALLA_TEST_REQUIRE_ALL=1 asks for everything", pytrace=False)
    pytest.skip(reason)
