"""The plain text part: wrapped lines, headings with rules under them, lists, and links as footnotes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

WIDTH: Final = 72
NO_BREAK: Final = "\u00a0"
"""Keeps a note's number on the line of its words while a paragraph is wrapped."""


@dataclass(slots=True)
class Notes:
    """The addresses of a letter's links, numbered in the order they come; an address has one number."""

    addresses: list[str] = field(default_factory=list)
    _shown: int = 0

    def number(self, address: str) -> int:
        """Give the number of an address, its next one when it is new."""
        if address not in self.addresses:
            self.addresses.append(address)
        return self.addresses.index(address) + 1

    def take_new(self) -> str:
        """List the addresses that came since the last call, one a line."""
        lines = [f"[{number}] {address}" for number, address in enumerate(self.addresses, 1) if number > self._shown]
        self._shown = len(self.addresses)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Plain:
    """Where plain text is set: its width in characters, and the notes of the letter."""

    width: int = WIDTH
    notes: Notes = field(default_factory=Notes)

    def narrower(self, by: int) -> Plain:
        """Give the same place with less width."""
        return replace(self, width=self.width - by)

    def wrap(self, text: str, *, first: str = "", rest: str = "") -> str:
        """Set a paragraph; first and rest begin its first and further lines. Words, so addresses too, stay whole."""
        lines: list[str] = []
        for line in text.split("\n"):
            before = rest if lines else first
            lines += textwrap.wrap(
                line,
                self.width,
                initial_indent=before,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [before.rstrip()]
        return "\n".join(lines).replace(NO_BREAK, " ")

    def heading(self, text: str, rule: str) -> str:
        """Set a heading with a rule of its longest line's length under it."""
        lines = self.wrap(" ".join(text.split())).split("\n")
        longest = max(len(line) for line in lines)
        return "\n".join([*lines, rule * longest]) if longest else ""


def paragraphs(parts: Iterable[str]) -> str:
    """Put an empty line between parts; parts without text vanish."""
    return "\n\n".join(part for part in parts if part.strip())


def quoted(text: str, mark: str = "| ") -> str:
    """Put a mark before each line, so that a box is a box without colours."""
    return "\n".join((mark + line).rstrip() for line in text.split("\n"))
