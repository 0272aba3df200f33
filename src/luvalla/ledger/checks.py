"""Django's system checks of the ledger: the keys, and nothing for personal data that nobody answers for.

Every column that can hold text, and every folder of the home, is answered for by a Holding or declared to be without
people, with the reason, in without_people.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, models

from luvalla.ledger.errors import DatabaseEmpty, KeyringBroken, KeysAhead, KeysMissing, KeysWrong
from luvalla.ledger.keycheck import check_keys
from luvalla.ledger.rekeying import token_tables
from luvalla.rules.ports import holdings

FOLDERS: Final = "folders"
BOUND_NAMES: Final = frozenset({"sealed", "token", "folded", "domain", "proof", "corrected"})
"""Names of binary columns that hold a token or what is sealed under one."""
WORDS: Final = (models.CharField, models.TextField, models.BinaryField, models.JSONField, models.FileField)
"""Kinds of columns in which something about a person can stand."""


@cache
def without_people() -> dict[str, frozenset[str]]:
    """Give what is declared to be without people: columns by the label of their model, and "folders"."""
    data = resources.files("luvalla.ledger") / "without_people.toml"
    read = tomllib.loads(data.read_text(encoding="utf-8"))
    declared = {
        label: frozenset(each["columns"]) for label, each in read.items() if label != FOLDERS and each["reason"]
    }
    return {**declared, FOLDERS: frozenset(name for name, reason in read[FOLDERS].items() if reason)}


def check_holdings(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  # Django calls it so
    """Find models and folders that can hold personal data and have no Holding, and tokens no new key would reach."""
    answered = {label for holding in holdings for label in holding.models}
    rekeyed = {pair for table in token_tables for pair in table.fields()}
    faults: list[CheckMessage] = []
    for model in _our_models():
        label = model._meta.label  # noqa: SLF001  # Django's documented model API
        undeclared = [] if label in answered else _undeclared(model)
        if undeclared:
            faults.append(_no_holding(model, undeclared))
        faults += [_not_rekeyed(model, name) for name in _bound_fields(model) if (label, name) not in rekeyed]
    return [*faults, *(_no_holding_of_folder(each) for each in _undeclared_folders())]


def check_the_keys(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001  # Django calls it so
    """Say that a key is lost or another one; a database that isn't there yet is no fault."""
    try:
        check_keys()
    except (KeysMissing, KeysWrong, KeyringBroken, KeysAhead) as fault:
        return [Error(f"{type(fault).__doc__} ({fault})", id="luvalla.E003")]
    except (DatabaseEmpty, DatabaseError):
        return []
    return []


def _our_models() -> Iterator[type[models.Model]]:
    return (each for each in apps.get_models() if each.__module__.startswith("luvalla."))


def _undeclared(model: type[models.Model]) -> list[str]:
    """Name a model's columns that can hold something about a person and aren't declared to be without people."""
    meta = model._meta  # noqa: SLF001  # Django's documented model API
    declared = without_people().get(meta.label, frozenset())
    could = (each for each in meta.local_concrete_fields if isinstance(each, WORDS) and not each.choices)
    return [each.name for each in could if each.name not in declared or _is_bound(each)]


def _undeclared_folders() -> list[str]:
    """Name the folders of the home that nobody answers for."""
    home = Path(settings.LUVALLA_HOME)
    answered = without_people()[FOLDERS].union(*(holding.folders for holding in holdings))
    return sorted(each.name for each in home.glob("*") if each.is_dir() and each.name not in answered)


def _bound_fields(model: type[models.Model]) -> Iterator[str]:
    return (each.name for each in model._meta.get_fields() if _is_bound(each))  # noqa: SLF001  # the same


def _is_bound(field: object) -> bool:
    """Tell whether a field is a token or sealed under one."""
    return isinstance(field, models.BinaryField) and field.name in BOUND_NAMES


def _no_holding(model: type[models.Model], names: list[str]) -> CheckMessage:
    hint = (
        "Name the model in the Holding of its room and let it find and erase what is kept; "
        "or declare the columns, with the reason, in ledger/without_people.toml."
    )
    message = f"{model.__name__} can hold personal data ({', '.join(names)}) and no Holding answers for it."
    return Error(message, hint=hint, obj=model, id="luvalla.E001")


def _no_holding_of_folder(name: str) -> CheckMessage:
    hint = "Name the folder in the Holding of its room, or declare it, with the reason, in ledger/without_people.toml."
    return Error(f"The folder {name} in LUVALLA_HOME has no Holding that answers for it.", hint=hint, id="luvalla.E004")


def _not_rekeyed(model: type[models.Model], name: str) -> CheckMessage:
    hint = "Name the field in a TokenTable of its room, registered at ledger.rekeying.token_tables."
    return Error(f"A new token key would not reach {model.__name__}.{name}.", hint=hint, obj=model, id="luvalla.E002")
