"""The sentences of the desk's letters, a file a language."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = ("fi", "sv", "en")


@cache
def texts(language: str) -> dict[str, Any]:
    """Give the texts in fi, sv or en; another language gets English."""
    code = language if language in LANGUAGES else "en"
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
