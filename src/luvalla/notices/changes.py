"""What a version says otherwise than the one before it: part by part, the words that came and those that went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, NamedTuple

from luvalla.notices.typesetting import blocks_of

SAME, ADDED, REMOVED = "same", "added", "removed"
ALIKE: Final = 0.45
"""Two paragraphs that share at least so much of their words are one, changed; others are one gone and one new."""


class Piece(NamedTuple):
    """Some words: the same as before, added or removed."""

    kind: str
    text: str


class Change(NamedTuple):
    """A paragraph or item that was added, removed or changed, under the heading of its part."""

    heading: str
    pieces: tuple[Piece, ...]


class _Block(NamedTuple):
    heading: str
    text: str


def changes(before: str, now: str) -> list[Change]:
    """Compare the HTML of two versions; their own numbers and days are not compared."""
    old, new = list(_blocks(before)), list(_blocks(now))
    found: list[Change] = []
    matcher = SequenceMatcher(None, [each.text for each in old], [each.text for each in new], autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind != "equal":
            found += _pairs(old[old_from:old_to], new[new_from:new_to])
    return found


def _blocks(html: str) -> Iterator[_Block]:
    heading = ""
    for each in blocks_of(html):
        text = " ".join("".join(run["text"] for run in each["runs"]).split())
        if each["kind"] in {"title", "heading"}:
            heading = re.sub(r"^\d+\s*", "", text)
        if not each["quiet"]:
            yield _Block(heading, text)


def _pairs(old: Sequence[_Block], new: Sequence[_Block]) -> Iterator[Change]:
    for gone, came in zip_longest(old, new):
        if gone and came and _ratio(gone.text, came.text) >= ALIKE:
            yield Change(came.heading, tuple(_words(gone.text, came.text)))
            continue
        if gone:
            yield Change(gone.heading, (Piece(REMOVED, gone.text),))
        if came:
            yield Change(came.heading, (Piece(ADDED, came.text),))


def _ratio(old: str, new: str) -> float:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio()


def _words(old: str, new: str) -> Iterator[Piece]:
    """Give the words in the order they are read: what went before what came."""
    before, now = old.split(), new.split()
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(SAME, " ".join(now[new_from:new_to]))
            continue
        if old_to > old_from:
            yield Piece(REMOVED, " ".join(before[old_from:old_to]))
        if new_to > new_from:
            yield Piece(ADDED, " ".join(now[new_from:new_to]))
