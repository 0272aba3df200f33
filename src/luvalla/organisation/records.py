"""The organisation's records of accountability, as plain values for the auditor's pack (GDPR 5(2), 24, 30)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from django.db.models import Model

from luvalla.organisation.models import (
    BalancingTest,
    Comparison,
    Controller,
    DeclaredField,
    Disclosee,
    OutgoingHost,
    Processor,
    Purpose,
    Transfer,
)
from luvalla.rules.ports import AccountRecord, account_records

KINDS: Final[Mapping[str, type[Model]]] = {
    "controller": Controller,
    "purposes": Purpose,
    "balancing-tests": BalancingTest,
    "processors": Processor,
    "disclosees": Disclosee,
    "transfers": Transfer,
    "outgoing-hosts": OutgoingHost,
    "declared-fields": DeclaredField,
    "authority-comparisons": Comparison,
}
"""What is recorded, by the name of its file in the pack."""


def take_part() -> None:
    """Register the records at the port."""
    for name, model in KINDS.items():
        account_records.register(name, AccountRecord(name, rows_of(model)))


def rows_of(model: type[Model]) -> Callable[[], Iterable[Mapping[str, object]]]:
    """Give a function that reads all rows of a model in their order, every column of each."""

    def rows() -> Iterator[Mapping[str, object]]:
        names = [each.attname for each in model._meta.concrete_fields]  # noqa: SLF001  # Django's documented model API
        for row in model._default_manager.order_by("pk").values(*names):  # noqa: SLF001  # the same
            yield {name: _plain(value) for name, value in row.items()}

    return rows


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
