"""Mail coming in by SMTP on a loopback port: an organisation's mail server hands over what is sent to stop addresses.

A message is answered with 250 only after it was dealt with; a fault gets 451, so that the mail server tries again.
"""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections

from luvalla.rules.ports import intakes

LARGEST: Final = 20_000_000
DONE: Final = "250 2.0.0 Dealt with"
LATER: Final = "451 4.3.0 Not dealt with yet; try again"
log = logging.getLogger(__name__)


class MailReceiver:
    """Receives while it is entered."""

    def __init__(self, host: str, port: int) -> None:
        """Take where to listen; the intakes of the rooms deal with what comes."""
        self._controller = Controller(_Door(), hostname=host, port=port, data_size_limit=LARGEST, enable_SMTPUTF8=True)

    def __enter__(self) -> Self:
        """Listen; raises OSError when the port is taken."""
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._controller.stop()


class _Door:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """Deal with a message for each of its recipients, in a thread: a stop may have to wait.

        It has its return path on top, as of every mail server that delivers (RFC 5321, 4.4): an empty one says that
        nobody waits for an answer.
        """
        del server, session
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        sender = (envelope.mail_from or "").strip("<>")  # of an empty one the library leaves the brackets
        raw = f"Return-Path: <{sender}>\r\n".encode() + content
        try:
            for recipient in envelope.rcpt_tos:
                await asyncio.to_thread(self._deal_with, raw, recipient)
        except Exception as fault:  # noqa: BLE001  # the sender keeps the message and tries again
            log.warning("a message that came in was put off: %s", type(fault).__name__)
            return LATER
        return DONE

    def _deal_with(self, raw: bytes, recipient: str) -> None:
        try:
            taken = [name for name, intake in zip(intakes.names(), intakes, strict=True) if intake(raw, recipient)]
            log.info("a message that came in was taken by %s", taken or "nobody")
        finally:
            close_old_connections()
