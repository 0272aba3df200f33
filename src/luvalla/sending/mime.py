"""MIME parts (RFC 2045, 2046, 2183, 2387) as constant bytes and slots, 7-bit clean for every relay."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from luvalla.sending import headers
from luvalla.sending.errors import BadSource, SourceFault, SourcePart
from luvalla.sending.holes import Slot
from luvalla.sending.quoted_printable import encode_body

Pieces = list[bytes | Slot]

_CID: Final = re.compile(r"[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)?")
_MOST_CID: Final = 100
_COLUMNS: Final = 57
"""Bytes that base64 makes 76 characters of."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture that the HTML shows as cid:..."""

    cid: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with the letter."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its header fields, CRLF-ended, and its body."""

    head: bytes
    body: Pieces


def text_part(subtype: str, pieces: Iterable[str | Slot]) -> Part:
    """Make a text of quoted-printable UTF-8."""
    head = headers.field("Content-Type", [b"text/%b;" % subtype.encode("ascii"), b"charset=utf-8"])
    return Part(head + b"Content-Transfer-Encoding: quoted-printable\r\n", list(encode_body(pieces)))


def multipart(subtype: str, parts: Sequence[Part], boundary: str, *parameters: bytes) -> Part:
    """Put parts together. The boundary has "=_" in it, which neither quoted-printable nor base64 can bring forth."""
    line = boundary.encode("ascii")
    tokens = [
        b"multipart/%b;" % subtype.encode("ascii"),
        *(each + b";" for each in parameters),
        b'boundary="%b"' % line,
    ]
    body: Pieces = []
    for part in parts:
        body += [b"--%b\r\n%b\r\n" % (line, part.head), *part.body, b"\r\n"]
    body.append(b"--%b--\r\n" % line)
    return Part(headers.field("Content-Type", tokens), body)


def image_part(image: InlineImage) -> Part:
    """Make a part that the HTML beside it shows."""
    if not _CID.fullmatch(image.cid) or len(image.cid) > _MOST_CID:
        raise BadSource(SourcePart.IMAGE, SourceFault.CID)
    kind = headers.content_type(SourcePart.IMAGE, image.content_type).encode("ascii")
    head = (
        headers.field("Content-Type", [kind])
        + headers.field("Content-ID", [b"<%b>" % image.cid.encode("ascii")])
        + headers.field("Content-Disposition", [b"inline"])
    )
    return _base64_part(head, image.data)


def attachment_part(attachment: Attachment) -> Part:
    """Make a part that is kept as a file, under its name in any script (RFC 2231)."""
    if not attachment.filename:
        raise BadSource(SourcePart.ATTACHMENT_NAME, SourceFault.EMPTY)
    kind = headers.content_type(SourcePart.ATTACHMENT, attachment.content_type).encode("ascii")
    named = headers.parameter(SourcePart.ATTACHMENT_NAME, "filename", attachment.filename)
    head = headers.field("Content-Type", [kind]) + headers.field(
        "Content-Disposition",
        [b"attachment;", *(each + b";" for each in named[:-1]), named[-1]],
    )
    return _base64_part(head, attachment.data)


def _base64_part(head: bytes, data: bytes) -> Part:
    """Make a part of bytes."""
    lines = (b64encode(data[start : start + _COLUMNS]) for start in range(0, len(data), _COLUMNS))
    return Part(head + b"Content-Transfer-Encoding: base64\r\n", [b"\r\n".join(lines)])


def refuse_half_characters(part: SourcePart, text: str) -> None:
    """Refuse a text that no mail can carry: a NUL (RFC 5322 section 2.2) or a lone surrogate."""
    if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise BadSource(part, SourceFault.NUL)
