"""Measures imports: rows a second, CPU seconds, peak memory, the longest write transaction, the longest wait of a stop.

    PYTHONPATH=src python bench/import_speed.py [ROWS] [--postgres URL] [--only sqlite|postgresql] [--no-stops]

Writes an invented company's export of so many rows (100,000) and imports it three times: all rows new, then the same
file again, then a file in which some rows changed and some are gone. Counted is everything from opening the file to the
last settled row: checking, tokens, sealing, comparing, recording, erasing. Beside it a second process stops letters all
the time, as one-click links do, and tells how long it waited; it takes a part of the two cores, so the rows a second
without it are measured with --no-stops. The CPU seconds are the import's own, without PostgreSQL's. PostgreSQL needs an
account that may create databases (postgresql://postgres@127.0.0.1:5432/postgres); ours is dropped afterwards.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from luvalla.cli.example_export import ADDRESS_COLUMN, ENCODING, HEADER, write_export

STEPS: Final = Path(__file__).with_name("import_steps.py")
EXAMPLE: Final = Path(__file__).resolve().parents[1] / "examples" / "organisation.toml"
POSTGRES: Final = "postgresql://postgres@127.0.0.1:5432/postgres"
GONE_OF: Final = 20
CHANGED_OF: Final = 50


def main() -> None:
    """Measure each database in a process of its own and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--postgres", default=POSTGRES)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--no-stops", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="luvalla-bench-") as name:
        folder = Path(name)
        write_files(folder, given.rows)
        print(f"{given.rows} rows, {(folder / '0.csv').stat().st_size / 1e6:.0f} MB; {os.cpu_count()} cores")
        for vendor in ("sqlite", "postgresql"):
            if given.only in {None, vendor}:
                with a_database(vendor, folder, given.postgres) as url:
                    measure(folder, vendor, url, with_stops=not given.no_stops)


def write_files(folder: Path, rows: int) -> None:
    """Write the export, the same again, and the one of the following night."""
    write_export(folder / "0.csv", customers=rows)
    (folder / "1.csv").symlink_to(folder / "0.csv")
    since, chance = HEADER.index("sopimus alkoi"), random.Random(1)  # noqa: S311  # which rows, not keys
    with (
        (folder / "0.csv").open(encoding=ENCODING, newline="") as old,
        (folder / "2.csv").open("w", encoding=ENCODING, newline="") as new,
    ):
        table = csv.writer(new, delimiter=";")
        for number, row in enumerate(csv.reader(old, delimiter=";")):
            if number and not chance.randrange(GONE_OF):
                continue
            if number and not chance.randrange(CHANGED_OF) and "@" in row[ADDRESS_COLUMN]:
                row[since] = "1.12.2025"
            table.writerow(row)


@contextmanager
def a_database(vendor: str, folder: Path, server_url: str) -> Iterator[str]:
    """Give the URL of an empty database, which is gone afterwards."""
    if vendor == "sqlite":
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    name = f"luvalla_bench_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def measure(folder: Path, vendor: str, url: str, *, with_stops: bool) -> None:
    """Make an installation, import the files into it, and print what was measured."""
    environment = {
        **os.environ,
        "LUVALLA_HOME": str(folder / vendor),
        "LUVALLA_DATABASE_URL": url,
        "LUVALLA_BENCH": str(folder),
        "DJANGO_SETTINGS_MODULE": "luvalla.config.settings",
    }
    init = [sys.executable, "-m", "luvalla", "init", str(EXAMPLE), "--json"]
    subprocess.run(init, env=environment, stdout=subprocess.DEVNULL, check=True)
    print(f"\n{vendor}")
    with stopping(environment) if with_stops else nothing():
        command = [sys.executable, str(STEPS), "measure"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as steps:
            for line in steps.stdout or ():
                print(told(json.loads(line)), flush=True)
        if steps.returncode:
            sys.exit(steps.returncode)


@contextmanager
def stopping(environment: dict[str, str]) -> Iterator[None]:
    """Let another process stop letters all the time, and print how long it waited."""
    command = [sys.executable, str(STEPS), "stop"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stops:
        assert stops.stdout is not None
        stops.stdout.readline()
        yield
        answer = json.loads(stops.communicate("end\n")[0])
    waited = f"median {answer['median']:.0f} ms, longest {answer['longest']:.0f} ms"
    print(f"  {answer['stops']} stops meanwhile waited: {waited}")


@contextmanager
def nothing() -> Iterator[None]:
    """Do nothing beside."""
    yield


def told(step: dict[str, Any]) -> str:
    """Put what was measured of one step into a line."""
    return (
        f"  {step['name']:<22} {step['rows'] / step['seconds']:>7,.0f} rows/s {step['cpu']:>6.2f} CPU s"
        f" {step['memory']:>4.0f} MB; longest write {step['longest']:.0f} ms; staged in {step['staged']:.2f} s,"
        f" applied in {step['applied'] * 1000:.0f} ms, settled in {step['settled']:.2f} s"
    )


if __name__ == "__main__":
    main()
