from __future__ import annotations

import json

import pytest

from luvalla.cli.main import main


@pytest.mark.parametrize(
    ("arrived", "printed"),
    [
        ("2026-01-31", "2026-03-02\n2026-04-30\n"),
        ("2026-11-24", "2026-12-24\n2027-02-24\n"),
        ("2026-03-31T21:30Z", "2026-05-04\n2026-07-01\n"),
        ("2026-04-01T00:30", "2026-05-04\n2026-07-01\n"),
    ],
)
def test_due_prints_the_due_date_and_the_extended_one(
    arrived: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["due", arrived]) == 0
    assert capsys.readouterr().out == printed


def test_due_gives_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    main(["due", "2026-08-31", "--json"])
    assert json.loads(capsys.readouterr().out) == {
        "arrived": "2026-08-31",
        "due": "2026-09-30",
        "extended": "2026-11-30",
    }


@pytest.mark.parametrize("nonsense", ["31.1.2026", "tomorrow", "2026-02-30", "9999-12-31", "9999-12-31T23:59Z"])
def test_what_is_no_day_gets_a_sentence(nonsense: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["due", nonsense]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("This is no day.")
