"""A campaign as a file: lines "subject:", "preheader:" and "language:", an empty line, then Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from luvalla.campaigns.errors import BadFile, FileFault

MOST_BYTES: Final = 200_000
LONGEST_LINE: Final = 150
"""Characters of a subject or a preheader."""
LANGUAGES: Final = ("fi", "sv", "en")
HEADERS: Final = ("subject", "preheader", "language")
HEADER: Final = re.compile(r"([A-Za-z][A-Za-z -]*?)[ \t]*:(.*)", re.DOTALL)
# Controls but tab and line ends, and the bidirectional ones that can make a line read otherwise than it is.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class LetterFile:
    """What a campaign's file says. Its Markdown begins at line body_line, counted from 1."""

    subject: str
    preheader: str
    language: str
    markdown: str
    body_line: int


def read_letter_file(data: bytes, *, language: str) -> LetterFile:
    """Read a campaign's file; a file that names no language gets the given one.

    Raises BadFile with the line and the fault.
    """
    lines = LINE_END.split(_decoded(data))
    headers, body_line = _read_headers(lines)
    markdown = "\n".join(lines[body_line - 1 :])
    if "subject" not in headers:
        raise BadFile(FileFault.NO_SUBJECT, 1)
    if not markdown.strip():
        raise BadFile(FileFault.NO_BODY, max(len(lines), 1))
    return LetterFile(
        subject=headers["subject"],
        preheader=headers.get("preheader", ""),
        language=headers.get("language", language),
        markdown=markdown,
        body_line=body_line,
    )


def _decoded(data: bytes) -> str:
    """Decode and look for what a letter cannot hold; a byte order mark at the beginning is dropped."""
    if len(data) > MOST_BYTES:
        raise BadFile(FileFault.TOO_LARGE, 0, f"{MOST_BYTES // 1000} kB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadFile(FileFault.NOT_UTF8, data[: fault.start].count(b"\n") + 1) from None
    found = CONTROL.search(text)
    if found:
        line = len(LINE_END.findall(text, 0, found.start())) + 1
        raise BadFile(FileFault.CONTROL_CHARACTER, line, f"U+{ord(found[0]):04X}")
    return text


def _read_headers(lines: list[str]) -> tuple[dict[str, str], int]:
    """Read the lines before the first empty one; give them with the number of the line after it."""
    headers: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            return headers, number + 1
        name, value = _read_header(line, number)
        if name in headers:
            raise BadFile(FileFault.TWICE, number, name)
        headers[name] = value
    return headers, len(lines) + 1


def _read_header(line: str, number: int) -> tuple[str, str]:
    found = HEADER.fullmatch(line)
    if not found:
        raise BadFile(FileFault.NOT_A_HEADER, number)
    name, value = found[1].lower(), " ".join(found[2].split())
    if name not in HEADERS:
        raise BadFile(FileFault.UNKNOWN_HEADER, number, found[1])
    if name == "subject" and not value:
        raise BadFile(FileFault.NO_SUBJECT, number)
    if len(value) > LONGEST_LINE:
        raise BadFile(FileFault.TOO_LONG, number, str(LONGEST_LINE))
    if name == "language":
        return name, _language(value.lower(), number)
    return name, value


def _language(value: str, number: int) -> str:
    if value not in LANGUAGES:
        raise BadFile(FileFault.UNKNOWN_LANGUAGE, number, ", ".join(LANGUAGES))
    return value
