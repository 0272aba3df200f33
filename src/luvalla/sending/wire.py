"""The line to a relay: a non-blocking socket, plain or with TLS, written so that it is known which bytes have left.

asyncio's own transports keep what the socket doesn't take and write it later, whenever that is. Here nothing is kept:
what a call could not write stays with the caller, who may decide not to write it any more. Under TLS one frame's
ciphertext may be left over once its first bytes are out; the socket is asked first whether it takes any.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import Final

_READ: Final = 1 << 18
_MOST_BUFFERS: Final = 512
"""sendmsg takes 1,024 (IOV_MAX)."""
_MOST_UNREAD: Final = 1 << 20
"""Bytes a server may send unasked before it is cut off."""


class Wire:
    """A connected socket without TLS."""

    frames_at_once = 16
    """How many letters go into one write: a larger write is fewer system calls, a smaller one fits the cache."""

    def __init__(self, connected: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        """Take over a connected, non-blocking socket and start to listen on it."""
        self._socket = connected
        self._loop = loop
        self._inbox: list[bytes] = []
        self._waiter: asyncio.Future[bool] | None = None
        self.ended = False
        """The other side has closed or reset the connection, or it was cut off."""
        loop.add_reader(connected.fileno(), self._on_readable)

    @property
    def backlog(self) -> bool:
        """Whether the last frame handed in is not wholly on the socket yet."""
        return False

    def send(self, buffers: Sequence[bytes | memoryview]) -> int:
        """Write what the socket takes now; give the number of bytes. OSError when the connection is gone."""
        try:
            return self._socket.sendmsg(buffers if len(buffers) <= _MOST_BUFFERS else [b"".join(buffers)])
        except (BlockingIOError, InterruptedError):
            return 0

    def take(self) -> bytes:
        """Give what has been received since the last call."""
        data = b"".join(self._inbox)
        self._inbox.clear()
        return data

    async def wait(self, seconds: float, *, writable: bool = False) -> bool:
        """Wait for something to read, for the end, or for room to write; False when the time is over."""
        if self._inbox or self.ended:
            return True
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._time_out)
        if writable:
            self._loop.add_writer(self._socket.fileno(), self._on_writable)
        try:
            return await self._waiter
        finally:
            self._waiter = None
            timer.cancel()
            if writable and self._socket.fileno() >= 0:
                self._loop.remove_writer(self._socket.fileno())

    def release(self) -> socket.socket:
        """Stop listening and give the socket back."""
        self._loop.remove_reader(self._socket.fileno())
        return self._socket

    def cut(self) -> None:
        """Close with a reset and without a further word, so that nothing half-written is completed."""
        self.ended = True
        if self._socket.fileno() < 0:
            return
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self.ended = True
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()
        self._wake()

    def _wake(self) -> None:
        """End the wait: there is something to do."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(True)

    def _time_out(self) -> None:
        """End the wait: nothing happened."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(False)

    def _on_readable(self) -> None:
        """Read once; more comes with the loop's next turn."""
        try:
            data = self._socket.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._end()
        elif self._receive(data):
            self._wake()

    def _on_writable(self) -> None:
        """Let the writer go on."""
        self._wake()

    def _receive(self, data: bytes) -> bool:
        """Keep what came, unless nobody reads it and it grows without bound."""
        self._inbox.append(data)
        if sum(map(len, self._inbox)) > _MOST_UNREAD:
            self._end()
        return True

    def _end(self) -> None:
        """Note that nothing more will come."""
        self.ended = True
        self._loop.remove_reader(self._socket.fileno())
        self._wake()


class TlsWire(Wire):
    """A connected socket with TLS over it."""

    frames_at_once = 1

    def __init__(
        self,
        connected: socket.socket,
        loop: asyncio.AbstractEventLoop,
        context: ssl.SSLContext,
        host: str,
    ) -> None:
        """Take over a connected socket; handshake() must follow."""
        self._from_net, self._to_net = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from_net, self._to_net, server_hostname=host)
        self._unsent = memoryview(b"")
        self._shaken = False
        self._fresh = False
        self._room = select.poll()
        self._room.register(connected.fileno(), select.POLLOUT)
        super().__init__(connected, loop)

    @property
    def backlog(self) -> bool:
        """Whether a frame's ciphertext is partly unwritten."""
        return bool(self._unsent) or bool(self._to_net.pending)

    async def handshake(self, seconds: float) -> None:
        """Agree on keys and check the certificate. Raises ssl.SSLError, TimeoutError or ConnectionError."""
        end = self._loop.time() + seconds
        while True:
            self._fresh = False
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                await self._more(end)
            except ssl.SSLError:
                self._flush()
                raise
            else:
                break
        self._shaken = True
        self._flush()
        self._decrypt()

    async def _more(self, end: float) -> None:
        """Wait for further bytes of the handshake."""
        while not self._fresh:
            if self.ended:
                raise ConnectionResetError
            if not await self.wait(max(0.0, end - self._loop.time()), writable=self.backlog):
                raise TimeoutError

    def send(self, buffers: Sequence[bytes | memoryview]) -> int:
        """Encrypt and write one frame if the socket takes at least its beginning; else 0, and nothing was encrypted."""
        self._flush()
        if self.backlog or not self._room.poll(0):
            return 0
        plain = b"".join(buffers)
        try:
            self._tls.write(plain)
        except ssl.SSLError as fault:
            raise ConnectionError from fault
        self._flush()
        return len(plain)

    def _flush(self) -> None:
        """Write ciphertext that is waiting, as far as the socket takes it."""
        while self.backlog:
            if not self._unsent:
                self._unsent = memoryview(self._to_net.read())
            try:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
            except (BlockingIOError, InterruptedError):
                return

    def _on_writable(self) -> None:
        """Write what is left over before anyone writes more."""
        try:
            self._flush()
        except OSError:
            self._end()
        self._wake()

    def _receive(self, data: bytes) -> bool:
        """Decrypt what came; True when something readable came out of it."""
        self._from_net.write(data)
        self._fresh = True
        return self._decrypt() if self._shaken else True

    def _decrypt(self) -> bool:
        """Move decrypted bytes to the inbox."""
        data = b""
        try:
            while data := self._tls.read(_READ):
                super()._receive(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self._end()
            return False
        else:
            self._end()
        return bool(self._inbox)

    def close(self) -> None:
        """Say goodbye as TLS has it, as far as the socket takes it, and close."""
        if self._shaken and not self.ended:
            with contextlib.suppress(ssl.SSLError, OSError):
                self._tls.unwrap()
            with contextlib.suppress(OSError):
                self._flush()
        super().close()
