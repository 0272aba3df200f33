"""The texts of the undertaking of secrecy that ship with the product, one file a version and language."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
VERSION: Final = "1"
IN_FORCE_FROM: Final = date(2026, 11, 23)
LANGUAGES: Final = ("fi", "sv", "en")


def shipped_text(language: str) -> str:
    """Give the text of the current version in fi, sv or en."""
    return (FOLDER / f"undertaking-{VERSION}.{language}.txt").read_text(encoding="utf-8")
