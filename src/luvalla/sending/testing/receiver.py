"""The receiver itself: a server in a thread of its own, with a port that is free."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from luvalla.sending.relay import Relay, Security, Timeouts
from luvalla.sending.testing.certificate import Certificate, make_certificate
from luvalla.sending.testing.records import Counters, Received
from luvalla.sending.testing.session import Session
from luvalla.sending.testing.switches import Switches

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from luvalla.sending.testing.connection import Connection


class Receiver:
    """An SMTP server on loopback; a context manager, and usable by start() and stop().

    port: 0 for any free one, known after the start; security: "plain", "starttls" or "tls"; users: names and passwords,
    none for a server that asks for none; on_message: called in the receiver's thread for each letter, which is then not
    kept in memory; clock: what "time of the MAIL command" is read from; session: who speaks on each connection.
    """

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        security: str = "plain",
        users: dict[str, str] | None = None,
        certificate: Certificate | None = None,
        on_message: Callable[[Received], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        session: Callable[[Receiver], Session] = Session,
    ) -> None:
        """Prepare; nothing listens yet."""
        self.switches = switches or Switches()
        self.host = host
        self.port = port
        self.security = security
        self.users = users or {}
        self.counters = Counters()
        self.messages: list[Received] = []
        self.certificate = None if security == "plain" else certificate or make_certificate()
        self.context: ssl.SSLContext | None = self.certificate.server_context() if self.certificate else None
        self.now = clock
        self._take = on_message or self.messages.append
        self._session = session
        self._sessions: set[Connection] = set()
        self._thread = threading.Thread(target=self._serve, name="smtp-receiver", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._fault: BaseException | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        self._thread.start()
        self._started.wait()
        if self._fault is not None:
            self._thread.join()
            raise self._fault

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._stopping is not None and self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Give its address as a relay's URL, without credentials."""
        scheme = {"plain": "smtp", "starttls": "smtp+starttls", "tls": "smtps"}[self.security]
        return f"{scheme}://{self.host}:{self.port}"

    def relay(self, *, window: int = 32, connections: int = 1, timeouts: Timeouts | None = None) -> Relay:
        """Give the settings that send to it: with its security, its certificate trusted, its first user logged in."""
        name, password = next(iter(self.users.items()), ("", ""))
        relay = Relay(
            self.host,
            self.port,
            Security(self.security),
            name,
            password,
            window=window,
            connections=connections,
            timeouts=timeouts or Timeouts(),
        )
        return relay if self.certificate is None else replace(relay, tls_context=self.certificate.client_context)

    def keep(self, message: Received) -> None:
        """Keep or hand on a letter."""
        self._take(message)

    def enter(self, session: Connection) -> bool:
        """Note a session; False when it is one too many."""
        self._sessions.add(session)
        most = self.switches.most_connections
        return not most or len(self._sessions) <= most

    def leave(self, session: Connection) -> None:
        """Forget a session."""
        self._sessions.discard(session)

    def _serve(self) -> None:
        """Run the loop in the thread."""
        try:
            asyncio.run(self._listen())
        except BaseException as fault:  # noqa: BLE001  # handed to the thread that started us
            self._fault = fault
        finally:
            self._started.set()

    async def _listen(self) -> None:
        """Listen until told to stop."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        context = self.context if self.security == "tls" else None
        server = await self._loop.create_server(
            lambda: self._session(self), self.host, self.port, ssl=context, backlog=1024
        )
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stopping.wait()
        server.close()
        for session in list(self._sessions):
            session.abort()
        await asyncio.sleep(0)
