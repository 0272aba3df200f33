"""The first rows of a file for whoever maps its columns: addresses masked, and what isn't kept covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from luvalla.register.importing.columns import Role
from luvalla.register.importing.export import Export
from luvalla.rules.address import masked
from luvalla.staff.imports.words import ROLES

COVER: Final = "•••••"
SHOWN_ROWS: Final = 5
LONGEST_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the preview shows it: its name, what it is kept for (empty: dropped), and its first cells."""

    name: str
    kept_for: str
    cells: list[str]


def preview_columns(export: Export) -> list[Column]:
    """Give the columns of a file with their first cells."""
    columns, rows = export.form.columns, export.preview(SHOWN_ROWS)
    roles = columns.kept_for
    return [
        Column(
            name,
            str(ROLES[roles[index]]) if index in roles else "",
            [covered(row[index] if index < len(row) else "", roles.get(index)) for row in rows],
        )
        for index, name in enumerate(columns.names)
    ]


def covered(cell: str, role: Role | None) -> str:
    """Cover a cell: an address keeps its first letter, facts of a permission or prohibition are shown, the rest is not.

    >>> covered("maija@esimerkki.fi", None), covered("Maija", None), covered("1.5.2019", Role.SINCE)
    ('m•••••@•••••', '•••••', '1.5.2019')
    """
    text = " ".join(cell.split())
    if "@" in text:
        return masked(text, show_domain=False)
    if role in {Role.SINCE, Role.KIND, Role.PROHIBITED} or not text:
        return text[:LONGEST_SHOWN]
    return COVER
