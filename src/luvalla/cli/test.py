"""`luvalla test`: every check of the program, on SQLite and then again on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from luvalla.cli.errors import Refused
from luvalla.cli.language import pgettext
from luvalla.cli.output import say

CHECKOUT: Final = Path(__file__).resolve().parents[3]
NONE_COLLECTED: Final = 5
WITHOUT_HOUSE: Final = "--ignore-glob=tests/house/*"
POSTGRES: Final = "postgresql://postgres@127.0.0.1:5432/luvalla"


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    help=pgettext("command", "Run every check of the program; further arguments go to pytest."),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Run the suite once for each database and give the worst exit code."""
    if not (CHECKOUT / "tests").is_dir():
        raise Refused(pgettext("command", "The tests are not installed with the program: fetch the checkout."))
    postgres = os.environ.get("LUVALLA_TEST_POSTGRES", POSTGRES)
    on_sqlite = run_suite("SQLite", arguments, {})
    if not answers(postgres):
        say(pgettext("command", "No PostgreSQL answers at LUVALLA_TEST_POSTGRES, so the suite was not run on it."))
        return max(on_sqlite, int(os.environ.get("LUVALLA_TEST_REQUIRE_ALL") == "1"))
    # What the house checks about the code doesn't depend on a database.
    on_postgres = run_suite("PostgreSQL", (WITHOUT_HOUSE, *arguments), {"LUVALLA_TEST_DATABASE_URL": postgres})
    if arguments and on_postgres == NONE_COLLECTED:
        on_postgres = 0
    return max(on_sqlite, on_postgres)


def answers(url: str) -> bool:
    """Say whether a PostgreSQL server answers there. Its own database is asked; the tests make theirs."""
    import psycopg

    try:
        psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def run_suite(database: str, arguments: tuple[str, ...], environment: dict[str, str]) -> int:
    """Run pytest in the checkout on two processes and give its exit code."""
    say(pgettext("command", "The suite on %(database)s:") % {"database": database})
    pytest = (sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments)
    return subprocess.run(pytest, cwd=CHECKOUT, env={**os.environ, **environment}, check=False).returncode
