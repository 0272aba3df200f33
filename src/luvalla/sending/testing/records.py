"""What a receiver has seen: letters and counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """What a receiver has seen, all connections together."""

    connections: int = 0
    tls: int = 0
    logins: int = 0
    mail_commands: int = 0
    refused: int = 0
    deferred: int = 0
    dropped: int = 0
    """Connections ended, stalled or spoilt by a magic recipient."""
    messages: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Received:
    """One letter as it came. mailed_at: when its MAIL command was read, by the receiver's clock."""

    sender: bytes
    recipients: list[bytes]
    data: bytes
    mailed_at: float
    parameters: bytes
    """What stood behind MAIL FROM:<>, "BODY=8BITMIME SMTPUTF8"."""
    secure: bool
    chunked: bool
