"""What a person takes along (GDPR 20): what they gave us or what concerns them, by a published schema, and as CSV.

Wider than the law asks: everybody gets it, not only those whose data rests on consent or contract. Another Luvalla
reads the same document; there it only begins a sign-up, because a permission to one controller is none to another.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib import resources
from typing import Any, Final

from django.utils import timezone

from luvalla.ledger.vault import keyring
from luvalla.organisation.queries import the_controller
from luvalla.register.tables import table
from luvalla.rights.cases import said
from luvalla.rights.collecting import found_in
from luvalla.rights.models import DataRequest
from luvalla.rules.address import NotAnAddress, normalise

SCHEMA: Final = "urn:luvalla:portable:1"
FIELDS: Final = ("kind", "source", "audience", "purposes", "since")
SUBJECT: Final = b"luvalla portable|"


class NotPortable(Exception):
    """This is no document of the schema, or it was changed on its way."""


@dataclass(frozen=True, slots=True)
class Portable:
    """A person's data on its way to another controller."""

    controller: str
    made_at: str
    address: str = field(repr=False)
    language: str = "en"
    permissions: tuple[dict[str, Any], ...] = ()
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    prohibitions: tuple[str, ...] = ()


def portable_of(request: DataRequest) -> Portable:
    """Make the document of a request from what its search has found in the register.

    What is left out of the copy for the sake of others is left out here too (GDPR 20(4)).
    """
    all_found = [each for row in request.searches.filter(store="register") for each in found_in(row)]
    found = [each for each in all_found if not each.get("withheld")]
    values: dict[str, str] = {}
    for each in found:
        if each["kind"] == "declared_value":
            values |= each["content"]
    return Portable(
        controller=the_controller().name,
        made_at=timezone.now().isoformat(),
        address=said(request).address,
        language=request.language,
        permissions=tuple(
            {name: each["content"].get(name) for name in FIELDS} for each in found if each["kind"] == "permission"
        ),
        fields=values,
        prohibitions=tuple(
            kind for each in found if each["kind"] == "prohibition" for kind in each["content"]["kinds"]
        ),
    )


def as_json(portable: Portable) -> bytes:
    """Write the document, signed with a key of this installation, so that we know our own again."""
    body = {"$schema": SCHEMA, **asdict(portable)}
    return json.dumps(
        {**body, "signature": _signature(body, keyring().ledger_key)}, ensure_ascii=False, indent=2
    ).encode()


def as_csv(portable: Portable) -> bytes:
    """Write the same as a table: what, and its value. No cell is executable."""
    rows = [("address", portable.address), ("language", portable.language)]
    rows += [
        (f"permission {n} {name}", _cell(each[name]))
        for n, each in enumerate(portable.permissions, 1)
        for name in FIELDS
    ]
    rows += list(portable.fields.items())
    rows += [("prohibition", each) for each in portable.prohibitions]
    return "".join(table(("what", "value"), rows)).encode()


def read_portable(document: bytes) -> Portable:
    """Read a document of any Luvalla; NotPortable when it isn't one.

    A language that the schema doesn't know is let through: whoever takes the document in answers in its own.
    """
    try:
        body = json.loads(document)
        if body.pop("$schema") != SCHEMA or not isinstance(body.pop("signature"), str):
            raise NotPortable
        portable = Portable(
            **{**body, "permissions": tuple(body["permissions"]), "prohibitions": tuple(body["prohibitions"])}
        )
        if normalise(portable.address).text != portable.address or not _is_well_formed(portable):
            raise NotPortable
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NotAnAddress):
        raise NotPortable from None
    return portable


def is_ours(document: bytes) -> bool:
    """Tell whether a document was written by this installation and has not been changed since."""
    body = json.loads(document)
    signature = body.pop("signature", "")
    return any(hmac.compare_digest(str(signature), _signature(body, key)) for key in keyring().ledger_keys)


def schema() -> dict[str, Any]:
    """Give the published JSON Schema of the document."""
    text = (resources.files("luvalla.rights") / "data" / "portable-1.schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _is_well_formed(portable: Portable) -> bool:
    parts = schema()["properties"]
    texts: list[Any] = [portable.controller, portable.made_at, portable.language, *portable.fields.values()]
    permissions: list[Any] = list(portable.permissions)
    return (
        all(isinstance(each, str) for each in texts)
        and all(each in parts["prohibitions"]["items"]["enum"] for each in portable.prohibitions)
        and all(_is_permission(each, parts["permissions"]["items"]["properties"]) for each in permissions)
    )


def _is_permission(each: Any, parts: dict[str, Any]) -> bool:
    return (
        isinstance(each, dict)
        and set(each) == set(FIELDS)
        and each["kind"] in parts["kind"]["enum"]
        and isinstance(each["purposes"], list)
        and all(isinstance(text, str) for text in (each["source"], each["audience"], *each["purposes"]))
        and (each["since"] is None or bool(date.fromisoformat(each["since"])))  # ValueError for what is no day
    )


def _cell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _signature(body: dict[str, Any], key: bytes) -> str:
    said_bytes = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    return hmac.digest(key, SUBJECT + hashlib.sha256(said_bytes).digest(), "sha256").hex()
