"""From an address to a connection that letters can be sent on: connect, greeting, EHLO, TLS, AUTH.

A downgrade is refused: where the settings say STARTTLS and the server doesn't offer it, or says no, or speaks before
its turn, nothing is sent (RFC 3207, RFC 8314). After STARTTLS everything learnt before is forgotten (RFC 3207, 4.2).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from base64 import b64encode
from typing import Final

from luvalla.sending.capabilities import Capabilities, read_capabilities
from luvalla.sending.outcome import Outcome, Reason, Step, judge, not_sent
from luvalla.sending.relay import Relay, Security
from luvalla.sending.reply import GarbageError, Reply, ReplyReader
from luvalla.sending.wire import TlsWire, Wire

_TCP_USER_TIMEOUT: Final = getattr(socket, "TCP_USER_TIMEOUT", None)


class ClosedDoorError(Exception):
    """The relay cannot be sent to now; carries the outcome. Raised and caught inside this package."""

    def __init__(self, outcome: Outcome) -> None:
        """Keep the outcome."""
        super().__init__(outcome.reason.value)
        self.outcome = outcome


class Greeting:
    """The beginning of one connection. After open(): wire, reader and can are ready for letters."""

    def __init__(self, relay: Relay, loop: asyncio.AbstractEventLoop) -> None:
        """Start with no connection."""
        self._relay = relay
        self._loop = loop
        self.wire: Wire | None = None
        self.reader = ReplyReader()
        self.can = Capabilities()

    async def open(self) -> Wire:
        """Connect and introduce ourselves; ClosedDoorError says why the relay doesn't let us in."""
        try:
            return await self._open()
        except BaseException as fault:
            if self.wire is not None:
                self.wire.cut()
            if isinstance(fault, ClosedDoorError):
                raise
            outcome = _fault_outcome(fault)
            if outcome is None:
                raise
            raise ClosedDoorError(outcome) from None

    async def _open(self) -> Wire:
        """Do the steps in their order."""
        relay = self._relay
        connected = await connect(relay, self._loop)
        if relay.security is Security.TLS:
            wire: Wire = await self._start_tls(connected)
        else:
            self.wire = wire = Wire(connected, self._loop)
        self._expect(await self._reply(wire, relay.timeouts.greeting), 220)
        await self._ehlo(wire)
        if relay.security is Security.STARTTLS:
            wire = await self._upgrade(wire)
        if relay.username:
            await self._log_in(wire)
        self.reader.keep_lines = False
        return wire

    async def _ehlo(self, wire: Wire) -> None:
        """Ask what the server can do; one that knows no EHLO gets HELO."""
        name = self._relay.ehlo_name.encode("ascii")
        reply = await self._ask(wire, b"EHLO %b\r\n" % name)
        if reply.code in (500, 502, 504):
            reply = await self._ask(wire, b"HELO %b\r\n" % name)
            self._expect(reply, 250)
            self.can = Capabilities()
        else:
            self._expect(reply, 250)
            self.can = read_capabilities(reply.lines)

    async def _upgrade(self, wire: Wire) -> Wire:
        """Change to TLS, or refuse to go on without."""
        if not self.can.starttls:
            raise ClosedDoorError(not_sent(Reason.TLS))
        reply = await self._ask(wire, b"STARTTLS\r\n")
        if reply.code != 220:
            raise ClosedDoorError(not_sent(Reason.TLS, reply.code, reply.status))
        if wire.take() or not self.reader.empty:
            raise ClosedDoorError(not_sent(Reason.TLS))
        self.reader = ReplyReader()
        self.can = Capabilities()
        secured = await self._start_tls(wire.release())
        await self._ehlo(secured)
        return secured

    async def _start_tls(self, connected: socket.socket) -> TlsWire:
        """Shake hands on this socket."""
        relay = self._relay
        self.wire = wire = TlsWire(connected, self._loop, relay.tls_context(), relay.host.rstrip("."))
        try:
            await wire.handshake(relay.timeouts.command)
        except (ssl.SSLError, ConnectionError):
            raise ClosedDoorError(not_sent(Reason.TLS)) from None
        return wire

    async def _log_in(self, wire: Wire) -> None:
        """Show the credentials (RFC 4954), by PLAIN where it is offered, else by LOGIN."""
        name, word = self._relay.username.encode(), self._relay.password.encode()
        if "PLAIN" in self.can.auth:
            reply = await self._ask(wire, b"AUTH PLAIN %b\r\n" % b64encode(b"\0%b\0%b" % (name, word)))
        elif "LOGIN" in self.can.auth:
            reply = await self._ask(wire, b"AUTH LOGIN\r\n")
            for secret in (name, word):
                if reply.code == 334:
                    reply = await self._ask(wire, b64encode(secret) + b"\r\n")
        else:
            raise ClosedDoorError(not_sent(Reason.AUTH))
        if reply.code != 235:
            busy = reply.code in (421, 451, 452)
            raise ClosedDoorError(not_sent(Reason.RELAY_BUSY if busy else Reason.AUTH, reply.code, reply.status))

    async def _ask(self, wire: Wire, command: bytes) -> Reply:
        """Send a command and give its reply."""
        rest = memoryview(command)
        while rest := rest[wire.send([rest]) :]:
            if not await wire.wait(self._relay.timeouts.block, writable=True):
                raise TimeoutError
        return await self._reply(wire, self._relay.timeouts.command)

    async def _reply(self, wire: Wire, seconds: float) -> Reply:
        """Wait for exactly one reply, all its lines within the time."""
        self.reader.keep_lines = True
        end = self._loop.time() + seconds
        while True:
            replies = self.reader.feed(wire.take())
            if len(replies) > 1:
                raise GarbageError
            if replies:
                return replies[0]
            if wire.ended:
                raise ConnectionResetError
            if not await wire.wait(max(0.0, end - self._loop.time()), writable=wire.backlog):
                raise TimeoutError

    @staticmethod
    def _expect(reply: Reply, code: int) -> None:
        """Go on with this code only."""
        if reply.code == code:
            return
        if reply.code < 400:
            raise GarbageError
        said = judge(reply.code, reply.status, Step.MAIL)
        reason = Reason.RELAY_BUSY if reply.code < 500 else said.reason
        raise ClosedDoorError(not_sent(reason, said.code, said.status))


