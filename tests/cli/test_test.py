"""`luvalla test`: both databases, and the worse exit code of the two."""

from __future__ import annotations

import pytest

from luvalla.cli import main, test


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Replace the runs of pytest by their exit codes: the outer suite is not to run an inner one."""
    codes = {"SQLite": 0, "PostgreSQL": 0}
    monkeypatch.setattr(test, "run_suite", lambda database, *_: codes[database])
    monkeypatch.setattr(test, "answers", lambda _url: True)
    monkeypatch.delenv("LUVALLA_TEST_REQUIRE_ALL", raising=False)
    return codes


@pytest.mark.parametrize(("sqlite", "postgres", "whole"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (0, 2, 2), (5, 0, 5)])
def test_the_worse_half_decides(suites: dict[str, int], sqlite: int, postgres: int, whole: int) -> None:
    suites.update(SQLite=sqlite, PostgreSQL=postgres)
    assert main.main(["test"]) == whole


def test_a_choice_that_no_database_matters_to_is_no_failure(suites: dict[str, int]) -> None:
    suites["PostgreSQL"] = test.NONE_COLLECTED
    assert main.main(["test", "tests/house"]) == 0
    assert main.main(["test"]) == test.NONE_COLLECTED


def test_a_missing_postgres_is_said_and_fails_only_where_everything_is_required(
    suites: dict[str, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(test, "answers", lambda _url: False)
    assert main.main(["test"]) == 0
    assert "No PostgreSQL answers" in capsys.readouterr().err
    monkeypatch.setenv("LUVALLA_TEST_REQUIRE_ALL", "1")
    assert main.main(["test"]) == 1


def test_nothing_answers_where_nothing_listens() -> None:
    assert not test.answers("postgresql://postgres@127.0.0.1:1/luvalla")
