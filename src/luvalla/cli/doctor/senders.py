"""Whether SPF names the servers that letters leave by: RFC 7208, section 4, over what checkdmarc has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

Place = IPv4Address | IPv6Address
Lookup = Callable[[str], list[str]]
"""Gives the addresses of a host."""
INSIDE: Final = tuple(
    ip_network(each)
    for each in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""A server that is reached here leaves the network by another address, which can't be seen from inside."""


def names_sender(parsed: Mapping[str, Any], address: Place, addresses_of: Lookup) -> bool | None:
    """Tell whether a record lets an address send; None where that depends on the letter (macros, exists, ptr).

    The first mechanism that matches decides; an include matches where its own record lets the address send.
    """
    for each in parsed["mechanisms"]:
        matches = _matches(each, address, addresses_of)
        if matches is None:
            return None
        if matches:
            return bool(each["action"] == "pass")
    onwards = parsed["redirect"]
    return names_sender(onwards["parsed"], address, addresses_of) if onwards else False


def outside(texts: list[str]) -> list[Place]:
    """Give those of some addresses by which a server is known outside, too."""
    found = [ip_address(each) for each in texts]
    return [each for each in found if not any(each in network for network in INSIDE)]


def _matches(mechanism: Mapping[str, Any], address: Place, addresses_of: Lookup) -> bool | None:
    kind = mechanism["mechanism"]
    if kind in {"ip4", "ip6"}:
        return _is_in(address, [mechanism["value"]])
    if kind == "a":
        return _is_in(address, mechanism["addresses"])
    if kind == "mx":
        return _is_in(address, [place for host in mechanism["hosts"] for place in addresses_of(host["hostname"])])
    if kind == "include":
        return names_sender(mechanism["parsed"], address, addresses_of)
    return None


def _is_in(address: Place, networks: list[str]) -> bool:
    return any(address in ip_network(each, strict=False) for each in networks)
