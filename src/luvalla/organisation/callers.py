"""Where a request comes from, for counting: the connection's other end, or behind a trusted proxy what that tells.

X-Forwarded-For is anybody's to write. An entry counts only when who put it there is trusted: each proxy appends the
address it was reached from, so the entries are read from the last one back, while they are trusted proxies' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.http import HttpRequest

NETWORK_BITS: Final = {4: 24, 6: 48}
"""What counts as one network: a provider's customers have at least so many addresses between them."""
PLACE_BITS: Final = {4: 32, 6: 64}
"""What counts as one place: one line of IPv6 has as many addresses as it wants within a /64."""


def caller_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Tell the address that somebody asks from; None when the server doesn't tell it, as with a socket of its own."""
    found = None
    for each in _way_back(request):
        found = each
        if not _is_trusted(each):
            break
    return found


def network_of(request: HttpRequest) -> str:
    """Give the network a request comes from (/24 of IPv4, /48 of IPv6), or nothing for this machine itself."""
    caller = caller_of(request)
    return "" if caller is None or caller.is_loopback else _cut(caller, NETWORK_BITS)


def place_of(request: HttpRequest) -> str:
    """Give the place a request comes from: an address of IPv4, a /64 of IPv6, or nothing when it isn't known."""
    caller = caller_of(request)
    return "" if caller is None else _cut(caller, PLACE_BITS)


def _way_back(request: HttpRequest) -> Iterator[IPv4Address | IPv6Address]:
    """Give the connection's other end, then the header's entries from the last back to the first unreadable one."""
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    for text in (str(request.META.get("REMOTE_ADDR", "")), *reversed(told)):
        try:
            read = ip_address(text.strip())
        except ValueError:
            return
        yield getattr(read, "ipv4_mapped", None) or read


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether it is a proxy of ours: on this machine, or of the networks that the settings name."""
    return address.is_loopback or any(address in each for each in settings.LUVALLA_TRUSTED_PROXIES)


def _cut(address: IPv4Address | IPv6Address, bits: dict[int, int]) -> str:
    return str(ip_network((address, bits[address.version]), strict=False))
