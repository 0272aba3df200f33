"""The holes of a letter: what may be filled in, and how it is written where it stands."""

from __future__ import annotations

import enum
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime
from typing import Final, NamedTuple

from luvalla.sending.encoded_words import encode_words
from luvalla.sending.errors import BadSource, SourceFault, SourcePart
from luvalla.sending.quoted_printable import break_token, encode_line

STOP_MARK: Final = "stop-token-5f3a9c"
"""Stands in a source text where the token of the stop address goes: https://esimerkki.fi/s/stop-token-5f3a9c."""
_MARK: Final = re.compile(r"(stop-token-5f3a9c)|field-([a-z][a-z0-9_]{0,40})-5f3a9c")
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")

MOST_TOKEN: Final = 120
_MOST_FIELD: Final = 500


class Hole(enum.StrEnum):
    """What differs from recipient to recipient, apart from declared fields (field_hole)."""

    TO = "to"
    """The recipient's address, UTF-8."""
    MESSAGE_ID = "message_id"
    """The part of the Message-ID before its @."""
    STOP_TOKEN = "stop_token"  # noqa: S105  # the hole's name
    DATE = "date"
    """Only in letters compiled without a date; the same for all recipients (mail_date)."""


def field_hole(name: str) -> str:
    """Name the hole of a declared field."""
    return f"field:{name}"


def field_mark(name: str) -> str:
    """Give the mark that stands in a source text where a declared field's value goes."""
    return f"field-{name}-5f3a9c"


def mail_date(moment: datetime) -> bytes:
    """Write a date as mail does (RFC 5322 section 3.3); it needs a time zone."""
    if moment.tzinfo is None:
        raise BadSource(SourcePart.DATE, SourceFault.DATE)
    return format_datetime(moment).encode("ascii")


class Context(enum.StrEnum):
    """Where a hole stands."""

    HEADER = "header"
    TOKEN = "token"  # noqa: S105  # a place
    """In a body, for values that need no encoding."""
    TEXT = "text"
    HTML = "html"
    SUBJECT = "subject"


class Slot(NamedTuple):
    """One place where a hole's value goes."""

    hole: str
    context: Context


def split_marks(source: str, context: Context, fields: frozenset[str], part: SourcePart) -> Iterator[str | Slot]:
    """Cut a source text at its marks. Raises BadSource naming the part where a field is not declared."""
    end = 0
    for found in _MARK.finditer(source):
        if found.start() > end:
            yield source[end : found.start()]
        end = found.end()
        if found[1]:
            if context is Context.SUBJECT:
                raise BadSource(part, SourceFault.FIELD)
            yield Slot(Hole.STOP_TOKEN, Context.TOKEN)
        elif found[2] in fields:
            yield Slot(field_hole(found[2]), context)
        else:
            raise BadSource(part, SourceFault.FIELD)
    if end < len(source):
        yield source[end:]


def has_control(text: str) -> bool:
    """Whether a text has a character that no header and no field may hold: controls, line and paragraph separators."""
    return any(unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs") for each in text)


_ADDRESS: Final = re.compile(
    rb"""(?=.{3,254}\Z)[^\x00-\x20\x7f()<>\[\]:;@\\,"]{1,64}@[^\x00-\x2c\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{1,253}""",
    re.DOTALL,
)
_PATTERNS: Final[dict[str, re.Pattern[bytes]]] = {
    Hole.MESSAGE_ID: re.compile(rb"(?=.{1,120}\Z)[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*"),
    Hole.STOP_TOKEN: re.compile(rb"[A-Za-z0-9_-]{1,%d}" % MOST_TOKEN),
    Hole.DATE: re.compile(rb"[A-Za-z0-9,:+ -]{1,40}"),
}


def fits_address(value: bytes) -> bool:
    """Whether a header can carry it as an address: ASCII, or UTF-8 with SMTPUTF8; without quotes and comments."""
    if not _ADDRESS.fullmatch(value):
        return False
    return value.isascii() or _is_clean_text(value)


def _fits_field(value: bytes) -> bool:
    """Whether it is a short text without controls."""
    return len(value) <= _MOST_FIELD and _is_clean_text(value)


def _is_clean_text(value: bytes) -> bool:
    """Whether it is UTF-8 without controls."""
    try:
        return not has_control(value.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def checker_of(hole: str) -> Callable[[bytes], object]:
    """Give the function that says whether a value fits the hole."""
    if hole == Hole.TO:
        return fits_address
    pattern = _PATTERNS.get(hole)
    return _fits_field if pattern is None else pattern.fullmatch


def writer_of(context: Context) -> Callable[[bytes], bytes] | None:
    """Give the function that writes a value where it stands; None where it stands as it is."""
    return _WRITERS.get(context)


_WRITERS: Final[dict[Context, Callable[[bytes], bytes]]] = {
    Context.TOKEN: break_token,
    Context.TEXT: lambda value: encode_line(value.decode("utf-8")),
    Context.HTML: lambda value: encode_line(html.escape(value.decode("utf-8"))),
    Context.SUBJECT: lambda value: b"\r\n ".join(encode_words(value.decode("utf-8"))),
}


def is_hole(hole: str) -> bool:
    """Whether a letter can have such a hole."""
    return hole in tuple(Hole) or (hole.startswith("field:") and bool(_FIELD_NAME.fullmatch(hole[6:])))
