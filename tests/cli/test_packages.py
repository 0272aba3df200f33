"""The doctor on packages: how old their versions are, and what is known to be wrong with them, without the network."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pytest_django import Settings

from luvalla import LOCKED_ON
from luvalla.cli.doctor import packages
from luvalla.cli.doctor.packages import Hit, hits, installed, look_at_packages

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
GONE_THROUGH = {"54e13f78f33d": "2026-11-30"}
"""The beginning of the lock's SHA-256 and the day of luvalla.LOCKED_ON: one isn't changed without the other."""


def test_the_day_of_the_locked_versions_is_changed_with_the_lock() -> None:
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    ((named, day),) = GONE_THROUGH.items()
    assert digest.startswith(named), "the lock has changed: go through docs/reference/mending.md and set the day anew"
    assert LOCKED_ON.isoformat() == day


@pytest.mark.parametrize(("days", "state"), [(0, "good"), (60, "good"), (61, "note"), (180, "note"), (181, "fault")])
def test_versions_that_grow_old_are_noticed(monkeypatch: pytest.MonkeyPatch, days: int, state: str) -> None:
    monkeypatch.setattr(packages, "_today", lambda: LOCKED_ON + timedelta(days=days))
    (found,) = look_at_packages()
    assert (found.state, f"{days} day" in found.saw) == (state, True)


def advisory(name: str = "pypdf", **more: Any) -> dict[str, Any]:
    """Write a record as OSV does."""
    events = [{"introduced": "0"}, {"fixed": "3.17"}, {"introduced": "4.0"}, {"fixed": "4.2.1"}]
    return {
        "id": "GHSA-example-0001",
        "database_specific": {"severity": "HIGH"},
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("3.16.9", 1),
        ("3.17", 0),
        ("3.99", 0),
        ("4.0", 1),
        ("4.2.1rc1", 1),
        ("4.2.1", 0),
        ("5", 0),
    ],
)
def test_a_version_is_hit_between_where_a_fault_came_and_where_it_went(version: str, found: int) -> None:
    expected = [Hit("GHSA-example-0001", "pypdf", version, "3.17, 4.2.1", "high")] * found
    assert hits([advisory()], {"pypdf": version}) == expected


def test_names_are_compared_as_registries_do_and_other_ecosystems_are_left_out() -> None:
    assert hits([advisory("Python_DateUtil")], {"python-dateutil": "3.0"})
    other = advisory()
    other["affected"][0]["package"]["ecosystem"] = "npm"
    assert not hits([other, advisory(withdrawn="2026-01-01T00:00:00Z")], {"pypdf": "3.0"})


def test_a_version_that_is_last_affected_or_named_is_hit_and_one_nobody_can_read_is_looked_at() -> None:
    last = advisory()
    last["affected"][0]["ranges"][0]["events"] = [{"introduced": "1"}, {"last_affected": "2.0"}]
    assert [bool(hits([last], {"pypdf": each})) for each in ("1", "2.0", "2.0.1", "no version")] == [
        True, True, False, True,
    ]  # fmt: skip
    named = advisory()
    named["affected"][0] |= {"ranges": [], "versions": ["2.5"]}
    assert [bool(hits([named], {"pypdf": each})) for each in ("2.5", "2.6")] == [True, False]


def written(place: Path, kind: str, records: list[dict[str, Any]]) -> Path:
    """Write records as one of the files that people bring."""
    if kind == "archive":
        with ZipFile(place, "w") as archive:
            for number, each in enumerate(records):
                archive.writestr(f"{number}.json", json.dumps(each))
    else:
        place.write_text(json.dumps(records if kind == "list" else records[0]), encoding="utf-8")
    return place


@pytest.mark.parametrize("kind", ["archive", "list", "record"])
def test_each_hit_is_a_fault_that_names_the_mended_version(
    tmp_path: Path, settings: Settings, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_today", lambda: LOCKED_ON)
    every = advisory("django")
    every["affected"][0]["ranges"][0]["events"] = [{"introduced": "0"}, {"fixed": "999"}]
    place = written(tmp_path / "x", kind, [every, advisory("nobody-has-this")])
    _, found = look_at_packages(str(place))
    assert (found.state, found.check) == ("fault", "packages")
    assert f"django {installed()['django']} has a known fault: GHSA-example-0001 (high)" in found.saw
    assert "999" in found.do
    _, clean = look_at_packages(str(written(tmp_path / "y", kind, [advisory("nobody-has-this")])))
    assert (clean.state, "1 advisory was compared" in clean.saw) == ("good", True)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"x": 1}'])
def test_a_file_that_holds_no_advisories_is_not_taken_for_good_news(tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    for place in (tmp_path / "x", tmp_path / "nothing"):
        assert [each.state for each in look_at_packages(str(place))][1:] == ["unknown"]


def test_what_is_installed_is_what_runs() -> None:
    assert {"django", "wagtail", "cryptography", "granian"} <= set(installed())
