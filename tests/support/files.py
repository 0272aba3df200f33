"""Reading the home's files without harm: a database's own files among them must be opened in another process only."""

from __future__ import annotations

from pathlib import Path

from luvalla.jobs.process import opened_elsewhere


def bytes_of(place: Path) -> bytes:
    """Give what stands in a file (see opened_elsewhere for why not here)."""
    with opened_elsewhere(place) as file:
        return file.read()
