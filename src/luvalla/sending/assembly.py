"""What newsletters and service messages have in common: their texts, pictures and files as one tree of MIME parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from luvalla.sending import headers
from luvalla.sending.errors import BadSource, SourceFault, SourcePart
from luvalla.sending.holes import Context, Slot, split_marks
from luvalla.sending.mime import (
    Attachment,
    InlineImage,
    Part,
    attachment_part,
    image_part,
    multipart,
    refuse_half_characters,
    text_part,
)

WRITTEN_HERE: Final = frozenset(
    {
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
        "content-language",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "precedence",
        "auto-submitted",
        "x-auto-response-suppress",
        "dkim-signature",
        "return-path",
        "received",
    },
)
"""Header fields that nobody else may bring."""


def assemble(
    text: str,
    html: str,
    *,
    fields: frozenset[str] = frozenset(),
    images: Sequence[InlineImage] = (),
    attachments: Sequence[Attachment] = (),
) -> Part:
    """Put a content together, as far as needed: mixed(alternative(text, related(html, images)), attachments)."""
    refuse_half_characters(SourcePart.TEXT, text)
    refuse_half_characters(SourcePart.HTML, html)
    seed = hashlib.sha256("\0".join([text, html, *(each.filename for each in attachments)]).encode("utf-8")).hexdigest()
    part = text_part("plain", split_marks(text, Context.TEXT, fields, SourcePart.TEXT))
    if html:
        part = multipart("alternative", [part, _html_part(html, fields, images, seed)], f"=_a{seed[:24]}")
    if attachments:
        files = [attachment_part(each) for each in attachments]
        part = multipart("mixed", [part, *files], f"=_m{seed[:24]}")
    return part


def _html_part(html: str, fields: frozenset[str], images: Sequence[InlineImage], seed: str) -> Part:
    """Put the HTML together with the pictures it shows."""
    _check_pictures(html, images)
    part = text_part("html", split_marks(html, Context.HTML, fields, SourcePart.HTML))
    if not images:
        return part
    return multipart("related", [part, *(image_part(each) for each in images)], f"=_r{seed[:24]}", b'type="text/html"')


def _check_pictures(html: str, images: Sequence[InlineImage]) -> None:
    """Refuse pictures with the same name, and pictures that nothing shows."""
    names = [each.cid for each in images]
    if len(set(names)) < len(names) or not all(f"cid:{name}" in html for name in names):
        raise BadSource(SourcePart.IMAGE, SourceFault.CID)


def extra_fields(extra: Iterable[tuple[str, str]]) -> list[bytes | Slot]:
    """Write header fields of the caller's. Raises BadSource for a name that is none, or that the compiler writes."""
    written: list[bytes | Slot] = []
    for name, value in extra:
        if not headers.is_header_name(name) or name.lower() in WRITTEN_HERE:
            raise BadSource(SourcePart.EXTRA_HEADER, SourceFault.HEADER_NAME)
        written += headers.text_field(SourcePart.EXTRA_HEADER, name, [value])
    return written


def check_language(language: str) -> bytes:
    """Check a language tag (RFC 5646, as far as its form goes)."""
    if not language.isascii() or not 2 <= len(language) <= 35 or not language.replace("-", "").isalnum():
        raise BadSource(SourcePart.LANGUAGE, SourceFault.LANGUAGE)
    return language.encode("ascii")


def check_subject(subject: str) -> None:
    """Refuse an empty subject."""
    if not subject.strip():
        raise BadSource(SourcePart.SUBJECT, SourceFault.EMPTY)
