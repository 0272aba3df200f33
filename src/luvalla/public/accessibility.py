"""The evidence that the public pages are accessible: made with a browser at release, compared without one (X5).

The release crawls every public page with axe and ships `data/accessibility.json`: what was found (nothing), the shapes
of the elements it was found in, what a page left in the browser (nothing, S33), and the hash of the templates and
styles they came from. A running system fetches its pages and looks whether they still are those: of the same
templates, of the same shapes, every control with its name.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from bs4 import BeautifulSoup, Tag

import luvalla
from luvalla.public.fetching import fetch
from luvalla.public.paths import every_plain_path
from luvalla.rules.ports import Finding, Verdict

PACKAGE: Final = Path(luvalla.__file__).parent
SOURCES: Final = ("public/templates/public", "public/static/luvalla", "notices/templates/notices")
"""What the pages are made from."""
VERDICTS: Final = re.compile(r"holds|broken|unknown|unbuilt")
"""Words in class names that say how a proof stands just now."""
KINDS: Final = ("type", "role", "rel", "scope")
CONTROLS: Final = ("input", "select", "textarea")
BREAK: Final = "wbr"
"""Stands in the middle of an address, and comes and goes with the words."""
NAMELESS: Final = ("hidden", "submit")


def pages_are_as_they_were_examined() -> Finding:
    """X5: the pages are those that axe examined: their templates, their shapes, and every control and picture named."""
    evidence, pages = shipped_evidence(), {path: fetch(path) for path in every_plain_path()}
    shown = {path: page.text for path, page in pages.items() if page.text.lstrip().startswith("<!")}
    unseen = {path for path, text in shown.items() if shapes(text) - set(evidence["shapes"])}
    faulty = {path for path, text in shown.items() if faults(text)}
    is_of_this_version = evidence["of"] == sources_digest()
    figures = {
        "pages": len(shown),
        "without_a_name": sorted(faulty),
        "never_examined": sorted(unseen),
        "evidence_of_this_version": is_of_this_version,
        "violations": evidence["violations"],
        "axe": evidence["axe"],
        "made_on": evidence["made_on"],
    }
    is_broken = bool(faulty or evidence["violations"] or (unseen and is_of_this_version))
    if not is_broken and not is_of_this_version:
        return Finding(Verdict.UNKNOWN, figures)
    return Finding(Verdict.BROKEN if is_broken else Verdict.HOLDS, figures)


@cache
def shipped_evidence() -> dict[str, Any]:
    """Read the evidence of the release."""
    text = (resources.files("luvalla.public") / "data" / "accessibility.json").read_text(encoding="utf-8")
    evidence: dict[str, Any] = json.loads(text)
    return evidence


def sources_digest() -> str:
    """Hash the names and bytes of the templates and styles of the public pages."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted((PACKAGE / folder).rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(PACKAGE).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def shapes(html: str) -> set[str]:
    """Give the shapes of a page's elements, each as 16 hex digits: what it is, inside what, with which attributes.

    Words, where they may break, numbers of elements and the standing of proofs leave the shapes as they are.
    """
    page = BeautifulSoup(html, "html.parser")
    elements = (each for each in page.descendants if isinstance(each, Tag) and each.name != BREAK)
    return {hashlib.sha256(_shape(page, each).encode()).hexdigest()[:16] for each in elements}


def faults(html: str) -> list[str]:
    """Name what is wrong without a browser: a control or picture without a name, a page without language or heading."""
    page = BeautifulSoup(html, "html.parser")
    found = [each.name for each in page.find_all(CONTROLS) if not _has_name(page, each)]
    found += [each.name for each in page.find_all("img") if not each.has_attr("alt")]
    found += [each.name for each in page.find_all(["a", "button"]) if not _says_something(each)]
    root = page.find("html")
    if not isinstance(root, Tag) or not root.get("lang"):
        found.append("lang")
    return found + [name for name in ("title", "h1", "main") if page.find(name) is None]


def _shape(page: BeautifulSoup, element: Tag) -> str:
    within = element.parent.name if element.parent else ""
    classes = " ".join(sorted(VERDICTS.sub("", each) for each in element.get_attribute_list("class") if each))
    kinds = [f"{name}={element.get(name)}" for name in KINDS if element.has_attr(name)]
    named = "named" if element.name in CONTROLS and _has_name(page, element) else ""
    return "|".join([within, element.name, classes, *sorted(element.attrs), *kinds, named])


def _has_name(page: BeautifulSoup, control: Tag) -> bool:
    if control.get("type") in NAMELESS or control.get("aria-label") or control.get("aria-labelledby"):
        return True
    name = control.get("id")
    return control.find_parent("label") is not None or bool(name and page.find("label", attrs={"for": name}))


def _says_something(element: Tag) -> bool:
    pictures = any(each.get("alt") for each in element.find_all("img"))
    return bool(element.get_text(strip=True) or element.get("aria-label") or pictures)
