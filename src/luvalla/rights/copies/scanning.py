"""No file that is found bad goes on to anybody: what a copy encloses is scanned when the copy is made.

A scanner knows more today than on the day on which a file came. Without an answer, or without a scanner, the file goes
along in a folder of its own, and the copy says that nobody has looked at it: the right to it doesn't wait (GDPR 12(3)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from luvalla.ledger.actors import SYSTEM
from luvalla.organisation.errors import ScannerAway
from luvalla.organisation.scanner import has_scanner, is_infected


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The files of a copy by their names: scanned ones, those nobody has scanned, and the names of bad ones."""

    clean: Mapping[str, bytes] = field(repr=False)
    unscanned: Mapping[str, bytes] = field(repr=False)
    bad: tuple[str, ...]


def sorted_by_scan(files: Mapping[str, bytes]) -> Enclosed:
    """Have files scanned and sort them; what is found is a row in the ledger, without the file."""
    clean: dict[str, bytes] = {}
    unscanned: dict[str, bytes] = {}
    bad: list[str] = []
    for name, content in files.items():
        try:
            if is_infected(content, actor=SYSTEM):
                bad.append(name)
                continue
        except ScannerAway:
            unscanned[name] = content
            continue
        (clean if has_scanner() else unscanned)[name] = content
    return Enclosed(clean, unscanned, tuple(bad))
