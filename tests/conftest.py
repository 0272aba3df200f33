"""What every test stands on: a home of its own, fixed time zone and randomness, loopback only."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import django
import pytest
from hypothesis import settings

# Before Django reads its settings: a fresh home folder with fresh keys for each process of the session.
HOME = Path(tempfile.mkdtemp(prefix="luvalla-test-"))
(HOME / "static").mkdir()  # WhiteNoise looks there at start; an installation has collected its files
OWNER = os.getpid()


@atexit.register
def remove_home() -> None:
    """Remove the home with the process that made it, not with one that was forked from it."""
    if os.getpid() == OWNER:
        shutil.rmtree(HOME, ignore_errors=True)


for name in [each for each in os.environ if each.startswith("LUVALLA_") and not each.startswith("LUVALLA_TEST_")]:
    del os.environ[name]
os.environ["LUVALLA_HOME"] = str(HOME)
os.environ["LUVALLA_LANGUAGE"] = "en"
os.environ["DJANGO_SETTINGS_MODULE"] = "luvalla.config.settings"
os.environ["TZ"] = "Europe/Helsinki"
os.environ["PYTHONPATH"] = os.pathsep.join(each for each in sys.path if each)
# Playwright runs an event loop in the thread of the test; our calls to the database there are ordinary ones.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
if os.environ.get("LUVALLA_TEST_DATABASE_URL"):
    os.environ["LUVALLA_DATABASE_URL"] = os.environ["LUVALLA_TEST_DATABASE_URL"]

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("desk", deadline=None, max_examples=50)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# pytest-django takes over from here; the models are ready before the tests are collected.
django.setup()

pytest_plugins = [
    "tests.support.database",
    "tests.support.passwords",
    "tests.support.needs",
    "tests.support.outside",
    "tests.support.browser",
]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Keep pytest-django in the worker processes from reading the settings before this file gives them a home."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
