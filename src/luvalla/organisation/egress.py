"""The one way out for requests over HTTP: to declared hosts only (claims S13, S19, S20), never into the inner network.

Webhooks, the sign-in of the organisation and whatever else calls out go through `reach`. It asks the list of hosts
and the processor's contract, resolves the name itself, and connects to the very address it has checked, so that a
name that answers differently a moment later (DNS rebinding) leads nowhere else. Redirects are not followed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.db import transaction
from django.utils import timezone

from luvalla.ledger.actions import Subject, record
from luvalla.ledger.actors import SYSTEM, Actor
from luvalla.organisation.errors import EgressFailed, EgressRefused
from luvalla.organisation.models import OutgoingHost
from luvalla.organisation.queries import egress_allowed
from luvalla.rules.countries import EEA

SECONDS: Final = 10.0
LONGEST: Final = 1_000_000
"""Bytes of an answer that are read; a longer one is no answer."""
PIECE: Final = 1 << 16
LONGEST_WAIT: Final = 30.0
"""Seconds for an answer as a whole: one that comes a byte at a time is no answer either."""
PORTS: Final = {"https": 443, "http": 80}
GIVEN_OUT: Final = ipaddress.ip_network("2000::/3")
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """A checked way to a declared host: the addresses it may be reached at, all of them looked at."""

    host: OutgoingHost
    is_tls: bool
    addresses: tuple[str, ...]
    target: str
    """Path and query of the request."""


def reach(
    *,
    url: str,
    method: str = "GET",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    actor: Actor = SYSTEM,
) -> Answer:
    """Send one request and give its answer, whatever its status; each leaves a row in the ledger before it goes.

    Raises EgressRefused when it may not go there (nothing was sent) and EgressFailed when nothing usable came back.
    """
    way = find_way(url)
    with transaction.atomic():
        facts = {"method": method, "bytes": len(body)}
        record("organisation.reach", actor=actor, subject=Subject("host", str(way.host.pk)), facts=facts)
    for address in way.addresses:
        try:
            return _exchange(way, address, method=method, body=body, headers=headers or {}, seconds=seconds)
        except OSError:
            continue
        except http.client.HTTPException:
            break
    raise EgressFailed


def find_way(url: str) -> Way:
    """Check where a request would go, and give the way; EgressRefused with the reason when it may not."""
    try:
        parts = urlsplit(url)
        host = _declared(parts)
    except ValueError:  # a port that is no number, brackets without an end
        reason = "unknown_host"
        raise EgressRefused(reason) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host.is_inside):
        reason = "not_https"
        raise EgressRefused(reason)
    if not _may_have_data(host):
        reason = "no_contract"
        raise EgressRefused(reason)
    addresses = _addresses(host)
    if not host.is_inside and not all(_is_outside(each) for each in addresses):
        reason = "inner_address"
        raise EgressRefused(reason)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Way(host, parts.scheme == "https", addresses, target)


def _declared(parts: SplitResult) -> OutgoingHost:
    """Find the host on the list. Who puts a name and password into an address asks for something else than they say."""
    name = (parts.hostname or "").rstrip(".").lower()
    port = parts.port or PORTS.get(parts.scheme, 0)
    row = OutgoingHost.objects.select_related("processor").filter(host=name, port=port, closed_at=None).first()
    if row is None or parts.username is not None or parts.password is not None:
        reason = "unknown_host"
        raise EgressRefused(reason)
    return row


def _may_have_data(host: OutgoingHost) -> bool:
    """Ask the contract of the host's processor; the controller's own host has to stand in the EEA."""
    if host.processor is None:
        return host.country in EEA
    return egress_allowed(host.country, host.processor, timezone.localdate())


def _addresses(host: OutgoingHost) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host.host, host.port, type=socket.SOCK_STREAM)
    except OSError:
        raise EgressFailed from None
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _is_outside(address: str) -> bool:
    """Tell whether an address belongs to the public internet, also inside IPv4-mapped and translated IPv6.

    Of IPv6 only what is given out for the internet counts (2000::/3, RFC 4291): further ways to spell an IPv4 address,
    such as ::127.0.0.1, lie outside of it. NAT64 (RFC 6052) is looked through.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        spelled = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else None)
        if spelled is None and ip not in GIVEN_OUT:
            return False
        inner = [spelled] if spelled else [ip, ip.sixtofour]
    else:
        inner = [ip]
    return all(each is None or (each.is_global and not each.is_multicast) for each in inner)


def _exchange(
    way: Way, address: str, *, method: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Answer:
    until = time.monotonic() + LONGEST_WAIT
    plain = socket.create_connection((address, way.host.port), timeout=seconds)
    with _cut_off(plain, after=LONGEST_WAIT):
        connection = _connection(way, plain, seconds)
        try:
            connection.request(method, way.target, body=body or None, headers=dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), _read(answer, until=until))
        finally:
            connection.close()


@contextlib.contextmanager
def _cut_off(connected: socket.socket, *, after: float) -> Iterator[None]:
    """End a connection whatever it is at: a handshake or a header can come a byte at a time as well as a body."""
    other = connected.dup()

    def cut() -> None:
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(after, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        other.close()


def _read(answer: http.client.HTTPResponse, *, until: float) -> bytes:
    """Read an answer; EgressFailed when it is too long, or takes too long."""
    read = bytearray()
    while piece := answer.read1(PIECE):
        read += piece
        if len(read) > LONGEST:
            raise EgressFailed
        if time.monotonic() > until:
            break
    if time.monotonic() > until:  # what was cut off looks like an answer that has ended
        raise EgressFailed
    return bytes(read)


def _connection(way: Way, plain: socket.socket, seconds: float) -> http.client.HTTPConnection:
    """Speak over the connection to the checked address under the host's name: its certificate has to be the name's."""
    connection = http.client.HTTPConnection(way.host.host, way.host.port, timeout=seconds)
    if not way.is_tls:
        connection.sock = plain
        return connection
    try:
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=way.host.host)
    except OSError:
        plain.close()
        raise
    connection.default_port = PORTS["https"]
    return connection
