"""A published version as a tagged PDF file: the stored text, block by block, typeset by the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from luvalla.documents.pdf import make_pdf
from luvalla.notices.models import NoticeVersion

KINDS: Final = {"h1": "title", "h2": "heading", "p": "text", "li": "item"}
FOOT: Final = {"fi": "versio", "sv": "version", "en": "version"}
NOTHING_ON_PAPER: Final = ("screen",)
"""Class of what makes sense only beside a proof on a screen."""


def typeset(notice: NoticeVersion, language: str) -> bytes:
    """Give the PDF of a version; the same version gives the same bytes.

    Raises documents.errors.NotTypeset when the text can't be typeset.
    """
    template = resources.files("luvalla.notices") / "data" / "notice.typ"
    blocks = list(blocks_of(notice.html_in(language)))
    controller = notice.facts["controller"]
    for run in (run for block in blocks for run in block["runs"] if run["href"].startswith("/")):
        run["href"] = controller.get("base_url", "").rstrip("/") + run["href"]
        run["text"] = f"{run['text']} ({run['href']})"
    title = next(each["runs"][0]["text"] for each in blocks if each["kind"] == "title")
    data = {
        "language": language,
        "title": title,
        "foot": f"{controller['name']} ({controller['business_id']}), {FOOT[language]} {notice.version}",
        "day": [notice.published_on.year, notice.published_on.month, notice.published_on.day],
        "blocks": blocks,
    }
    return make_pdf(template.read_text(encoding="utf-8"), data)


def blocks_of(html: str) -> Iterator[dict[str, Any]]:
    """Give headings, paragraphs, buttons and items of lists in their order; what is said of the screen is left out."""
    page = BeautifulSoup(re.sub(r"<!--.*?-->", "", html), "html.parser")
    for each in page.find_all(class_=NOTHING_ON_PAPER):
        each.decompose()
    for block in page.find_all(_is_block):
        runs = list(_runs(block))
        if any(run["text"].strip() for run in runs):
            is_quiet = "ver" in (block.get("class") or ())
            yield {"kind": KINDS.get(block.name, "text"), "runs": _trimmed(runs), "quiet": is_quiet}


def _is_block(tag: Tag) -> bool:
    return tag.name in KINDS or (tag.name == "a" and "btn" in (tag.get("class") or ()))


def _runs(block: Tag) -> Iterator[dict[str, Any]]:
    """Give pieces of text with what they are: bold, or a link."""
    for piece in block.descendants:
        if isinstance(piece, NavigableString):
            link = piece.find_parent("a")
            number = piece.parent is not None and block.name == "h2" and piece.parent.name == "span"
            text = re.sub(r"\s+", " ", str(piece))
            yield {
                "text": f"{text}\u2002" if number else text,
                "bold": piece.find_parent("b") is not None,
                "href": str(link["href"]) if link else "",
            }


def _trimmed(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [run for run in runs if run["text"]]
    kept[0] = {**kept[0], "text": kept[0]["text"].lstrip()}
    kept[-1] = {**kept[-1], "text": kept[-1]["text"].rstrip()}
    return [run for run in kept if run["text"]]