def _fault_outcome(fault: BaseException) -> Outcome | None:
    """Say what a fault of the network means; None for anything else."""
    if isinstance(fault, GarbageError):
        return not_sent(Reason.PROTOCOL)
    if isinstance(fault, TimeoutError):
        return not_sent(Reason.TIMEOUT)
    if isinstance(fault, ConnectionResetError | BrokenPipeError):
        return not_sent(Reason.CONNECTION_LOST)
    if isinstance(fault, OSError):
        return not_sent(Reason.NO_CONNECTION)
    return None


async def connect(relay: Relay, loop: asyncio.AbstractEventLoop) -> socket.socket:
    """Connect to the first of the relay's addresses that answers; raises ClosedDoorError where none does."""
    try:
        # wait_for forgets a cancellation that meets the end of what it waits for (Python 3.11, CPython issue 86296).
        async with asyncio.timeout(relay.timeouts.connect):
            found = await loop.getaddrinfo(relay.host, relay.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ClosedDoorError(not_sent(Reason.NO_CONNECTION)) from None
    timed_out = False
    for family, kind, protocol, _, address in found:
        try:
            return await _connect_one(socket.socket(family, kind, protocol), address, relay, loop)
        except TimeoutError:
            timed_out = True
        except OSError:
            continue
    raise ClosedDoorError(not_sent(Reason.TIMEOUT if timed_out else Reason.NO_CONNECTION))


async def _connect_one(
    opened: socket.socket,
    address: tuple[object, ...],
    relay: Relay,
    loop: asyncio.AbstractEventLoop,
) -> socket.socket:
    """Connect this socket; closed again where that fails."""
    try:
        opened.setblocking(False)  # noqa: FBT003  # takes no keyword
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if relay.user_timeout_ms and _TCP_USER_TIMEOUT is not None:
            opened.setsockopt(socket.IPPROTO_TCP, _TCP_USER_TIMEOUT, relay.user_timeout_ms)
        async with asyncio.timeout(relay.timeouts.connect):
            await loop.sock_connect(opened, address)
    except BaseException:
        with contextlib.suppress(OSError):
            opened.close()
        raise
    return opened
