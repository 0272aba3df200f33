"""Names of the line icons in templates/staff/icons."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "templates" / "staff" / "icons"
NAMES: Final = tuple(sorted(file.stem for file in FOLDER.glob("*.svg")))
