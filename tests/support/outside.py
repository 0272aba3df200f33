"""The files that stand outside the database, in a folder of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def outside(settings: Settings, tmp_path: Path) -> Path:
    """Give the ledger of erasures of this test; the head of the ledger lies beside it."""
    place = tmp_path / "outside" / "ledger.jsonl"
    settings.LUVALLA_ERASURES = str(place)
    settings.LUVALLA_ERASURES_COPY = ""
    return place
