"""The server letters leave through: where it is, how it is spoken to, how long one waits for it."""

from __future__ import annotations

import enum
import ipaddress
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from luvalla.sending.errors import RelayFault, RelayMisconfigured

MOST_WINDOW: Final = 32
"""Letters in flight on one connection; what a killed sender can leave unknown."""

_LABEL: Final = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST: Final = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_EHLO_NAME: Final = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")


class Security(enum.StrEnum):
    """How a connection is protected."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for each step (RFC 5321 4.5.3.2)."""

    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    """MAIL and RCPT, and the commands of the greeting."""
    data: float = 120.0
    """DATA, until the server asks for the letter."""
    block: float = 180.0
    """A write the server doesn't take."""
    finish: float = 600.0
    """From the last byte of a letter to its answer."""
    leave: float = 5.0
    """QUIT, and what may follow a 421. Not in the RFC: nothing depends on it."""

    def scaled(self, factor: float) -> Timeouts:
        """Give the same waits, each times factor: for tests, and for who must be done before a lease ends."""
        return Timeouts(*(getattr(self, name) * factor for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Relay:
    """Settings of one relay; checked when made, RelayMisconfigured where they cannot work.

    tls_context: makes the TLS context; the default checks the certificate and the host's name.
    connections: at most this many at once; window: letters in flight on each, 1 to 32.
    pipelining: False where the relay is known to break it.
    user_timeout_ms: TCP_USER_TIMEOUT, 0 for the system's default; shorter than the lease of those who send under one.
    """

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    tls_context: Callable[[], ssl.SSLContext] = field(default=ssl.create_default_context, repr=False)
    ehlo_name: str = "localhost"
    connections: int = 4
    window: int = MOST_WINDOW
    pipelining: bool = True
    timeouts: Timeouts = Timeouts()
    user_timeout_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that cannot work, and a password that would cross a network in the clear."""
        name, password = self.username, self.password
        in_clear = bool(name) and self.security is Security.PLAIN and not self.on_loopback
        faults = {
            RelayFault.HOST: not _HOST.fullmatch(self.host) and not _is_ip(self.host),
            RelayFault.PORT: not 0 < self.port < 65536,
            RelayFault.EHLO_NAME: not _EHLO_NAME.fullmatch(self.ehlo_name),
            RelayFault.WINDOW: not 0 < self.window <= MOST_WINDOW,
            RelayFault.CONNECTIONS: self.connections < 1,
            RelayFault.CREDENTIALS: "\0" in name + password or (not name and bool(password)),
            RelayFault.PASSWORD_IN_CLEAR: in_clear,
        }
        for fault, is_so in faults.items():
            if is_so:
                raise RelayMisconfigured(fault)

    @property
    def on_loopback(self) -> bool:
        """Whether the relay is this very machine."""
        if _is_ip(self.host):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host.rstrip(".").lower() == "localhost"

    def lock_step(self) -> Relay:
        """Give the same relay, spoken to one command at a time."""
        return replace(self, pipelining=False)


def _is_ip(host: str) -> bool:
    """Whether the host is written as an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
