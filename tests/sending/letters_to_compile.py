"""Letters for tests of the compiler, and how a mail program reads them."""

from __future__ import annotations

import email.header
import email.policy
import email.utils
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from luvalla.sending.letter import STOP_MARK, Hole, LetterSource

STOP_URL = "https://esimerkki.fi/s/"
TO_MAIJA: dict[str, bytes] = {
    Hole.TO: b"maija@esimerkki.fi",
    Hole.MESSAGE_ID: b"5f.maija",
    Hole.STOP_TOKEN: b"abc-DEF_123",
}


def letter_source(**changes: Any) -> LetterSource:
    """Give a newsletter, changed as asked."""
    source: dict[str, Any] = {
        "from_name": "Esimerkin Energia",
        "from_address": "uutiskirje@esimerkki.fi",
        "subject": "Sähkön hinta laskee",
        "language": "fi",
        "html": f'<p>Hyvää päivää!</p>\n<p><a href="{STOP_URL}{STOP_MARK}">Peru uutiskirje</a></p>',
        "text": f"Hyvää päivää!\n\nPeru: {STOP_URL}{STOP_MARK}\n",
        "list_id": "uutiskirje.esimerkki.fi",
        "list_name": "Esimerkin uutiskirje",
        "stop_url_prefix": STOP_URL,
        "stop_mail_domain": "esimerkki.fi",
        "message_id_domain": "esimerkki.fi",
        "date": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    }
    return LetterSource(**{**source, **changes})


def read_mail(message: bytes) -> EmailMessage:
    """Read a message as Python's mail library does."""
    read = BytesParser(policy=email.policy.default).parsebytes(message)
    assert isinstance(read, EmailMessage)
    assert all(not part.defects for part in read.walk())
    return read


def sender_name(message: bytes) -> str:
    """Read the sender's name by RFC 2047. Python's newer parser puts a space between two encoded words of a name."""
    name, _ = email.utils.parseaddr(email.message_from_bytes(message)["from"])
    return str(email.header.make_header(email.header.decode_header(name)))


def bodies(message: EmailMessage) -> Mapping[str, str]:
    """Give the texts of a message by content type."""
    return {
        part.get_content_type(): bytes(part.get_payload(decode=True)).decode("utf-8").replace("\r\n", "\n")
        for part in message.walk()
        if part.get_content_maintype() == "text"
    }
