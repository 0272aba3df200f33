"""What was made of a notice, as plain values for the command line, and as a page to read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.template.loader import render_to_string

from luvalla.notices.adoption.adopting import Adopted
from luvalla.notices.adoption.configuring import controller_of
from luvalla.notices.adoption.placing import Placed
from luvalla.notices.adoption.weak_points import weak_points
from luvalla.notices.registry import entry


def as_document(adopted: Adopted, language: str) -> dict[str, Any]:
    """Give everything as JSON values; reasons and resolutions in the language asked for."""
    details, doubtful = controller_of(adopted)
    found = asdict(adopted.found)
    return {
        "format": adopted.format,
        "language": adopted.language,
        "digest": adopted.digest,
        "dated": adopted.found.dated,
        "date": adopted.found.date.isoformat() if adopted.found.date else None,
        "controller": details,
        "assumed": list(doubtful),
        "business_id_is_right": adopted.found.business_id_is_right,
        **{name: list(found[name]) for name in ("purposes", "audiences", "sources", "periods", "companies")},
        "sentences": [_sentence(each) for each in adopted.sentences],
        "weak_points": [_weak_point(name, places, language) for name, places in adopted.weak.items()],
        "missing": list(adopted.missing),
        "not_placed": [each.sentence.place for each in adopted.not_placed],
    }


def as_page(adopted: Adopted, language: str) -> str:
    """Give the report as an HTML page that needs nothing beside itself."""
    names = sorted({name for each in adopted.sentences for name in each.claims}, key=lambda name: int(name[1:]))
    context = {
        "language": language,
        "report": as_document(adopted, language),
        "claims": {name: entry(name).text_in(language) for name in names},
        "whole": len(adopted.sentences),
        "placed": len(adopted.sentences) - len(adopted.not_placed),
    }
    return render_to_string("notices/adoption.html", context)


def _sentence(each: Placed) -> dict[str, Any]:
    return {
        "place": each.sentence.place,
        "part": each.sentence.part,
        "heading": each.sentence.heading,
        "is_heading": each.sentence.is_heading,
        "text": each.sentence.text,
        "claims": list(each.claims),
        "placed_by": each.by.value,
        "weak_points": list(each.weak),
    }


def _weak_point(name: str, places: tuple[int, ...], language: str) -> dict[str, Any]:
    point = weak_points()[name]
    return {"id": name, "law": point.law, "why": point.wrong[language], "now": point.now[language],
            "sentences": list(places)}  # fmt: skip
