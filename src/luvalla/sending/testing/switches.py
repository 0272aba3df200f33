"""What a receiver offers, and how it fails its senders as a whole; how it fails single letters: magic.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switches:
    """The first block is offered in the answer to EHLO; the second is misbehaviour, off by default."""

    pipelining: bool = True
    chunking: bool = True
    eight_bit: bool = True
    utf8: bool = True
    starttls: bool = True
    """Has an effect only where the receiver's security is "starttls"."""
    size: int = 50_000_000
    auth: tuple[str, ...] = ("PLAIN", "LOGIN")
    """Offered where the receiver has users, and under TLS or where it has none."""
    status_codes: bool = True
    """Write enhanced status codes into replies."""

    delay: float = 0.0
    """Seconds before each answer leaves."""
    banner: bytes = b"220 receiver.example ESMTP\r\n"
    """b"" for silence."""
    no_ehlo: bool = False
    """Knows HELO only."""
    refuse_starttls: bool = False
    inject_after_starttls: bool = False
    """Sends a plain-text reply together with the go-ahead, as someone in the middle would."""
    drop_in_handshake: bool = False
    swallow_pipelined: bool = False
    """Offers PIPELINING, but throws away what stands behind a command in the same segment."""
    refuse_chunks: bool = False
    """Offers CHUNKING, but doesn't know BDAT."""
    messages_a_connection: int = 0
    """After so many: 421, and the door. 0 is no limit."""
    most_connections: int = 0
    """Further ones are greeted with 421. 0 is no limit."""
    goodbye_after: float = 0.0
    """Seconds after which an idle connection gets a 421 and is closed. 0 is never."""
