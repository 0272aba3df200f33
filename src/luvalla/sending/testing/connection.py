"""A connection of the receiver: bytes in, cut into commands and letters; answers out, in their order."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import ssl

    from luvalla.sending.testing.records import Counters, Received
    from luvalla.sending.testing.switches import Switches


class House(Protocol):
    """What a session needs of the receiver it belongs to."""

    switches: Switches
    counters: Counters
    security: str
    users: dict[str, str]
    context: ssl.SSLContext | None

    def now(self) -> float:
        """Tell the time."""

    def keep(self, message: Received) -> None:
        """Keep or hand on a letter."""

    def enter(self, session: Connection) -> bool:
        """Note a session; False when it is one too many."""

    def leave(self, session: Connection) -> None:
        """Forget a session."""


_MOST_LINE: Final = 16384


class Connection(asyncio.Protocol, ABC):
    """Reads and answers; what is said is its subclasses' business."""

    def __init__(self, house: House) -> None:
        """Belong to a receiver."""
        self._house = house
        self._counters = house.counters
        self._switches = house.switches
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._awaiting: Callable[[bytes], None] | None = None
        self._deaf = False
        self._in_data = False
        self._idle: asyncio.TimerHandle | None = None
        self._upgrade: asyncio.Task[None] | None = None

    @abstractmethod
    def _command(self, line: bytes) -> None:
        """Answer one command."""

    @abstractmethod
    def _chunk(self, line: bytes, behind: int) -> int | None:
        """Take a BDAT and its bytes; give the position behind them, None while they aren't all there."""

    @abstractmethod
    def _finish(self, data: bytes, *, chunked: bool) -> None:
        """Answer a whole letter."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or turn away."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._counters.connections += 1
        if not self._house.enter(self):
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()
            return
        transport.write(self._switches.banner)
        self._wait_idle()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Forget the sender."""
        self._deaf = True
        if self._idle is not None:
            self._idle.cancel()
        self._house.leave(self)

    def _wait_idle(self) -> None:
        """Close an idle connection after a while, if so told."""
        if self._switches.goodbye_after:
            if self._idle is not None:
                self._idle.cancel()
            self._idle = asyncio.get_running_loop().call_later(self._switches.goodbye_after, self._say_goodbye)

    def _say_goodbye(self) -> None:
        """End the connection as a server does that has waited long enough."""
        self._hang_up(b"421 4.4.2 Idle for too long\r\n")

    def _hang_up(self, last_words: bytes = b"") -> None:
        """Send what is ready and close."""
        self._deaf = True
        self._out.append(last_words)
        self._flush()
        if self._transport is not None:
            self._later(self._transport.close)

    def abort(self) -> None:
        """End the connection at once: the receiver stops."""
        self._deaf = True
        if self._upgrade is not None:
            self._upgrade.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _slam(self) -> None:
        """Close without another word; answers that were ready still leave."""
        self._counters.dropped += 1
        self._hang_up()

    def _flush(self) -> None:
        """Let the answers leave."""
        answers = b"".join(self._out)
        self._out.clear()
        if answers and self._transport is not None:
            if self._switches.delay:
                self._later(self._transport.write, answers)
            else:
                self._transport.write(answers)

    def _later(self, act: Callable[..., None], *arguments: bytes) -> None:
        """Do it after the delay."""
        if self._switches.delay:
            asyncio.get_running_loop().call_later(self._switches.delay, act, *arguments)
        else:
            act(*arguments)

    def _say(self, code: bytes, status: bytes = b"", text: bytes = b"Ok") -> None:
        """Add an answer."""
        if status and self._switches.status_codes:
            self._out.append(b"%b %b %b\r\n" % (code, status, text))
        else:
            self._out.append(b"%b %b\r\n" % (code, text))

    def data_received(self, data: bytes) -> None:
        """Take bytes apart into commands and letters."""
        if self._deaf:
            return
        self._buffer += data
        self._wait_idle()
        if self._switches.size and len(self._buffer) > 2 * self._switches.size:
            self._hang_up(b"552 5.3.4 Too big\r\n")
            return
        if self._upgrade is None or self._upgrade.done():
            self._read()

    def _read(self) -> None:
        """Answer what can be answered of what has come."""
        position = 0
        while not self._deaf:
            taken = self._read_text(position) if self._in_data else self._read_line(position)
            if taken <= position:
                break
            position = taken
            if self._switches.swallow_pipelined and not self._in_data:
                position = len(self._buffer)
        del self._buffer[:position]
        self._flush()

    def _read_line(self, start: int) -> int:
        """Read one command, for BDAT with its chunk; give the position behind it, or start if it isn't all there."""
        end = self._buffer.find(b"\n", start)
        if end < 0:
            if len(self._buffer) - start > _MOST_LINE:
                self._say(b"500", b"5.5.2", b"Line too long")
                self._hang_up()
            return start
        line = bytes(self._buffer[start:end]).rstrip(b"\r")
        if self._awaiting is None and line[:5].upper() == b"BDAT " and not self._switches.refuse_chunks:
            behind = self._chunk(line, end + 1)
            return start if behind is None else behind
        self._command(line)
        return end + 1

    def _read_text(self, start: int) -> int:
        """Read the text behind DATA when all of it is there."""
        if self._buffer.startswith(b".\r\n", start):
            text, end = b"", start + 3
        else:
            found = self._buffer.find(b"\r\n.\r\n", start)
            if found < 0:
                return start
            text, end = bytes(self._buffer[start : found + 2]), found + 5
        self._in_data = False
        if text.startswith(b"."):
            text = text[1:]
        self._finish(text.replace(b"\r\n..", b"\r\n."), chunked=False)
        return end
