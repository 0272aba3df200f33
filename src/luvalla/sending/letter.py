"""The letter compiler: a letter becomes constant bytes and holes, once; each recipient's message is then one join.

Two recipients' messages differ in the holes and in nothing else.

    letter = compile_letter(LetterSource(...))
    letter.fill({Hole.TO: b"maija@esimerkki.fi", Hole.MESSAGE_ID: b"1.abc", Hole.STOP_TOKEN: b"token"})
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from luvalla.sending import headers
from luvalla.sending.assembly import assemble, check_language, check_subject, extra_fields
from luvalla.sending.errors import BadSource, SourceFault, SourcePart
from luvalla.sending.frozen import CompiledLetter, Values
from luvalla.sending.holes import STOP_MARK, Context, Hole, Slot, field_hole, field_mark, mail_date, split_marks
from luvalla.sending.mime import Attachment, InlineImage, Pieces

__all__ = [
    "STOP_MARK",
    "Attachment",
    "CompiledLetter",
    "Hole",
    "InlineImage",
    "LetterSource",
    "Values",
    "compile_letter",
    "field_hole",
    "field_mark",
    "mail_date",
]

_LIST_ID: Final = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_STOP_URL: Final = re.compile(r"https?://[!-~]+")
_STOP_LOCAL: Final = re.compile(r"[A-Za-z0-9._-]{1,20}")
_MOST_URL: Final = 800
"""Leaves room for the token on one line of 998 (RFC 5322 section 2.1.1): the address is never folded."""


@dataclass(frozen=True, slots=True)
class LetterSource:
    """A newsletter before it is compiled.

    html, text: with STOP_MARK where the token of the stop address goes, the rest of the address before it; both need
    one. field_mark(name) stands for a declared field, in the subject too.
    list_id: "uutiskirje.esimerkki.fi" (RFC 2919), the same for every letter of the list.
    stop_url_prefix: the one-click address up to its token, "https://esimerkki.fi/s/" (RFC 8058).
    stop_mail_local, stop_mail_domain: mailto:stop+TOKEN@esimerkki.fi; no mailto without a domain. A token longer than
    64 less the local part and "+" makes an address that RFC 5321 doesn't promise to carry.
    message_id_domain: what stands behind the @ of the Message-ID.
    date: with a time zone; None leaves the hole DATE, to be bound when the sending begins.
    """

    from_name: str
    from_address: str
    subject: str
    language: str
    html: str
    text: str
    list_id: str
    stop_url_prefix: str
    message_id_domain: str
    list_name: str = ""
    reply_to: str = ""
    stop_mail_local: str = "stop"
    stop_mail_domain: str = ""
    date: datetime | None = None
    fields: frozenset[str] = frozenset()
    extra_headers: Sequence[tuple[str, str]] = ()
    images: Sequence[InlineImage] = ()
    attachments: Sequence[Attachment] = ()


def compile_letter(source: LetterSource) -> CompiledLetter:
    """Compile a newsletter. Raises HeaderInjection or BadSource, naming the part and never its content."""
    check_subject(source.subject)
    for part, text in ((SourcePart.HTML, source.html), (SourcePart.TEXT, source.text)):
        if STOP_MARK not in text:
            raise BadSource(part, SourceFault.NO_STOP)
    content = assemble(
        source.text,
        source.html,
        fields=source.fields,
        images=source.images,
        attachments=source.attachments,
    )
    subject = split_marks(source.subject, Context.SUBJECT, source.fields, SourcePart.SUBJECT)
    pieces: Pieces = [
        headers.field("From", headers.mailbox(SourcePart.SENDER, source.from_name, source.from_address)),
        b"To: ",
        Slot(Hole.TO, Context.HEADER),
        b"\r\n",
        *_reply_to(source),
        *headers.text_field(SourcePart.SUBJECT, "Subject", subject),
        *_date(source.date),
        b"Message-ID: <",
        Slot(Hole.MESSAGE_ID, Context.HEADER),
        b"@%b>\r\n" % headers.domain(SourcePart.MESSAGE_ID_DOMAIN, source.message_id_domain),
        *_list_fields(source),
        *_quieting_fields(),
        *extra_fields(source.extra_headers),
        headers.field("Content-Language", [check_language(source.language)]),
        b"MIME-Version: 1.0\r\n",
        content.head,
        b"\r\n",
        *content.body,
    ]
    return CompiledLetter.from_pieces(pieces)


def _reply_to(source: LetterSource) -> Pieces:
    """Write Reply-To, where it is another address than the sender's."""
    if not source.reply_to or source.reply_to == source.from_address:
        return []
    return [headers.field("Reply-To", [headers.own_address(SourcePart.REPLY_TO, source.reply_to)])]


def _date(date: datetime | None) -> Pieces:
    """Write the date, or leave it open."""
    return [b"Date: ", Slot(Hole.DATE, Context.HEADER) if date is None else mail_date(date), b"\r\n"]


def _list_fields(source: LetterSource) -> Pieces:
    """Write the list's fields (RFC 2919, 2369, 8058). Addresses stand whole on their lines and are never encoded."""
    list_id = source.list_id
    headers.refuse_controls(SourcePart.LIST_ID, list_id)
    if not _LIST_ID.fullmatch(list_id):
        raise BadSource(SourcePart.LIST_ID, SourceFault.LIST_ID)
    name = headers.phrase(SourcePart.LIST_NAME, source.list_name)
    return [
        headers.field("List-Id", [*name, b"<%b>" % list_id.encode("ascii")]),
        b"List-Unsubscribe: <%b" % _stop_url(source.stop_url_prefix),
        Slot(Hole.STOP_TOKEN, Context.HEADER),
        *_stop_mail(source),
        b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ]


def _stop_url(prefix: str) -> bytes:
    """Check the beginning of the stop address."""
    headers.refuse_controls(SourcePart.STOP_ADDRESS, prefix)
    if not _STOP_URL.fullmatch(prefix) or any(each in prefix for each in '<>,"\\'):
        raise BadSource(SourcePart.STOP_ADDRESS, SourceFault.URL)
    if len(prefix) > _MOST_URL:
        raise BadSource(SourcePart.STOP_ADDRESS, SourceFault.TOO_LONG)
    return prefix.encode("ascii")


def _stop_mail(source: LetterSource) -> Pieces:
    """Write the stop address for mail, folded before it."""
    if not source.stop_mail_domain:
        return []
    local = source.stop_mail_local
    headers.refuse_controls(SourcePart.STOP_MAIL, local)
    if not _STOP_LOCAL.fullmatch(local):
        raise BadSource(SourcePart.STOP_MAIL, SourceFault.ADDRESS)
    domain = headers.domain(SourcePart.STOP_MAIL, source.stop_mail_domain)
    return [
        b">,\r\n <mailto:%b+" % local.encode("ascii"),
        Slot(Hole.STOP_TOKEN, Context.HEADER),
        b"@%b" % domain,
    ]


def _quieting_fields() -> Pieces:
    """Ask automatic responders to stay silent.

    Out-of-office replies hold more about people than the register does: not receiving them is data minimisation (GDPR
    5(1)(c)). Precedence is what responders have looked at since RFC 2076 and RFC 3834; Exchange looks at its own field
    ([MS-OXCMAIL] 2.2.3.2.14). Auto-Submitted is not set: the letter was written by people (RFC 3834 section 5).
    """
    return [b"Precedence: bulk\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"]
