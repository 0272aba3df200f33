"""A receiver that keeps every mail in memory, for trying things out: nothing leaves the machine."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from luvalla.sending.testing import Received, Receiver


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail as it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)

    @property
    def parsed(self) -> EmailMessage:
        """The mail as Python's parser reads it."""
        return message_from_bytes(self.content, policy=policy.default)


class MailCatcher:
    """Catches mails on a free loopback port while it is entered."""

    def __init__(self) -> None:
        """Make the receiver; nothing listens yet."""
        self._guard = threading.Lock()
        self._mails: list[CaughtMail] = []
        self._receiver = Receiver(on_message=self._keep)

    @property
    def url(self) -> str:
        """Its address as a relay."""
        return self._receiver.url

    def caught(self, since: int = 0) -> list[CaughtMail]:
        """Give the mails from that number on, in the order they came."""
        with self._guard:
            return self._mails[since:]

    def __enter__(self) -> Self:
        """Listen."""
        self._receiver.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening; what was caught stays."""
        self._receiver.stop()

    def _keep(self, received: Received) -> None:
        recipients = tuple(each.decode() for each in received.recipients)
        with self._guard:
            self._mails.append(CaughtMail(received.sender.decode(), recipients, received.data))
