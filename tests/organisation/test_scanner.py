"""The virus scanner is asked by its own protocol, and without an answer nothing is taken for clean."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from luvalla.config.environment import ConfigurationError, read_environment
from luvalla.ledger.actors import SUBJECT
from luvalla.ledger.models import LedgerRow
from luvalla.organisation.errors import ScannerAway
from luvalla.organisation.scanner import is_infected, scan, signatures_of
from tests.support.clamd import MARK, Clamd, clamd


@pytest.fixture(params=["unix", "tcp"])
def scanner(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Clamd]:
    with clamd(tmp_path / "ctl" if request.param == "unix" else None) as (stand_in, place):
        settings.LUVALLA_SCANNER = place
        yield stand_in


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3_000_000])
def test_a_clean_file_of_any_size_arrives_whole(scanner: Clamd, size: int) -> None:
    assert scan(bytes(size)) == ""
    assert scanner.scanned == [size]


@pytest.mark.django_db
def test_what_is_found_is_a_row_with_who_brought_it_and_nothing_of_the_file(scanner: Clamd) -> None:
    assert is_infected(b"maija@kotiposti.example " + MARK, actor=SUBJECT)
    row = LedgerRow.objects.get()
    assert (row.verb, row.actor, row.facts) == (
        "organisation.refuse_file", "subject", {"found": "Eicar-Test-Signature"},
    )  # fmt: skip
    assert not is_infected(b"clean", actor=SUBJECT)
    assert LedgerRow.objects.count() == 1


def test_a_file_too_large_for_the_scanner_is_not_taken_for_clean(scanner: Clamd) -> None:
    scanner.limit = 1000
    with pytest.raises(ScannerAway):
        scan(bytes(9_000_000))


def test_without_a_scanner_nothing_is_asked(settings: Settings) -> None:
    settings.LUVALLA_SCANNER = None
    assert not is_infected(MARK, actor=SUBJECT)


def test_a_scanner_that_is_not_there_is_not_taken_for_a_clean_answer(settings: Settings, tmp_path: Path) -> None:
    settings.LUVALLA_SCANNER = str(tmp_path / "nothing")
    with pytest.raises(ScannerAway):
        scan(b"x")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"stream: OK",
        b"stream: O",
        b"stream: lstat() failed. ERROR\0",
        b"x" * 9999,
        b"UNKNOWN COMMAND\0",
        b"\xff\0",
    ],
)
def test_only_a_whole_answer_counts(settings: Settings, said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.LUVALLA_SCANNER = server.getsockname()

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(1 << 20)
                line.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ScannerAway):
            scan(b"x")
        thread.join()


def test_the_age_of_its_signatures_is_told(scanner: Clamd) -> None:
    scanner.signatures = "Mon Dec 16 09:34:09 2024"
    made = signatures_of()
    assert made is not None
    assert made.year == 2024
    scanner.signatures = "nonsense"
    assert signatures_of() is None


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("", None),
        ("unix:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("tcp://127.0.0.1:3310", ("127.0.0.1", 3310)),
    ],
)
def test_it_is_named_by_a_path_or_a_port_of_this_machine(said: str, place: Any) -> None:
    assert read_environment({"LUVALLA_SCANNER": said, "LUVALLA_HOME": "/nowhere"}).scanner_place == place


@pytest.mark.parametrize(
    "wrong", ["tcp://10.0.0.7:3310", "tcp://scanner.example:3310", "tcp://127.0.0.1", "ctl", "http://x"]
)
def test_a_scanner_elsewhere_is_refused_since_its_line_is_open_to_all(wrong: str) -> None:
    with pytest.raises(ConfigurationError):
        _ = read_environment({"LUVALLA_SCANNER": wrong, "LUVALLA_HOME": "/nowhere"}).scanner_place
