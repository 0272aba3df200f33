"""The register's tables as the database's own catalogue describes them, against what they are allowed to hold."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db import connection
from django.db.backends.base.introspection import FieldInfo

CONTACT_COLUMNS: Final = frozenset(
    {"id", "ref", "token", "folded", "domain", "sealed", "restricted_at", "undeliverable_until", "created_at"}
)
"""All that is kept of a contact: the address in its forms, and how it stands."""
ABOUT_PEOPLE: Final = re.compile(
    r"[^\s@\"]+@[^\s@\"]+\.[a-z]{2,}"  # an address
    r"|\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b"  # a Finnish personal identity code (act 661/2009)
    r"|(?<!\w)\+358[\d\s]{6,}",  # a telephone number
    re.IGNORECASE,
)
GIVEN_NAMES: Final = (
    "Aino|Anna|Anne|Anneli|Annika|Antero|Antti|Arja|Eeva|Eino|Elina|Emilia|Erik|Eva|Hanna|Heikki|Helena|Inkeri|Irja|"
    "Jaakko|Janne|Jari|Johanna|Johannes|Juha|Juhani|Jukka|Kaarina|Kalevi|Kari|Kristiina|Lars|Leena|Liisa|Maija|Maria|"
    "Marja|Marjatta|Markku|Matti|Mika|Mikael|Mikko|Olavi|Pekka|Pentti|Petri|Pirjo|Päivi|Riitta|Ritva|Sami|Sari|"
    "Seppo|Sinikka|Sofia|Tapani|Tapio|Tarja|Teemu|Timo|Tuula|Tuulikki|Ulla|Veikko|Ville"
)
"""The commonest given names of the population register: beside a second name they are about somebody."""
NAMED: Final = re.compile(rf"\b(?:{GIVEN_NAMES})(?:-[A-ZÅÄÖ][a-zåäö]+)?[ ,;\t]+[A-ZÅÄÖ][a-zåäö]{{2,}}\b")
ORGANISATIONS: Final = frozenset({"register_source", "register_audience"})
"""Tables in which the organisation writes about itself."""
WITHOUT_MODELS: Final = ("django_migrations", "wagtailsearch_indexentry_fts")
"""Tables of libraries that no model describes: which migrations have run, and the index of pages and pictures."""
TEXTS: Final = frozenset({"CharField", "TextField", "JSONField"})
VALUES_AT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of the database."""

    table: str
    name: str
    is_text: bool
    is_bytes: bool = False

    def quoted(self) -> tuple[str, str]:
        """Give table and column as they are written in a query."""
        return connection.ops.quote_name(self.table), connection.ops.quote_name(self.name)


def is_about_somebody(text: str) -> bool:
    """Tell whether a text shows an address, a personal code, a number or a name of the population register."""
    return bool(ABOUT_PEOPLE.search(text) or NAMED.search(text))


def columns(prefix: str = "") -> list[Column]:
    """Ask the database for all columns of its tables, or of those whose name begins so."""
    look = connection.introspection
    with connection.cursor() as cursor:
        tables = [each for each in look.table_names(cursor) if each.startswith(prefix)]
        return [
            Column(table, each.name, _kind(each) in TEXTS, _kind(each) == "BinaryField")
            for table in tables for each in look.get_table_description(cursor, table)
        ]  # fmt: skip


def strange_columns() -> list[str]:
    """Name the columns and tables of the register that its models don't have, or that a contact may not have."""
    known = {each._meta.db_table: _columns(each) for each in apps.get_app_config("register").get_models()}  # noqa: SLF001  # Django's documented model API
    known["register_contact"] = CONTACT_COLUMNS
    strange = (each for each in columns("register_") if each.name not in known.get(each.table, frozenset()))
    return sorted(f"{each.table}.{each.name}" for each in strange)


def unknown_columns() -> list[str]:
    """Name the columns of the whole database that no model has: nobody answers for them, whoever made them."""
    known: dict[str, set[str]] = defaultdict(set)
    for each in apps.get_models(include_auto_created=True):
        known[each._meta.db_table] |= _columns(each)  # noqa: SLF001  # Django's documented model API
    strange = (each for each in columns() if each.name not in known[each.table])
    return sorted(f"{each.table}.{each.name}" for each in strange if not each.table.startswith(WITHOUT_MODELS))


def columns_about_people() -> list[str]:
    """Name the text columns of the register with a value that looks like an address, a personal code or a number."""
    texts = (each for each in columns("register_") if each.is_text and each.table not in ORGANISATIONS)
    return sorted(f"{each.table}.{each.name}" for each in texts if any(map(is_about_somebody, _values(each))))


def _columns(model: type) -> frozenset[str]:
    return frozenset(each.column for each in model._meta.concrete_fields)  # type: ignore[attr-defined]  # noqa: SLF001  # Django's documented model API


def _kind(column: FieldInfo) -> str:
    """Name the kind of a column. A type that Django doesn't know might hold text."""
    try:
        kind = connection.introspection.get_field_type(column.type_code, column)  # type: ignore[arg-type]  # SQLite's codes are words
    except KeyError:
        return "TextField"
    return kind


def _values(column: Column) -> list[str]:
    table, name = column.quoted()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT CAST({name} AS text) FROM {table} LIMIT {VALUES_AT_MOST}")  # noqa: S608  # our names
        return [value for (value,) in cursor.fetchall() if value]
