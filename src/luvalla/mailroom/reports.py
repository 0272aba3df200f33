"""Reading what mail servers report of our letters: bounces (RFC 3464, 6522, 3463) and complaints (RFC 5965). Pure.

Nothing but codes and our own return paths is read from a report; the addresses and words in it are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from typing import Final

LARGEST: Final = 1 << 18
"""Bytes of a report that are read: the head of our letter, which it ends with, begins long before."""
STATUS: Final = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPORT: Final = re.compile(rb"multipart/report", re.IGNORECASE)
MOST_PARTS: Final = 50
MOST_BOUNDARIES: Final = 500
"""Lines that begin with two dashes; a person's mail may have some that bound nothing."""
FAILED, DELAYED = "failed", "delayed"
COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Feedback types by which a person objects; "not-spam", "virus" and "other" say nothing of the kind."""
HEAD_TYPES: Final = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
BULK: Final = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a server says of one letter. action: "failed" or "delayed"; status: "5.1.1"."""

    action: str
    status: str

    @property
    def failed(self) -> bool:
        """Whether the letter will not arrive any more."""
        return self.action == FAILED


@dataclass(frozen=True, slots=True)
class Complaint:
    """A person has called a letter spam. senders: return paths it may have had; stops: its List-Unsubscribe fields."""

    senders: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()


def read_report(raw: bytes) -> Bounce | Complaint | None:
    """Read a report; None for any other mail, and for reports that letters were delivered."""
    if not REPORT.search(raw[:65_536]):
        return None
    try:
        message = message_from_bytes(first_parts(raw[:LARGEST]), policy=policy.compat32)
        parts = _parts(message)
    except (MessageError, ValueError, LookupError, RecursionError):
        return None
    if message.get_content_type() != "multipart/report":
        return None
    for part in parts:
        kind = part.get_content_type()
        if kind in {"message/delivery-status", "message/global-delivery-status"}:
            return _bounce(part)
        if kind == "message/feedback-report":
            return _complaint(part, parts)
    return None


def first_parts(raw: bytes) -> bytes:
    r"""Cut a mail where its parts become more than any program makes: the parser takes 0.2 ms for each.

    >>> first_parts(b"Hello"), len(first_parts(b"\n--b" * 10_000))
    (b'Hello', 2000)
    """
    at = -1
    for _ in range(MOST_BOUNDARIES + 1):
        at = raw.find(b"\n--", at + 1)
        if at < 0:
            return raw
    return raw[:at]


def _parts(message: Message) -> list[Message]:
    return [part for _, part in zip(range(MOST_PARTS), message.walk(), strict=False)]


def _bounce(part: Message) -> Bounce | None:
    """Read the first addressee's fields (RFC 3464 section 2.3): our letters have one."""
    for fields in _blocks(part):
        action = _field(fields, "Action").lower()
        if action in {FAILED, DELAYED}:
            return Bounce(action, _status(fields))
        if action in BULK:
            return None
    return None


def _status(fields: Message) -> str:
    """Give the enhanced status: the field's own, or a more telling one of the server's answer beside it."""
    said = STATUS.search(_field(fields, "Status"))
    told = STATUS.search(_field(fields, "Diagnostic-Code"))
    status = said[0] if said else ""
    if told and (not status or (status.endswith(".0.0") and told[0][0] == status[0])):
        return told[0]
    return status or "5.0.0"


def _complaint(report: Message, parts: list[Message]) -> Complaint | None:
    """Read a feedback report (RFC 5965 section 3) and the head of the letter that it is about."""
    fields = next(_blocks(report), None)
    if fields is None or _field(fields, "Feedback-Type").lower() not in COMPLAINTS:
        return None
    heads = [head for part in parts if part.get_content_type() in HEAD_TYPES for head in _blocks(part)]
    senders = [_field(fields, "Original-Mail-From"), *(_field(head, "Return-Path") for head in heads)]
    stops = [_field(head, "List-Unsubscribe") for head in heads]
    return Complaint(tuple(each for each in senders if each), tuple(each for each in stops if each))


def _blocks(part: Message) -> Iterator[Message]:
    """Give the groups of fields in a part; one that the parser left as text is read here."""
    inside = part.get_payload()
    if isinstance(inside, list):
        yield from (each for each in inside if isinstance(each, Message))
        return
    content = part.get_payload(decode=True)
    for block in re.split(rb"\r?\n\r?\n", content if isinstance(content, bytes) else b""):
        if block.strip():
            yield message_from_bytes(block.lstrip() + b"\r\n\r\n", policy=policy.compat32)


def _field(fields: Message, name: str) -> str:
    """Give a field's value on one line; "" where it isn't there."""
    return " ".join(str(fields.get(name, "")).split())
