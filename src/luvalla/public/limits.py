"""Limits of what one network and one mailbox can ask for, without keeping an address of either.

Networks are counted in this process's memory, under a key that is thrown away every day, and only for an hour. With
several web processes each counts for itself. A stop is never limited.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest

A_DAY: Final = 86_400.0
MOST_COUNTERS: Final = 50_000


class NetworkLimit:
    """Counts what a network asks for within a period; a fresh instance in tests is its own twin."""

    def __init__(self, most: int, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow so many requests in so many seconds to each network (/24 of IPv4, /48 of IPv6)."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._lock = threading.Lock()
        self._key, self._counts = b"", dict[bytes, int]()
        self._since = self._key_since = clock()
        self._forget()

    def allows(self, network: str) -> bool:
        """Count one request and tell whether it is still within the limit; no network is never limited."""
        if not network:
            return True
        with self._lock:
            self._renew()
            name = hmac.digest(self._key, network.encode(), hashlib.sha256)[:16]
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name] <= self._most

    def _renew(self) -> None:
        now = self._clock()
        if now - self._key_since > A_DAY or len(self._counts) > MOST_COUNTERS:
            self._forget()
        elif now - self._since > self._seconds:
            self._counts.clear()
            self._since = now

    def _forget(self) -> None:
        self._key = secrets.token_bytes(32)
        self._counts.clear()
        self._since = self._key_since = self._clock()


ASKING: Final = NetworkLimit(30, seconds=3600)
"""Sign-ups and requests for stop links of one network in an hour."""


def network_of(request: HttpRequest) -> str:
    """Give the network a request comes from, or nothing for this machine itself.

    X-Forwarded-For counts only where the connection comes from a proxy on this machine; its last entry is the proxy's.
    """
    direct = _network(str(request.META.get("REMOTE_ADDR", "")))
    if direct:
        return direct
    return _network(str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip())


def _network(address: str) -> str:
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return ""
    host = getattr(host, "ipv4_mapped", None) or host
    if host.is_loopback:
        return ""
    bits = 24 if host.version == 4 else 48  # noqa: PLR2004  # the two versions of the protocol
    return str(ipaddress.ip_network((host, bits), strict=False))
