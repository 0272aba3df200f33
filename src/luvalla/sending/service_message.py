"""Service messages: one message to one recipient, by the letter compiler's rules, without any marketing in it."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from luvalla.sending import headers
from luvalla.sending.assembly import assemble, check_language, check_subject, extra_fields
from luvalla.sending.errors import BadSource, SourceFault, SourcePart
from luvalla.sending.frozen import CompiledLetter
from luvalla.sending.holes import Context, Hole, Slot, mail_date
from luvalla.sending.mime import Attachment, Pieces

_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")


class AutoSubmitted(enum.StrEnum):
    """How a message came to be (RFC 3834 section 5)."""

    NO = "no"
    """A person wrote it; the field is left out."""
    GENERATED = "auto-generated"
    REPLIED = "auto-replied"


@dataclass(frozen=True, slots=True)
class ServiceSource:
    """A service message before it is compiled.

    to: the recipient's address, beyond ASCII too; message_id: the part before the @; html: "" for a plain message;
    in_reply_to: the Message-ID that is answered, with its brackets; a malformed one is left out, for others wrote it.
    """

    from_name: str
    from_address: str
    to: str
    subject: str
    language: str
    text: str
    message_id: str
    message_id_domain: str
    date: datetime
    html: str = ""
    reply_to: str = ""
    auto_submitted: AutoSubmitted = AutoSubmitted.GENERATED
    in_reply_to: str = ""
    extra_headers: Sequence[tuple[str, str]] = ()
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """A message ready to be sent. Its return path is the null one, so that no automatic answers go round in a loop.

    recipient: for RCPT; utf8: it needs SMTPUTF8.
    """

    recipient: bytes = field(repr=False)
    data: bytes = field(repr=False)
    utf8: bool = False
    envelope_sender: bytes = b""


def compile_service_message(source: ServiceSource) -> ServiceMessage:
    """Compile a service message. Raises HeaderInjection, BadSource or BadValue; none repeats a value."""
    check_subject(source.subject)
    if not source.text:
        raise BadSource(SourcePart.TEXT, SourceFault.EMPTY)
    headers.refuse_controls(SourcePart.RECIPIENT, source.to)
    content = assemble(source.text, source.html, attachments=source.attachments)
    pieces: Pieces = [
        headers.field("From", headers.mailbox(SourcePart.SENDER, source.from_name, source.from_address)),
        b"To: ",
        Slot(Hole.TO, Context.HEADER),
        b"\r\n",
        *_reply_to(source),
        *headers.text_field(SourcePart.SUBJECT, "Subject", [source.subject]),
        b"Date: %b\r\n" % mail_date(source.date),
        b"Message-ID: <",
        Slot(Hole.MESSAGE_ID, Context.HEADER),
        b"@%b>\r\n" % headers.domain(SourcePart.MESSAGE_ID_DOMAIN, source.message_id_domain),
        *_thread(source.in_reply_to),
        *_automatic(source.auto_submitted),
        *extra_fields(source.extra_headers),
        headers.field("Content-Language", [check_language(source.language)]),
        b"MIME-Version: 1.0\r\n",
        content.head,
        b"\r\n",
        *content.body,
    ]
    to = source.to.encode("utf-8")
    data = CompiledLetter.from_pieces(pieces).fill({Hole.TO: to, Hole.MESSAGE_ID: source.message_id.encode("utf-8")})
    return ServiceMessage(to, data, utf8=not to.isascii())


def _reply_to(source: ServiceSource) -> Pieces:
    """Write Reply-To, where answers go elsewhere."""
    if not source.reply_to:
        return []
    return [headers.field("Reply-To", [headers.own_address(SourcePart.REPLY_TO, source.reply_to)])]


def _thread(answered: str) -> Pieces:
    """Write which message is answered."""
    if not _MESSAGE_ID.fullmatch(answered):
        return []
    written = answered.encode("ascii")
    return [headers.field("In-Reply-To", [written]), headers.field("References", [written])]


def _automatic(auto_submitted: AutoSubmitted) -> Pieces:
    """Say that no person wrote it, and ask responders to stay silent."""
    if auto_submitted is AutoSubmitted.NO:
        return []
    return [b"Auto-Submitted: %b\r\nX-Auto-Response-Suppress: All\r\n" % auto_submitted.value.encode("ascii")]
