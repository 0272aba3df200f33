"""The pack that is delivered: the copy to read (PDF) and to compute with (JSON), and what is taken along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from luvalla.documents.pdf import make_pdf
from luvalla.organisation.models import DeclaredField, Purpose
from luvalla.organisation.queries import the_controller
from luvalla.register.models import Audience, Source
from luvalla.rights.cases import said
from luvalla.rights.collecting import found_in
from luvalla.rights.copies.enclosures import enclosures
from luvalla.rights.copies.gathering import gather, plainly
from luvalla.rights.copies.portability import as_csv, as_json, portable_of
from luvalla.rights.copies.scanning import Enclosed, sorted_by_scan
from luvalla.rights.letters.texts import texts
from luvalla.rights.letters.writing import contact_of, day_in
from luvalla.rights.models import DataRequest
from luvalla.rules.case_states import Right

FILES: Final = "files/"
UNSCANNED: Final = "files/unscanned/"
"""Where a file stands that no virus scanner has looked at."""
PRINTED: Final = ("stores", "nothing", "withheld", "files", "looks", "looks_lead", "no_looks", "about")
NAMED: Final[dict[str, type[Source | Audience | Purpose]]] = {
    "source": Source, "audience": Audience, "purposes": Purpose,
}  # fmt: skip
"""Fields whose values are keys of what the organisation has named in each language."""


def pack(request: DataRequest) -> bytes:
    """Give the ZIP file of an answered request, made in memory: of access, of portability, or of both."""
    files: dict[str, bytes] = {}
    if Right.ACCESS in request.chosen:
        enclosed = _enclosed(request)
        copy = {**gather(request), "unscanned": [*enclosed.unscanned], "bad": [*enclosed.bad]}
        files[f"{request.number}.pdf"] = copy_as_pdf(request, copy)
        files[f"{request.number}.json"] = _json(copy)
        files |= {f"{FILES}{name}": content for name, content in enclosed.clean.items()}
        files |= {f"{UNSCANNED}{name}": content for name, content in enclosed.unscanned.items()}
    if Right.PORTABILITY in request.chosen:
        portable = portable_of(request)
        files["portable.json"] = as_json(portable)
        files["portable.csv"] = as_csv(portable)
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return made.getvalue()


def _enclosed(request: DataRequest) -> Enclosed:
    found = [each for search in request.searches.order_by("pk") for each in found_in(search)]
    return sorted_by_scan(enclosures(found))


def copy_as_pdf(request: DataRequest, copy: dict[str, Any]) -> bytes:
    """Typeset a copy as a tagged PDF for its person to read."""
    words, names, controller = texts(request.language)["copy"], texts(request.language)["names"], the_controller()
    searches = request.searches.order_by("-at").values_list("at", flat=True).first() or request.receipt_at
    is_cut = request.searches.filter(withheld__gt=0).exists() or bool(said(request).hidden)
    data = {
        "title": words["title"],
        "language": request.language,
        "sender": [
            controller.name,
            f"{controller.street}, {controller.postcode} {controller.city}",
            contact_of(controller),
        ],
        "facts": [[names["case"], request.number], [names["date"], day_in(timezone.localdate(), request.language)]],
        "foot": f"{controller.name} · {names['case']} {request.number}",
        "lead": words["lead_withheld" if is_cut else "lead"].format(searched=day_in(searches, request.language)),
        "words": {
            name: words[name]
            for name in ("stores", "nothing", "withheld", "looks", "looks_lead", "no_looks", "about", "files")
        },
        "stores": [
            {"name": each["name"], "items": [_rows(item, request.language) for item in each["items"]]}
            for each in copy["stores"]
        ],
        "looks": [[each["at"], f"{each['how']}: {each['purpose']}"] for each in copy["looks"]],
        "files": [[words[name], words[f"{name}_text"], copy[name]] for name in ("unscanned", "bad") if copy.get(name)],
        "about": [[heading, list(said)] for heading, said in copy["information"]],
    }
    template = (resources.files("luvalla.rights.copies") / "copy.typ").read_text(encoding="utf-8")
    return make_pdf(template, data)


def shown_as(item: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Give one thing that was found as its reader sees it: kind, at and pairs of field and value, in their language."""
    return _rows({name: value for name, value in item.items() if name != "withheld"}, language)


def _rows(item: dict[str, Any], language: str) -> dict[str, Any]:
    """Give one thing as heading and pairs in the reader's language; a nested value becomes a line of its own."""
    kind = texts(language)["kinds"].get(item["kind"], item["kind"])
    at = plainly(item["at"], language)
    if item.get("withheld"):
        return {"kind": kind, "at": at, "withheld": True, "pairs": []}
    return {"kind": kind, "at": at, "withheld": False, "pairs": list(_flat(item["content"], language))}


def _flat(value: Any, language: str, before: str = "") -> list[list[str]]:
    if isinstance(value, dict):
        named = {**value, **{name: _names(name, value[name], language) for name in NAMED if value.get(name)}}
        return [row for name, each in named.items() for row in _flat(each, language, _field(name, language))]
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return [row for each in value for row in _flat(each, language, before)]
    said = [plainly(each, language) for each in (value if isinstance(value, list) else [value])]
    text = ", ".join(each for each in said if each)
    return [[before, text]] if text else []


def _names(field: str, keys: object, language: str) -> object:
    """Give the names of sources, audiences or purposes in the reader's language, for one key or several."""
    if isinstance(keys, list):
        return [_names(field, each, language) for each in keys]
    row = NAMED[field].objects.filter(key=keys).first()
    return row.name_in(language) if row is not None else keys


def _field(name: str, language: str) -> str:
    """Name a field as its reader does: one of ours by its word, one that the organisation has declared by its name."""
    known = texts(language)["fields"].get(name)
    if known is not None:
        return str(known)
    declared = DeclaredField.objects.filter(key=name).first()
    return declared.name_in(language) if declared is not None else name.replace("_", " ")


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2, default=str).encode()
