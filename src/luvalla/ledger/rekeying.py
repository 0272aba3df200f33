"""Bringing every token up to a new token key without the addresses: HMAC(new key, old token).

What is sealed is bound to its row's token, so it is sealed anew in the same step. Rooms say which of their tables hold
tokens; each table is done in small transactions that note how far they came, so that it can be interrupted. Nothing
else may run meanwhile: `check_keys` refuses every other start until it is finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction

from luvalla.ledger.actions import record
from luvalla.ledger.actors import Actor
from luvalla.ledger.keycheck import fingerprints, remember, token_generation
from luvalla.ledger.models import Rekeying
from luvalla.ledger.vault import keyring, sealer
from luvalla.rules.ports import Registry

ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed field, the name its values are sealed under, and the row's token field they are bound to."""

    field: str
    column: str
    token: str


@dataclass(frozen=True, slots=True)
class Child:
    """A table whose sealed field is bound to a token of the row its foreign key leads to."""

    model: str
    foreign_key: str
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class TokenTable:
    """A table with token fields, what is sealed in it, and what hangs on its rows."""

    model: str
    tokens: tuple[str, ...]
    sealed: tuple[Sealed, ...] = ()
    children: tuple[Child, ...] = ()

    def fields(self) -> set[tuple[str, str]]:
        """Name every field that is brought up: pairs of model label and field."""
        own = {(self.model, name) for name in (*self.tokens, *(each.field for each in self.sealed))}
        return own | {(each.model, each.sealed.field) for each in self.children}


token_tables: Registry[TokenTable] = Registry("token table")


def rekey_tokens(*, actor: Actor) -> int:
    """Bring all tokens up to the newest token key of the keyring and tell how many rows were changed in this run.

    Called again after an interruption it goes on where it was. Does nothing when the tokens are up to date.
    """
    generation, newest = token_generation(), len(keyring().token_keys)
    if generation == newest:
        return 0
    changed = sum(_bring_up(table, generation) for table in token_tables)
    with transaction.atomic():
        remember({name: made for name, made in fingerprints(keyring()).items() if name.startswith("token.")})
        Rekeying.objects.all().delete()
        record("ledger.rekey_tokens", actor=actor, facts={"generation": newest})
    return changed


def _bring_up(table: TokenTable, generation: int) -> int:
    changed = 0
    while some := _bring_some_up(table, generation):
        changed += some
    return changed


def _bring_some_up(table: TokenTable, generation: int) -> int:
    with transaction.atomic():
        progress, _ = Rekeying.objects.select_for_update().get_or_create(
            table=table.model, defaults={"generation": generation}
        )
        model = apps.get_model(table.model)
        rows = list(model._default_manager.filter(pk__gt=progress.done_up_to).order_by("pk")[:ROWS_AT_ONCE])  # noqa: SLF001  # Django's documented model API
        if not rows:
            return 0
        before = {row.pk: _tokens(row, table.tokens) for row in rows}
        after = {pk: {name: _up(token, generation) for name, token in each.items()} for pk, each in before.items()}
        _write(model, [_changes(row, table.sealed, before[row.pk], after[row.pk]) for row in rows])
        for child in table.children:
            _reseal(child, before, after)
        progress.done_up_to = rows[-1].pk
        progress.save(update_fields=["done_up_to"])
    return len(rows)


def _tokens(row: models.Model, names: Iterable[str]) -> dict[str, bytes]:
    return {name: bytes(getattr(row, name)) for name in names}


def _up(token: bytes, generation: int) -> bytes:
    """Bring one token up; an emptied one stays empty."""
    return sealer().rekeyed(token, generation) if token else token


def _changes(
    row: models.Model, sealed: Sequence[Sealed], before: dict[str, bytes], after: dict[str, bytes]
) -> dict[str, Any]:
    changes: dict[str, Any] = {"pk": row.pk, **after}
    for each in sealed:
        value = getattr(row, each.field)
        if value:
            changes[each.field] = _moved(bytes(value), each, before[each.token], after[each.token])
    return changes


def _moved(value: bytes, sealed: Sealed, before: bytes, after: bytes) -> bytes:
    opened = sealer().open(value, column=sealed.column, token=before)
    return sealer().seal(opened, column=sealed.column, token=after)


def _reseal(child: Child, before: dict[int, dict[str, bytes]], after: dict[int, dict[str, bytes]]) -> None:
    model, name = apps.get_model(child.model), child.sealed.token
    rows = model._default_manager.filter(**{f"{child.foreign_key}__in": list(before)})  # noqa: SLF001  # documented API
    parents = ((row, getattr(row, f"{child.foreign_key}_id")) for row in rows)
    _write(
        model,
        [_changes(row, (child.sealed,), {name: before[key][name]}, {name: after[key][name]}) for row, key in parents],
        without=(name,),
    )


def _write(model: type[models.Model], changes: list[dict[str, Any]], *, without: Sequence[str] = ()) -> None:
    """Write the rows' changes, those of the same fields together."""
    meta, quoted = model._meta, connection.ops.quote_name  # noqa: SLF001  # Django's documented model API
    for each in changes:
        for name in without:
            each.pop(name)
    changes.sort(key=sorted)
    for names, group in groupby(changes, key=sorted):
        changed = [name for name in names if name != "pk"]
        if not changed:
            continue
        assignments = ", ".join(f"{quoted(name)} = %s" for name in changed)
        values = [[*(each[name] for name in changed), each["pk"]] for each in group]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {quoted(meta.db_table)} SET {assignments} WHERE id = %s", values)  # noqa: S608  # names of our own tables and columns
