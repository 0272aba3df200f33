"""Records made from what the system keeps, as the auditor's pack takes them; breaches without their words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Final

from django.utils import translation

from luvalla.notices.records.tables import RECORDS, Cell
from luvalla.organisation.breaches import breaches, due_of
from luvalla.rules.ports import AccountRecord, account_records

TABLES: Final = ("processing", "authorities", "retention", "access")
BREACHES: Final = "breaches"


def take_part() -> None:
    """Register the records at the port."""
    for key in TABLES:
        account_records.register(key, AccountRecord(key, partial(_rows_of, key)))
    account_records.register(BREACHES, AccountRecord(BREACHES, _breaches))


def _rows_of(key: str) -> Iterable[Mapping[str, object]]:
    """Give a table's rows under the English names of its columns, whatever the language of the interface."""
    with translation.override("en"):
        columns, rows = RECORDS[key].table().filed()
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]


def _breaches() -> Iterator[Mapping[str, object]]:
    """Give each breach's figures and times. What happened is in the staff's own words and stays sealed."""
    for each in breaches():
        yield {
            "number": each.pk,
            "kind": each.kind,
            "risk": each.risk,
            "detected_at": each.detected_at.isoformat(),
            "aware_at": each.aware_at.isoformat(),
            "authority_by": due_of(each).isoformat(),
            "subjects": each.subjects,
            "told": [{"to": told.to, "at": told.told_at.isoformat()} for told in each.notices.all()],
            "closed_at": each.closed_at and each.closed_at.isoformat(),
        }


def _plain(cell: Cell) -> object:
    return cell.isoformat() if isinstance(cell, date) else cell
